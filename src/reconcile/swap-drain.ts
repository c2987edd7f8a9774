import type { JobRecord } from "../domain/cluster-objects.ts";
import { type Drain, writeDrain } from "../domain/drain.ts";
import { DRAIN_ANNOTATION } from "../domain/mark.ts";
import type { Worlds } from "./dependencies.ts";

/**
 * Writes (or, with undefined, takes off) how far a runner is drained by compare-and-swap: whoever read an older Job loses and looks
 * again in the next pass.
 *
 * @returns the Job as it is now, or undefined when the swap was lost.
 */
export async function swapDrain(
  { cluster }: Pick<Worlds, "cluster">,
  job: JobRecord,
  mark: Drain | undefined,
  signal: AbortSignal,
): Promise<JobRecord | undefined> {
  const text = mark === undefined ? null : writeDrain(mark);
  const result = await cluster.patchJobMetadata(job, { annotations: { [DRAIN_ANNOTATION]: text } }, signal);
  return result === "conflict" || result === "absent" ? undefined : result;
}
