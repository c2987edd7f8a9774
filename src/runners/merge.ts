import type { JobRecord, PodRecord, SecretRecord } from "../domain/cluster-objects.ts";
import { readDrain } from "../domain/drain.ts";
import type { Lasting } from "../domain/lasting.ts";
import type { LedgerEntry } from "../domain/ledger.ts";
import { bareUuid, bracedUuid, DRAIN_ANNOTATION, GROUP_LABEL, RUNNER_UUID_LABEL } from "../domain/mark.ts";
import type { RemoteRunner } from "../domain/remote-runner.ts";
import type { MergedRunner, Runner } from "../domain/runner.ts";
import { agentsOf } from "./agents.ts";
import { believedJobs } from "./job-of-runner.ts";
import { type AdoptingGroup, ownershipOf, sameLabels } from "./ownership.ts";
import { phaseOf } from "./phase.ts";

/** Both planes as read, to be merged by uuid. */
export interface Planes {
  readonly installation: string;
  readonly remotes: readonly RemoteRunner[];
  readonly jobs: readonly JobRecord[];
  readonly pods: readonly PodRecord[];
  readonly secrets: readonly SecretRecord[];
  /** Where Jobs of ours may be: others are not believed. */
  readonly namespaces: ReadonlySet<string>;
  /** What the ledger has of each runner, by uuid with braces. */
  readonly entries: Readonly<Record<string, LedgerEntry>>;
}

/** One for each uuid that is on either plane. The original's runners that fit one of `groups` show as adoptable. */
export function mergePlanes(planes: Planes, groups: readonly AdoptingGroup[]): readonly MergedRunner[] {
  const { installation, entries } = planes;
  const remotes = new Map(planes.remotes.map((remote) => [bareUuid(remote.uuid), remote]));
  const jobs = believedJobs(planes.jobs, planes.namespaces, installation).byUuid;
  const pods = byUuid(planes.pods, (pod) => pod.runnerUuid);
  const secrets = byUuid(planes.secrets, (secret) => secret.labels[RUNNER_UUID_LABEL]);

  const uuids = new Set([...remotes.keys(), ...jobs.keys()]);
  return [...uuids].map((uuid) => {
    const remote = remotes.get(uuid);
    const job = jobs.get(uuid);
    const own = pods.get(uuid) ?? [];
    const entry = entries[bracedUuid(uuid)];
    const mark = readDrain(job?.annotations[DRAIN_ANNOTATION]);
    return {
      uuid: bracedUuid(uuid),
      remote,
      job,
      pods: own,
      secret: secrets.get(uuid)?.[0],
      ownership: ownershipOf({ remote, job, entry, installation, groups }),
      drain: mark === "not-understood" ? undefined : mark,
      isMarkUnderstood: mark !== "not-understood",
      isDisableOurs: entry?.disable !== undefined,
      agents: agentsOf(job, own),
    };
  });
}

/** The runner in its phase. @param lasting for how long this process has seen what is so of it */
export function runnerIn(merged: MergedRunner, lasting: Lasting): Runner {
  return { ...merged, lasting, phase: phaseOf(merged, lasting) };
}

/**
 * Whether a runner is one of a group's. The group label on its Job decides, so that nobody is counted twice and edits of labels in
 * Bitbucket change nothing; a runner without marked Job belongs where its label set says.
 */
export function belongsTo(
  runner: Pick<Runner, "job" | "remote" | "ownership">,
  key: string,
  labels: readonly string[],
): boolean {
  const label = runner.job?.labels[GROUP_LABEL];
  if (label !== undefined && runner.ownership === "ours") return label === key;
  return runner.remote !== undefined && sameLabels(runner.remote.labels, labels);
}

function byUuid<T>(items: readonly T[], uuidOf: (item: T) => string | undefined): ReadonlyMap<string, readonly T[]> {
  const map = new Map<string, T[]>();
  for (const item of items) {
    const uuid = uuidOf(item);
    if (uuid === undefined) continue;
    const bare = bareUuid(uuid);
    const known = map.get(bare);
    if (known === undefined) map.set(bare, [item]);
    else known.push(item);
  }
  return map;
}
