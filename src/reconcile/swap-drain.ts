import type { JobRecord } from "../domain/cluster-objects.ts";
import { type Drain, writeDrain } from "../domain/drain.ts";
import { DRAIN_ANNOTATION, FREED_ANNOTATION } from "../domain/mark.ts";
import type { RunnerReading } from "../domain/remote-runner.ts";
import type { Dependencies } from "./dependencies.ts";

/**
 * Writes (or, with undefined, takes off) how far a runner is drained, by compare-and-swap on its Job: who read an older Job gets a
 * conflict, and the next pass reads it again.
 *
 * @param others annotations that are set in the same write
 * @returns the Job as it is now, or undefined when somebody else changed it first.
 */
export async function swapDrain(
  { cluster, signal }: Pick<Dependencies, "cluster" | "signal">,
  job: JobRecord,
  drain: Drain | undefined,
  others: Readonly<Record<string, string>> = {},
): Promise<JobRecord | undefined> {
  const text = drain === undefined ? null : writeDrain(drain);
  const annotations = { ...others, [DRAIN_ANNOTATION]: text };
  const result = await cluster.patchJobMetadata(job, { annotations }, signal);
  return result === "conflict" || result === "absent" ? undefined : result;
}

/**
 * Takes our word off a runner that somebody enabled, and notes when, by Bitbucket's clock where that tells the time: it stays in service for a
 * while at least.
 */
export function releaseDrain(
  deps: Pick<Dependencies, "cluster" | "signal">,
  job: JobRecord,
  read: Pick<RunnerReading, "serverTime"> | undefined,
): Promise<JobRecord | undefined> {
  const at = read?.serverTime === undefined ? "unknown" : new Date(read.serverTime).toISOString();
  return swapDrain(deps, job, undefined, { [FREED_ANNOTATION]: at });
}
