import type { JobRecord } from "../domain/cluster-objects.ts";
import { carriesMark, INSTALLATION_LABEL } from "../domain/mark.ts";
import type { RemoteRunner } from "../domain/remote-runner.ts";
import type { Ownership } from "../domain/runner.ts";

/** What a runner must fit to become ours although it carries no mark: the original's runner of one of our groups. */
export interface AdoptingGroup {
  readonly labels: readonly string[];
  readonly namespace: string;
}

/**
 * Whose a runner is. A Job's installation label decides when there is one; else the mark in the registration's name; else a runner of
 * the original is adoptable when its label set is the group's and its Job runs in the group's namespace. Everything else is foreign,
 * registrations that merely carry `autoscaler.created` included: another installation's look the same.
 */
export function ownershipOf(
  remote: RemoteRunner | undefined,
  job: JobRecord | undefined,
  installation: string,
  group: AdoptingGroup | undefined,
): Ownership {
  const mark = job?.labels[INSTALLATION_LABEL];
  if (mark !== undefined) return mark === installation ? "ours" : "foreign";
  if (remote !== undefined && carriesMark(remote, installation)) return "ours";

  const fits =
    group !== undefined &&
    remote !== undefined &&
    job?.namespace === group.namespace &&
    sameLabels(remote.labels, group.labels);
  return fits ? "adoptable" : "foreign";
}

/** Label sets are equal whatever their order. */
export function sameLabels(a: readonly string[], b: readonly string[]): boolean {
  const set = new Set(a);
  return set.size === new Set(b).size && b.every((label) => set.has(label));
}
