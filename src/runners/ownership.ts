import type { JobRecord } from "../domain/cluster-objects.ts";
import type { LedgerEntry } from "../domain/ledger.ts";
import { carriesMark, carriesSomeMark, INSTALLATION_LABEL } from "../domain/mark.ts";
import type { RemoteRunner } from "../domain/remote-runner.ts";
import type { Ownership } from "../domain/runner.ts";

/** What a runner must fit to become ours although it carries no mark: the original's runner of one of our groups. */
export interface AdoptingGroup {
  readonly labels: readonly string[];
  readonly namespace: string;
}

/** What ownership is told from. The Job is one that may speak for the runner at all (job-of-runner.ts). */
export interface Claim {
  readonly remote: RemoteRunner | undefined;
  readonly job: JobRecord | undefined;
  readonly entry: LedgerEntry | undefined;
  readonly installation: string;
  /** Those that may adopt. */
  readonly groups: readonly AdoptingGroup[];
}

/**
 * Whose a runner is. A registration is ours by the mark in its own name, or because the ledger has it, which only the control plane writes: a
 * Job's labels, which others can write, never make it so. A Job without registration is ours by its label. The original's runner is
 * adoptable when its label set is the group's, its Job is in the group's namespace, and no installation's mark is in its name: also when
 * the ledger has it already, until its Job has the mark. Everything else is foreign, registrations that merely carry `autoscaler.created` included: another installation's look the same.
 */
export function ownershipOf({ remote, job, entry, installation, groups }: Claim): Ownership {
  const mark = job?.labels[INSTALLATION_LABEL];
  if (remote === undefined) return mark === installation ? "ours" : "foreign";
  if (mark !== undefined && mark !== installation) return "foreign";
  if (carriesMark(remote, installation)) return "ours";

  const mayBeAdopted = job?.runnerUuid === remote.uuid && !carriesSomeMark(remote.name);
  const fits = ({ namespace, labels }: AdoptingGroup) =>
    job?.namespace === namespace && sameLabels(remote.labels, labels);
  const isAdoptable = mayBeAdopted && groups.some(fits);
  // The ledger has it, its Job has no mark yet: the adoption is not finished.
  if (entry !== undefined) return entry.adopted && mark === undefined && isAdoptable ? "adoptable" : "ours";
  return isAdoptable ? "adoptable" : "foreign";
}

/** Label sets are equal whatever their order. */
export function sameLabels(a: readonly string[], b: readonly string[]): boolean {
  const set = new Set(a);
  return set.size === new Set(b).size && b.every((label) => set.has(label));
}
