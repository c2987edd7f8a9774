import type { JobRecord, PodRecord } from "../domain/cluster-objects.ts";
import { configuredGroup, type ManagedGroup, retiredGroup } from "../domain/managed-group.ts";
import { GROUP_LABEL, INSTALLATION_LABEL, SCOPE_LABEL, scopeLabel } from "../domain/mark.ts";
import type { RunnerListing } from "../domain/remote-runner.ts";
import type { Runner } from "../domain/runner.ts";
import type { Scope } from "../domain/scope.ts";
import type { GroupSettings } from "../domain/settings.ts";
import type { Worlds } from "../reconcile/dependencies.ts";
import { belongsTo, mergeRunners } from "../runners/merge.ts";

/** Both planes of one scope, each read completely in this pass and shared by all its groups. */
export interface ScopeReading {
  readonly scope: Scope;
  /** World time when the pass began. */
  readonly startedAt: number;
  readonly listing: RunnerListing;
  readonly jobs: readonly JobRecord[];
  readonly pods: readonly PodRecord[];
}

/**
 * Reads both planes of a scope: all runners in Bitbucket; all Jobs of ours, wherever they are; in the groups' namespaces also the Jobs
 * that carry no mark (the original's, to be adopted); and the pods of all these namespaces.
 *
 * @throws when any of it cannot be read completely: a part is no picture.
 */
export async function observeScope(
  { bitbucket, cluster, clock, installation }: Pick<Worlds, "bitbucket" | "cluster" | "clock" | "installation">,
  scope: Scope,
  groups: readonly GroupSettings[],
  signal: AbortSignal,
): Promise<ScopeReading> {
  const startedAt = clock.now();
  const configured = [...new Set(groups.map((group) => group.namespace))];
  const [listing, marked, unmarked] = await Promise.all([
    bitbucket.list(scope, signal),
    cluster.jobsEverywhere(`${INSTALLATION_LABEL}=${installation},${SCOPE_LABEL}=${scopeLabel(scope)}`, signal),
    Promise.all(configured.map((namespace) => cluster.jobs(namespace, signal, `!${INSTALLATION_LABEL}`))),
  ]);
  const namespaces = new Set([...configured, ...marked.map((job) => job.namespace)]);
  const pods = await Promise.all([...namespaces].map((namespace) => cluster.pods(namespace, signal)));
  return { scope, startedAt, listing, jobs: [...marked, ...unmarked.flat()], pods: pods.flat() };
}

/**
 * The groups of a scope: those of the configuration, and those whose Jobs are still there although the configuration forgot them. While
 * the latter cannot be told from groups whose scope is not resolved yet, they are left alone. Of several groups with one scope and one
 * label set (a workspace named by slug and by uuid) the first counts: two would fight over the same runners.
 */
export function managedGroups(
  reading: ScopeReading,
  settings: readonly GroupSettings[],
  forgottenGroups: "known" | "unknown",
): readonly ManagedGroup[] {
  const configured = new Map<string, ManagedGroup>();
  for (const group of settings.map((each) => configuredGroup(each, reading.scope))) {
    if (!configured.has(group.key)) configured.set(group.key, group);
  }
  if (forgottenGroups === "unknown") return [...configured.values()];
  const forgotten = new Set(
    reading.jobs.flatMap((job) => job.labels[GROUP_LABEL] ?? []).filter((key) => !configured.has(key)),
  );
  return [...configured.values(), ...[...forgotten].sort().map(retiredGroup)];
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
