import type { BudgetView } from "../bitbucket/port.ts";
import type { JobRecord, PodRecord } from "../domain/cluster-objects.ts";
import { configuredGroup, type ManagedGroup, retiredGroup } from "../domain/managed-group.ts";
import { GROUP_LABEL, INSTALLATION_LABEL, ownSelector } from "../domain/mark.ts";
import type { RunnerListing } from "../domain/remote-runner.ts";
import type { Runner } from "../domain/runner.ts";
import type { Scope } from "../domain/scope.ts";
import type { Dependencies } from "../reconcile/dependencies.ts";
import type { ScopeVisit } from "../reconcile/reconciler.ts";
import { belongsTo, mergeRunners } from "../runners/merge.ts";
import type { GroupSnapshot } from "../scaling/snapshot.ts";
import type { GroupPass } from "./group-pass.ts";

/** Both planes of one scope, each read completely in this pass and shared by all its groups. */
export interface ScopeReading {
  readonly scope: Scope;
  /** When the pass began. */
  readonly startedAt: number;
  readonly listing: RunnerListing;
  readonly jobs: readonly JobRecord[];
  readonly pods: readonly PodRecord[];
}

/**
 * Reads both planes of a scope: all runners in Bitbucket; all Jobs of ours, wherever they are; in the groups' namespaces also the Jobs
 * that carry no mark (the original's, to be adopted); and the pods of all these namespaces.
 *
 * @throws when any of it cannot be read completely: a part is no snapshot.
 */
export async function observeScope(
  { bitbucket, cluster, clock, installation, signal }: Dependencies,
  { scope, groups }: Pick<ScopeVisit, "scope" | "groups">,
): Promise<ScopeReading> {
  const startedAt = clock.now();
  const configured = [...new Set(groups.map((group) => group.namespace))];
  const [listing, marked, unmarked] = await Promise.all([
    bitbucket.list(scope, signal),
    cluster.jobsEverywhere(ownSelector(installation, { scope }), signal),
    Promise.all(configured.map((namespace) => cluster.jobs(namespace, signal, `!${INSTALLATION_LABEL}`))),
  ]);
  const namespaces = new Set([...configured, ...marked.map((job) => job.namespace)]);
  const pods = await Promise.all([...namespaces].map((namespace) => cluster.pods(namespace, signal)));
  return { scope, startedAt, listing, jobs: [...marked, ...unmarked.flat()], pods: pods.flat() };
}

/**
 * The groups of a scope: those of the configuration, and those whose Jobs are still there although they left it. While the latter cannot
 * be told from groups whose scope is not resolved yet, they are left alone. Of several groups with one scope and one label set (a
 * workspace named by slug and by uuid) the first counts: two would fight over the same runners.
 */
export function managedGroups(
  reading: ScopeReading,
  { groups, retiredGroups }: Pick<ScopeVisit, "groups" | "retiredGroups">,
): readonly ManagedGroup[] {
  const configured = new Map<string, ManagedGroup>();
  for (const group of groups.map((each) => configuredGroup(each, reading.scope))) {
    if (!configured.has(group.key)) configured.set(group.key, group);
  }
  if (retiredGroups === "unknown") return [...configured.values()];
  const retired = new Set(
    reading.jobs.flatMap((job) => job.labels[GROUP_LABEL] ?? []).filter((key) => !configured.has(key)),
  );
  return [...configured.values(), ...[...retired].sort().map(retiredGroup)];
}

/** All that a decision about the group may look at, from the scope's reading. */
export function groupSnapshot(
  { deps, group, listing, state, constants }: GroupPass,
  reading: ScopeReading,
): GroupSnapshot {
  return {
    now: deps.clock.now(),
    group,
    runners: runnersOf(reading, group, deps.installation),
    listing,
    scopeSize: listing.runners.length,
    unresolved: state.unresolved,
    demand: undefined,
    coolDownMs: constants.coolDownMs,
    affordable: affordableRegistrations(deps.bitbucket.budget()),
    creationRetryAt: state.backOff.until,
  };
}

/** One group's runners in a scope's reading. */
export function runnersOf(reading: ScopeReading, group: ManagedGroup, installation: string): readonly Runner[] {
  const planes = {
    installation,
    remotes: reading.listing.runners,
    jobs: reading.jobs,
    pods: reading.pods,
    secrets: [],
    readAt: reading.startedAt,
  };
  return mergeRunners(planes, group.settings).filter((runner) =>
    belongsTo(runner, group.key, group.settings?.labels ?? []),
  );
}

/** Registrations that the budget allows now, with enough kept back for listings to continue. */
function affordableRegistrations(budget: BudgetView): number {
  return Math.max(0, Math.floor(budget.left - 0.2 * budget.capacity));
}
