import type { JobRecord, PodRecord } from "../domain/cluster-objects.ts";
import { bareUuid } from "../domain/mark.ts";
import type { Agents } from "../domain/runner.ts";
import { agentsOf } from "../runners/agents.ts";
import type { Dependencies } from "./dependencies.ts";

/** A runner's objects, read now. */
export interface ClusterLook {
  /** Undefined when it is gone. */
  readonly job: JobRecord | undefined;
  /** Another Job has its name by now: what is known of the runner is not about that one. */
  readonly isReplaced: boolean;
  readonly pods: readonly PodRecord[];
  readonly agents: Agents;
}

/** Reads a runner's Job and then its pods once more. @throws {KubernetesError} */
export async function lookAtCluster(
  { cluster, signal }: Pick<Dependencies, "cluster" | "signal">,
  uuid: string,
  job: JobRecord,
): Promise<ClusterLook> {
  const now = await cluster.job(job.namespace, job.name, signal);
  const same = now?.uid === job.uid ? now : undefined;
  const pods = (await cluster.pods(job.namespace, signal)).filter(
    (pod) => pod.runnerUuid !== undefined && bareUuid(pod.runnerUuid) === bareUuid(uuid),
  );
  return { job: same, isReplaced: now !== undefined && same === undefined, pods, agents: agentsOf(same ?? job, pods) };
}
