import type { JobRecord } from "../domain/cluster-objects.ts";
import { bareUuid, bracedUuid, INSTALLATION_LABEL, jobName, RUNNER_UUID_LABEL } from "../domain/mark.ts";

/** Jobs, sorted by what they may say. */
export interface Believed {
  /** The Job that speaks for each runner, by bare uuid. */
  readonly byUuid: ReadonlyMap<string, JobRecord>;
  /** Marked as this installation's, and not believed: copies, and forged ones. */
  readonly unbelieved: readonly JobRecord[];
}

/**
 * Which Job speaks for which runner. A Job's labels can be written by whoever may write in its namespace, so it is believed only in a
 * namespace where ours are made, and speaks only for the uuid whose name it has; of several the oldest, which was there before anybody
 * could copy it.
 *
 * @param namespaces those of the configuration and of the ledger
 */
export function believedJobs(
  jobs: readonly JobRecord[],
  namespaces: ReadonlySet<string>,
  installation: string,
): Believed {
  const byUuid = new Map<string, JobRecord>();
  const unbelieved: JobRecord[] = [];
  const disbelieve = (job: JobRecord) => {
    if (job.labels[INSTALLATION_LABEL] === installation) unbelieved.push(job);
  };
  for (const job of jobs.toSorted(oldestFirst)) {
    const uuid = namedUuid(job);
    if (uuid === undefined || !namespaces.has(job.namespace) || byUuid.has(uuid)) disbelieve(job);
    else byUuid.set(uuid, job);
  }
  return { byUuid, unbelieved };
}

/** The uuid that a Job is about, when its name, its label and what its pods start agree on it. */
function namedUuid(job: JobRecord): string | undefined {
  const label = job.labels[RUNNER_UUID_LABEL];
  const uuid = label ?? (job.runnerUuid === undefined ? undefined : bareUuid(job.runnerUuid));
  if (uuid === undefined || job.name !== jobName(uuid)) return undefined;
  return job.runnerUuid === undefined || job.runnerUuid === bracedUuid(uuid) ? uuid : undefined;
}

function oldestFirst(a: JobRecord, b: JobRecord): number {
  return a.createdAt - b.createdAt || (`${a.namespace}/${a.uid}` < `${b.namespace}/${b.uid}` ? -1 : 1);
}
