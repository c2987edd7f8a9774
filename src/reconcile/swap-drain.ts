import type { JobRecord } from "../domain/cluster-objects.ts";
import { type DrainMark, writeDrainMark } from "../domain/drain.ts";
import { DRAIN_ANNOTATION } from "../domain/mark.ts";
import type { Worlds } from "./dependencies.ts";

/**
 * Writes (or, with undefined, takes off) the drain mark of a runner by compare-and-swap: whoever read an older Job loses and looks
 * again in the next pass.
 *
 * @returns the Job as it is now, or undefined when the swap was lost.
 */
export async function swapDrainMark(
  { cluster }: Pick<Worlds, "cluster">,
  job: JobRecord,
  mark: DrainMark | undefined,
  signal: AbortSignal,
): Promise<JobRecord | undefined> {
  const text = mark === undefined ? null : writeDrainMark(mark);
  const result = await cluster.patchJobMetadata(job, { annotations: { [DRAIN_ANNOTATION]: text } }, signal);
  return result === "conflict" || result === "absent" ? undefined : result;
}
