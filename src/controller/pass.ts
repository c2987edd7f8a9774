import type { Decision } from "../domain/decision.ts";
import type { RunnerView } from "../domain/report.ts";
import type { Runner } from "../domain/runner.ts";
import { SCOPE_CAPACITY, scopeName } from "../domain/scope.ts";
import type { ScopeReading } from "../domain/scope-reading.ts";
import type { Dependencies } from "../reconcile/dependencies.ts";
import { readScope } from "../reconcile/read-scope.ts";
import type { ScopeVisit } from "../reconcile/reconciler.ts";
import type { ScopeMemory } from "../reconcile/scope-memory.ts";
import { type GroupPlan, planGroup } from "../scaling/plan.ts";
import type { GroupSnapshot } from "../scaling/snapshot.ts";
import { RemediedError } from "../support/errors.ts";
import { type Executed, execute, NOTHING_DONE } from "./execute.ts";
import { type GroupPass, ScopeCapacity } from "./group-pass.ts";
import type { GroupState } from "./group-state.ts";
import { groupSnapshot, managedGroups } from "./observe.ts";

/** The outcome of a pass over a scope. */
export interface Passed {
  /** Something is on its way: look again soon. */
  readonly changing: boolean;
  /** The groups that were looked after, by name. */
  readonly groups: readonly string[];
  /** Nothing of ours is in the scope, nor remembered. */
  readonly empty: boolean;
  readonly failures: number;
}

/**
 * One pass: observe the scope once, then decide, plan and execute for each of its groups side by side.
 *
 * @param stateOf by group key; the same from pass to pass
 * @throws when the scope cannot be observed completely; then nothing was written.
 */
export async function passScope(
  deps: Dependencies,
  visit: ScopeVisit,
  memory: ScopeMemory,
  stateOf: (groupKey: string) => GroupState,
): Promise<Passed> {
  const { scope, settings } = visit;
  const reading = await readScope(deps, visit, memory);
  const { listing } = reading;
  tellUnreadable(deps, reading);
  const capacity = new ScopeCapacity(SCOPE_CAPACITY - listing.runners.length);
  const groups = managedGroups(reading, visit);
  for (const { name } of visit.groups) if (!groups.some((group) => group.name === name)) tellLeftOut(deps, visit, name);

  const { constants } = settings;
  const passed = await Promise.all(
    groups.map((group) =>
      passGroup({ deps, scope, group, constants, listing, reading, memory, state: stateOf(group.key), capacity }),
    ),
  );
  return {
    changing: passed.some((group) => group.changing),
    groups: groups.map((group) => group.name),
    failures: passed.reduce((sum, { failures }) => sum + failures, reading.unreadable.size),
    empty: memory.isLongEmpty(isEmpty(reading), reading.took),
  };
}

function isEmpty({ runners, ledger }: ScopeReading): boolean {
  return Object.keys(ledger.runners).length === 0 && runners.every(({ ownership }) => ownership !== "ours");
}

async function passGroup(pass: GroupPass): Promise<{ readonly changing: boolean; readonly failures: number }> {
  const { reading, state, group } = pass;
  // Where the group's Jobs are cannot be read: whatever was decided would be a guess.
  if (group.settings !== undefined && reading.unreadable.has(group.settings.namespace))
    return { changing: false, failures: 0 };
  state.settle(reading.listing);
  const snapshot = groupSnapshot(pass, reading);
  state.noteStarts(snapshot.runners);
  const plan = planGroup(snapshot);
  tellDecision(pass, plan);
  const done = pass.deps.dryRun ? NOTHING_DONE : await execute(pass, plan);
  tellPass(pass, { startedAt: reading.startedAt, snapshot, plan, done });
  return { changing: isChanging(plan, done), failures: done.failures };
}

function tellDecision({ deps, scope, group, state }: GroupPass, plan: GroupPlan): void {
  const { decision, limits, create, undrain, drain, adopt } = plan;
  deps.emit({
    type: "decision-made",
    scope: scopeName(scope),
    group: group.name,
    decision,
    limits,
    isNews: isNews(state.decision, decision),
    planned: { create, undrain: undrain.length, drain: drain.length, adopt: adopt.length },
    dryRun: deps.dryRun,
  });
  state.decision = decision;
}

function isNews(before: Decision | undefined, now: Decision): boolean {
  return before?.desired !== now.desired || before.reason !== now.reason;
}

function isChanging({ decision, limits }: GroupPlan, done: Executed): boolean {
  const { supply, unknown, draining } = decision.numbers;
  const short = decision.desired !== supply.total + unknown && limits.length === 0;
  return short || supply.starting > 0 || draining > 0 || done.created + done.undrained + done.drained > 0;
}

/** What one group's pass saw, decided and did. */
interface PassFacts {
  readonly startedAt: number;
  readonly snapshot: GroupSnapshot;
  readonly plan: GroupPlan;
  readonly done: Executed;
}

function tellPass({ deps, scope, group, state }: GroupPass, { startedAt, snapshot, plan, done }: PassFacts): void {
  const limits = [...new Set([...plan.limits, ...done.limits])];
  const { desired } = plan.decision;
  for (const limit of limits)
    if (!state.limits.includes(limit))
      deps.emit({ type: "limit-met", scope: scopeName(scope), group: group.name, limit, desired });
  state.limits = limits;

  const { runners, now } = snapshot;
  const { created, undrained, drained, removed } = done;
  deps.emit({
    type: "group-pass-done",
    report: {
      group: group.name,
      scope: scopeName(scope),
      namespace: group.settings?.namespace ?? runners[0]?.job?.namespace ?? "",
      startedAt,
      decidedAt: now,
      at: deps.clock.now(),
      decision: plan.decision,
      limits,
      runners: runners.map(viewOf),
      created,
      undrained,
      drained,
      removed,
    },
  });
}

function viewOf({ uuid, phase, ownership, remote, job, pods }: Runner): RunnerView {
  return {
    uuid,
    name: remote?.name,
    phase,
    ownership,
    status: remote?.status,
    job: job === undefined ? undefined : `${job.namespace}/${job.name}`,
    pod: pods[0]?.name,
    createdAt: remote?.createdAt ?? job?.createdAt,
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

function tellUnreadable({ emit }: Dependencies, { scope, unreadable }: ScopeReading): void {
  for (const error of unreadable.values())
    emit({ type: "failure", operation: "read-namespace", about: { scope: scopeName(scope) }, error });
}

function tellLeftOut({ emit }: Dependencies, { scope }: ScopeVisit, group: string): void {
  const error = new SameRunners(group);
  emit({ type: "failure", operation: "tell-groups-apart", about: { scope: scopeName(scope), group }, error });
}
