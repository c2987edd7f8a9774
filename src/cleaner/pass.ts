import type { CleanStep, LeaveReason } from "../domain/clean-up.ts";
import type { CleanReport } from "../domain/report.ts";
import { type Scope, scopeName } from "../domain/scope.ts";
import { LEFTOVER_AGE_MS } from "../domain/times.ts";
import type { TellTrouble } from "../reconcile/error-reporter.ts";
import type { ScopeVisit } from "../reconcile/reconciler.ts";
import { inParallel } from "../support/parallel.ts";
import { cleanStep } from "./clean-step.ts";
import type { CleanerParts } from "./dependencies.ts";
import { type CleanOutcome, removeOwnerlessSecret, takeCleanStep } from "./execute.ts";
import { type CleanReading, observeForCleaning } from "./observe.ts";

/** Runners acted on side by side: the cleaner's share of the request budget is small. */
const SIDE_BY_SIDE = 4;

/** Reasons that pass by themselves within minutes: worth another look soon. */
const PASSING: ReadonlySet<LeaveReason> = new Set(["too-young", "secret-may-be-cached", "waiting-for-disable"]);

export interface CleanPass extends ScopeVisit {
  readonly parts: CleanerParts;
  readonly troubled: TellTrouble;
  /** Since when each runner was seen without a pod (world time), by uuid; kept from pass to pass. */
  readonly podless: Map<string, number>;
}

export interface CleanResult {
  readonly failures: number;
  /** Something is half-way or about to be provable. */
  readonly pending: boolean;
  /** Nothing of ours is in the scope. */
  readonly empty: boolean;
}

/**
 * One clean-up pass over one scope: look at everything of ours, take one step for each runner that needs one.
 *
 * @throws when the scope cannot be observed completely; then nothing was written.
 */
export async function cleanScope(pass: CleanPass): Promise<CleanResult> {
  const { parts, scope, signal } = pass;
  const { worlds } = parts;
  const startedAt = worlds.clock.now();
  const reading = await observeForCleaning(worlds, scope, namespacesOf(pass), signal);
  notePodless(pass.podless, reading);

  const steps = reading.runners.map((runner) => ({
    runner,
    step: cleanStep(runner, {
      begunAt: reading.listing.begunAt,
      serverTime: reading.listing.serverTime,
      podlessSince: pass.podless.get(runner.uuid),
    }),
  }));
  const due = steps.flatMap(({ runner, step }) => (step.kind === "leave" ? [] : [{ runner, step }]));
  const oldSecrets = reading.ownerless.filter((secret) => worlds.clock.now() - secret.createdAt > LEFTOVER_AGE_MS);
  for (const { runner, step } of due)
    worlds.log.info(parts.dryRun ? "Would clean up" : "Cleaning up", {
      uuid: runner.uuid,
      step: step.kind,
      ...causeOf(step),
    });

  const [runners, secrets] = parts.dryRun
    ? [[], []]
    : await Promise.all([
        inParallel(due, SIDE_BY_SIDE, ({ runner, step }) => takeCleanStep(worlds, reading, runner, step, signal)),
        inParallel(oldSecrets, SIDE_BY_SIDE, (secret) => removeOwnerlessSecret(worlds, reading, secret, signal)),
      ]);
  const failed = [...runners, ...secrets].flatMap((result) =>
    result.status === "rejected" ? [result.reason as unknown] : [],
  );
  for (const error of failed) pass.troubled(scopeName(scope), error);

  const left = countReasons(steps.map(({ step }) => step));
  report(parts, scope, {
    startedAt,
    runners: reading.runners.length,
    removedRunners: countRemoved(runners),
    removedSecrets: countRemoved(secrets),
    left,
  });
  return {
    failures: failed.length,
    pending: due.length > 0 || Object.keys(left).some((why) => PASSING.has(why as LeaveReason)),
    empty: reading.runners.length === 0 && reading.ownerless.length === 0,
  };
}

/**
 * Where the scope's runners are made; another scope's namespaces, which may hang, are none of its business. A scope that left the configuration
 * may have had its runners in any of them.
 */
function namespacesOf({ groups, settings }: CleanPass): readonly string[] {
  const where = groups.length > 0 ? groups : settings.groups;
  return [...new Set(where.map((group) => group.namespace))];
}

/** The cleaner remembers how long a runner has had no pod; forgetting it (a restart) only delays a removal. */
function notePodless(podless: Map<string, number>, reading: CleanReading): void {
  const now = new Set(reading.runners.filter((runner) => runner.pods.length === 0).map((runner) => runner.uuid));
  for (const uuid of podless.keys()) if (!now.has(uuid)) podless.delete(uuid);
  for (const uuid of now) if (!podless.has(uuid)) podless.set(uuid, reading.listing.begunAt);
}

function causeOf(step: CleanStep): { readonly cause?: string } {
  return "cause" in step ? { cause: step.cause } : {};
}

function countReasons(steps: readonly CleanStep[]): Partial<Record<LeaveReason, number>> {
  const left: Partial<Record<LeaveReason, number>> = {};
  for (const step of steps) if (step.kind === "leave") left[step.why] = (left[step.why] ?? 0) + 1;
  return left;
}

function countRemoved(results: readonly PromiseSettledResult<CleanOutcome>[]): number {
  return results.filter((result) => result.status === "fulfilled" && result.value === "removed").length;
}

function report({ worlds, reporter }: CleanerParts, scope: Scope, facts: Omit<CleanReport, "scope" | "at">): void {
  const { left, startedAt: _, ...counts } = facts;
  const fields = { scope: scopeName(scope), ...counts, ...left };
  if (facts.removedRunners + facts.removedSecrets > 0) worlds.log.info("Cleaned up", fields);
  else worlds.log.debug("Nothing to clean up", fields);
  reporter.cleaned({ ...facts, scope: scopeName(scope), at: worlds.clock.now() });
}
