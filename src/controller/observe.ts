import type { BudgetView } from "../bitbucket/port.ts";
import { configuredGroup, type ManagedGroup, retiredGroup } from "../domain/managed-group.ts";
import { GROUP_LABEL } from "../domain/mark.ts";
import type { Runner } from "../domain/runner.ts";
import type { ScopeReading } from "../domain/scope-reading.ts";
import type { ScopeVisit } from "../reconcile/reconciler.ts";
import { belongsTo } from "../runners/merge.ts";
import type { GroupSnapshot } from "../scaling/snapshot.ts";
import type { GroupPass } from "./group-pass.ts";

/**
 * The groups of a scope: those of the configuration, and those whose Jobs are still there although they left it. A key that may be that of a
 * group whose scope is not resolved yet is left alone. Of several groups with one scope and one label set (a workspace named by slug and by
 * uuid) the first counts: two would fight over the same runners.
 */
export function managedGroups(
  { scope, runners }: Pick<ScopeReading, "scope" | "runners">,
  { groups, undecidedKeys }: Pick<ScopeVisit, "groups" | "undecidedKeys">,
): readonly ManagedGroup[] {
  const configured = new Map<string, ManagedGroup>();
  for (const group of groups.map((each) => configuredGroup(each, scope))) {
    if (!configured.has(group.key)) configured.set(group.key, group);
  }
  const keys = runners.flatMap(({ ownership, job }) => (ownership === "ours" ? (job?.labels[GROUP_LABEL] ?? []) : []));
  const retired = new Set(keys.filter((key) => !configured.has(key) && !undecidedKeys.has(key)));
  return [...configured.values(), ...[...retired].sort().map(retiredGroup)];
}

/** All that a decision about the group may look at, from the scope's reading. */
export function groupSnapshot(
  { deps, group, listing, state, constants }: Omit<GroupPass, "memory" | "reading">,
  reading: ScopeReading,
): GroupSnapshot {
  return {
    now: deps.clock.monotonic(),
    group,
    runners: runnersOf(reading, group),
    listing,
    scopeSize: listing.runners.length,
    unresolved: state.unresolved,
    demand: undefined,
    coolDownMs: constants.coolDownMs,
    affordable: affordableRegistrations(deps.bitbucket.budget()),
    creationRetryAt: state.creationRetryAt,
  };
}

/** One group's runners in a scope's reading. */
export function runnersOf({ runners }: Pick<ScopeReading, "runners">, group: ManagedGroup): readonly Runner[] {
  return runners.filter((runner) => belongsTo(runner, group.key, group.settings?.labels ?? []));
}

/** Registrations that the budget allows now, with enough kept back for listings to continue. */
function affordableRegistrations(budget: BudgetView): number {
  return Math.max(0, Math.floor(budget.left - 0.2 * budget.capacity));
}
