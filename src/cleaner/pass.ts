import type { LeaveReason } from "../domain/clean-up.ts";
import type { ScopeLedger } from "../domain/ledger.ts";
import { scopeName } from "../domain/scope.ts";
import { actOnEach } from "../reconcile/act-on-each.ts";
import type { Dependencies } from "../reconcile/dependencies.ts";
import type { ScopeVisit } from "../reconcile/reconciler.ts";
import { removeOwnerlessSecret, takeCleanUpStep } from "./execute.ts";
import { observeForCleanUp } from "./observe.ts";
import { type CleanUpPlan, planCleanUp } from "./plan.ts";
import { type ScopePass, type ScopeState, tellStep, whereabouts } from "./scope-pass.ts";
import type { ScopeSnapshot } from "./snapshot.ts";

/** Acted on side by side: the cleaner's share of the request budget is small. */
const SIDE_BY_SIDE = 4;

/** Reasons that pass by themselves within minutes: worth another look soon. */
const PASSING: ReadonlySet<LeaveReason> = new Set(["too-young", "secret-may-be-cached", "waiting-for-disable"]);

/** The outcome of a clean-up pass over a scope. */
export interface Cleaned {
  readonly failures: number;
  /** Something is half-way or about to be provable. */
  readonly pending: boolean;
  /** Nothing of ours has been in the scope for long. */
  readonly empty: boolean;
  /** What the ledger was then. */
  readonly ledger: ScopeLedger;
}

/**
 * One clean-up pass: observe the scope, plan one step for each runner of ours that needs one, execute.
 *
 * @throws when the scope cannot be observed completely; then nothing was written.
 */
export async function cleanScope(deps: Dependencies, visit: ScopeVisit, state: ScopeState): Promise<Cleaned> {
  const startedAt = deps.clock.now();
  const { scope, groups } = visit;
  const snapshot = await observeForCleanUp(deps, visit, state);
  const pass: ScopePass = { deps, scope, groups, snapshot, state };
  const plan = planCleanUp(snapshot);
  tellPlan(pass, plan);
  tellUntrusted(pass);

  const { failures, ...removed } = deps.dryRun ? NOTHING_DONE : await execute(pass, plan);
  deps.emit({
    type: "clean-up-done",
    report: {
      scope: scopeName(scope),
      startedAt,
      at: deps.clock.now(),
      runners: snapshot.runners.length,
      ...removed,
      left: countReasons(plan),
    },
  });
  if (!deps.dryRun) await forgetVacant(pass);
  return {
    failures: failures + snapshot.reading.unreadable.size,
    pending: plan.steps.length > 0 || snapshot.lone > 0 || plan.left.some(({ why }) => PASSING.has(why)),
    ledger: snapshot.reading.ledger,
    empty: state.memory.isLongEmpty(isEmpty(snapshot), snapshot.reading.took),
  };
}

/** Whoever has a group in one of them by now writes it down anew before a Job is made there. */
async function forgetVacant({ deps, scope, snapshot }: ScopePass): Promise<void> {
  const vacant = new Set(snapshot.vacant);
  if (vacant.size === 0) return;
  await deps.ledgers.change(scope, (ledger) => ({
    ...ledger,
    namespaces: ledger.namespaces.filter((each) => !vacant.has(each)),
  }));
}

function isEmpty({ reading, runners }: ScopeSnapshot): boolean {
  return (
    reading.unreadable.size === 0 &&
    runners.length === 0 &&
    reading.secrets.length === 0 &&
    Object.keys(reading.ledger.runners).length === 0
  );
}

/** What could not be read, and what was read and is not believed. */
function tellUntrusted({ deps, scope, snapshot, state }: ScopePass): void {
  const { unreadable, unbelieved } = snapshot.reading;
  const about = { scope: scopeName(scope) };
  for (const error of unreadable.values()) deps.emit({ type: "failure", operation: "read-namespace", about, error });
  for (const { namespace, name } of state.noteUnbelieved(unbelieved))
    deps.emit({ type: "job-not-believed", ...about, job: `${namespace}/${name}` });
}

function tellPlan(pass: ScopePass, { steps, left }: CleanUpPlan): void {
  const { deps, state } = pass;
  const { dryRun } = deps;
  for (const { runner, step } of steps) {
    const cause = "cause" in step ? { cause: step.cause } : {};
    tellStep(pass, runner, { kind: "clean-up", next: step.kind, ...cause, dryRun });
  }
  for (const { runner, why } of state.noteLeft(left))
    deps.emit({ type: "leftover-left", ...whereabouts(pass, runner), why });
}

/** Carries a plan out; an object that fails does not hold up the others. */
async function execute(pass: ScopePass, plan: CleanUpPlan): Promise<Executed> {
  const about = { scope: scopeName(pass.scope) };
  const [runners, secrets] = await Promise.all([
    actOnEach(pass.deps, {
      operation: "clean-up-step",
      about,
      width: SIDE_BY_SIDE,
      items: plan.steps,
      act: (due) => takeCleanUpStep(pass, due),
      runnerOf: ({ runner }) => runner,
    }),
    actOnEach(pass.deps, {
      operation: "remove-secret",
      about,
      width: SIDE_BY_SIDE,
      items: plan.secrets,
      act: (secret) => removeOwnerlessSecret(pass, secret),
      runnerOf: () => undefined,
    }),
  ]);
  return {
    removedRunners: runners.outcomes.filter((outcome) => outcome === "removed").length,
    removedSecrets: secrets.outcomes.filter((outcome) => outcome === "removed").length,
    failures: runners.failures + secrets.failures,
  };
}

/** The outcome of a plan. */
interface Executed {
  readonly removedRunners: number;
  readonly removedSecrets: number;
  readonly failures: number;
}

const NOTHING_DONE: Executed = { removedRunners: 0, removedSecrets: 0, failures: 0 };

function countReasons({ left }: CleanUpPlan): Partial<Record<LeaveReason, number>> {
  const counts: Partial<Record<LeaveReason, number>> = {};
  for (const { why } of left) counts[why] = (counts[why] ?? 0) + 1;
  return counts;
}
