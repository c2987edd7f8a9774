import type { BudgetView } from "../bitbucket/port.ts";
import type { Decision } from "../domain/decision.ts";
import type { ManagedGroup } from "../domain/managed-group.ts";
import type { RunnerView } from "../domain/report.ts";
import type { Runner } from "../domain/runner.ts";
import { SCOPE_CAPACITY, scopeName } from "../domain/scope.ts";
import type { TellTrouble } from "../reconcile/error-reporter.ts";
import type { ScopeVisit } from "../reconcile/reconciler.ts";
import { type Plan, planGroup } from "../scaling/plan.ts";
import { RemediedError } from "../support/errors.ts";
import type { ControllerParts } from "./dependencies.ts";
import { type Executed, execute } from "./execute.ts";
import type { GroupMemory } from "./group-state.ts";
import { managedGroups, observeScope, runnersOf, type ScopeReading } from "./observe.ts";
import { ScopeRoom } from "./scope-capacity.ts";

/** What one pass over a scope is given. */
export interface ScopePass extends ScopeVisit {
  readonly parts: ControllerParts;
  readonly troubled: TellTrouble;
  /** By group key; the same from pass to pass. */
  readonly memoryOf: (key: string) => GroupMemory;
}

export interface PassResult {
  /** Something is on its way: look again soon. */
  readonly changing: boolean;
  /** The groups that were looked after, by name. */
  readonly groups: readonly string[];
  readonly failures: number;
}

/**
 * One pass: observe the scope once, then decide, plan and execute for each of its groups side by side.
 *
 * @throws when the scope cannot be observed completely; then nothing was written.
 */
export async function passScope(pass: ScopePass): Promise<PassResult> {
  const reading = await observeScope(pass.parts.worlds, pass.scope, pass.groups, pass.signal);
  const room = new ScopeRoom(SCOPE_CAPACITY - reading.listing.runners.length);
  const groups = managedGroups(reading, pass.groups, pass.forgotten);
  for (const { name } of pass.groups)
    if (!groups.some((group) => group.name === name)) pass.troubled(name, new SameRunners(name));
  const results = await Promise.all(groups.map((group) => passGroup(pass, reading, group, room)));
  return {
    changing: results.some((result) => result.changing),
    groups: groups.map((group) => group.name),
    failures: results.reduce((sum, result) => sum + result.failures, 0),
  };
}

/** Two groups of the configuration turned out to mean the same runners. */
class SameRunners extends RemediedError {
  override readonly name = "SameRunners";

  constructor(group: string) {
    super(
      `The group "${group}" has the scope and the labels of a group before it: their runners are the same.`,
      "Give the groups different labels, or make them one; until then this one is left out.",
    );
  }
}

async function passGroup(
  pass: ScopePass,
  reading: ScopeReading,
  group: ManagedGroup,
  room: ScopeRoom,
): Promise<Pick<PassResult, "changing" | "failures">> {
  const { parts, scope } = pass;
  const { constants } = pass.settings;
  const { worlds } = parts;
  const memory = pass.memoryOf(group.key);
  memory.settle(reading.listing);
  const runners = runnersOf(reading, group, worlds.installation);
  const plan = planGroup({
    group,
    runners,
    read: reading.listing,
    scopeSize: reading.listing.runners.length,
    unresolved: memory.unresolved,
    demand: undefined,
    coolDownMs: constants.coolDownMs,
    affordable: affordableRegistrations(worlds.bitbucket.budget()),
    backingOff: memory.backOff.active,
  });
  explain(parts, group, memory, plan);

  const ground = { worlds, scope, listing: reading.listing };
  const done = parts.dryRun
    ? NOTHING_DONE
    : await execute(
        {
          ground,
          group,
          template: await parts.template(),
          constants,
          memory,
          room,
          stopping: pass.stopping,
          signal: pass.signal,
        },
        plan,
      );
  for (const error of done.errors) pass.troubled(group.name, error);
  report(pass, reading, group, runners, plan, done);
  return { changing: isChanging(plan, done), failures: done.errors.length };
}

/** Registrations that the budget allows now, with enough kept back for listings to go on. */
function affordableRegistrations(budget: BudgetView): number {
  return Math.max(0, Math.floor(budget.left - 0.2 * budget.capacity));
}

const NOTHING_DONE: Executed = { created: 0, undrained: 0, drained: 0, removed: 0, limits: [], errors: [] };

/** A decision is said once, and again when it changes. */
function explain({ worlds, dryRun }: ControllerParts, group: ManagedGroup, memory: GroupMemory, plan: Plan): void {
  const { desired, reason, numbers } = plan.decision;
  const fields = {
    group: group.name,
    desired,
    reason,
    ...numbers.supply,
    unknown: numbers.unknown,
    draining: numbers.draining,
    live: numbers.live,
    min: numbers.min,
    max: numbers.max,
    ...(numbers.demand !== undefined && { demand: numbers.demand }),
    ...(plan.limits.length > 0 && { limits: plan.limits.join(",") }),
    ...(dryRun && { wouldCreate: plan.create, wouldDrain: plan.drain.length, wouldReturn: plan.undrain.length }),
  };
  if (dryRun || isNews(memory.decision, plan.decision)) worlds.log.info("Decided", fields);
  else worlds.log.debug("Decided", fields);
  memory.decision = plan.decision;
}

function isNews(before: Decision | undefined, now: Decision): boolean {
  return before?.desired !== now.desired || before.reason !== now.reason;
}

function isChanging({ decision, limits }: Plan, done: Executed): boolean {
  const { supply, unknown, draining } = decision.numbers;
  const short = decision.desired !== supply.total + unknown && limits.length === 0;
  return short || supply.starting > 0 || draining > 0 || done.created + done.undrained + done.drained > 0;
}

function report(
  pass: ScopePass,
  reading: ScopeReading,
  group: ManagedGroup,
  runners: readonly Runner[],
  plan: Plan,
  done: Executed,
): void {
  pass.parts.reporter.report({
    group: group.name,
    scope: scopeName(pass.scope),
    namespace: group.settings?.namespace ?? runners[0]?.job?.namespace ?? "",
    startedAt: reading.startedAt,
    at: pass.parts.worlds.clock.now(),
    decision: plan.decision,
    limits: [...new Set([...plan.limits, ...done.limits])],
    runners: runners.map(viewOf),
    created: done.created,
    undrained: done.undrained,
    drained: done.drained,
    removed: done.removed,
  });
}

function viewOf(runner: Runner): RunnerView {
  return {
    uuid: runner.uuid,
    name: runner.remote?.name,
    phase: runner.phase,
    ownership: runner.ownership,
    status: runner.remote?.status,
    job: runner.job === undefined ? undefined : `${runner.job.namespace}/${runner.job.name}`,
    pod: runner.pods[0]?.name,
    createdAt: runner.remote?.createdAt ?? runner.job?.createdAt,
  };
}
