import type { JobRecord, PodRecord, SecretRecord } from "../domain/cluster-objects.ts";
import { readDrain } from "../domain/drain.ts";
import {
  bareUuid,
  bracedUuid,
  DRAIN_ANNOTATION,
  GROUP_LABEL,
  INSTALLATION_LABEL,
  RUNNER_UUID_LABEL,
} from "../domain/mark.ts";
import type { RemoteRunner } from "../domain/remote-runner.ts";
import type { Runner } from "../domain/runner.ts";
import { type AdoptingGroup, ownershipOf, sameLabels } from "./ownership.ts";
import { phaseOf } from "./phase.ts";

/** Both planes as read, to be merged by uuid. */
export interface Planes {
  readonly installation: string;
  readonly remotes: readonly RemoteRunner[];
  readonly jobs: readonly JobRecord[];
  readonly pods: readonly PodRecord[];
  readonly secrets: readonly SecretRecord[];
  /** When they were read: milliseconds since the epoch. */
  readonly readAt: number;
}

/** One runner for each uuid that is on either plane. With `group`, the original's runners that fit it show as adoptable. */
export function mergeRunners(planes: Planes, group: AdoptingGroup | undefined): readonly Runner[] {
  const remotes = new Map(planes.remotes.map((remote) => [bareUuid(remote.uuid), remote]));
  const jobs = byUuid(planes.jobs, jobRunnerUuid);
  const pods = byUuid(planes.pods, (pod) => pod.runnerUuid);
  const secrets = byUuid(planes.secrets, (secret) => secret.labels[RUNNER_UUID_LABEL]);

  const uuids = new Set([...remotes.keys(), ...jobs.keys()]);
  return [...uuids].map((uuid) => {
    const remote = remotes.get(uuid);
    const job = preferMarked(jobs.get(uuid) ?? [], planes.installation);
    const own = pods.get(uuid) ?? [];
    const ownership = ownershipOf(remote, job, planes.installation, group);
    const drain = readDrain(job?.annotations[DRAIN_ANNOTATION]);
    const phase = phaseOf({ ownership, remote, job, pods: own, drain, readAt: planes.readAt });
    return { uuid: bracedUuid(uuid), remote, job, pods: own, secret: secrets.get(uuid)?.[0], ownership, drain, phase };
  });
}

/**
 * Whether a runner is one of a group's. The group label on its Job decides, so that nobody is counted twice and edits of labels in
 * Bitbucket change nothing; a runner without marked Job belongs where its label set says.
 */
export function belongsTo(runner: Runner, key: string, labels: readonly string[]): boolean {
  const label = runner.job?.labels[GROUP_LABEL];
  if (label !== undefined && runner.ownership === "ours") return label === key;
  return runner.remote !== undefined && sameLabels(runner.remote.labels, labels);
}

/** The uuid that a Job was made for: our label, else what its pod template starts. */
function jobRunnerUuid(job: JobRecord): string | undefined {
  return job.labels[RUNNER_UUID_LABEL] ?? job.runnerUuid;
}

/** Two Jobs may name one uuid when somebody copied one; the marked one is ours. */
function preferMarked(jobs: readonly JobRecord[], installation: string): JobRecord | undefined {
  return jobs.find((job) => job.labels[INSTALLATION_LABEL] === installation) ?? jobs[0];
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
