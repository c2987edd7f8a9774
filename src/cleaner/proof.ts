import type { PodRecord } from "../domain/cluster-objects.ts";
import { bareUuid, EMPTIED_ANNOTATION, secretName } from "../domain/mark.ts";
import type { RemoteRunner } from "../domain/remote-runner.ts";
import type { Runner } from "../domain/runner.ts";
import type { Dependencies } from "../reconcile/dependencies.ts";
import { isDisabled } from "../runners/phase.ts";
import { areContainersEnded, neverStarted } from "../runners/pods.ts";

type ClusterReads = Pick<Dependencies, "cluster" | "signal">;

/** Bitbucket's side of "never connected". */
export function hasNeverConnected(remote: RemoteRunner | undefined): boolean {
  return remote !== undefined && remote.status === "UNREGISTERED" && !remote.connected;
}

/** The last look at a runner condemned as never connected: no container started, and none can with its Secret. */
export async function stillNeverConnected(
  deps: ClusterReads,
  runner: Runner,
  remote: RemoteRunner | undefined,
): Promise<boolean> {
  if (!hasNeverConnected(remote) || runner.job === undefined) return false;
  const secret = await deps.cluster.secret(runner.job.namespace, secretName(runner.uuid), deps.signal);
  if (secret?.annotations[EMPTIED_ANNOTATION] === undefined) return false;
  return neverStarted(await podsNow(deps, runner));
}

/** The last look at a runner condemned as dead: its Job has ended with its containers; or it has no pod, and is kept from steps should one come. */
export async function stillDead(
  deps: ClusterReads,
  runner: Runner,
  remote: RemoteRunner | undefined,
): Promise<boolean> {
  if (remote === undefined || remote.status === "ONLINE" || runner.job === undefined) return false;
  const pods = await podsNow(deps, runner);
  const job = await deps.cluster.job(runner.job.namespace, runner.job.name, deps.signal);
  if (job !== undefined && job.uid !== runner.job.uid) return false;
  if (job !== undefined && job.state !== "active") return areContainersEnded(pods);
  return pods.length === 0 && isDisabled(remote);
}

/** The runner's pods, read now. */
export async function podsNow({ cluster, signal }: ClusterReads, runner: Runner): Promise<readonly PodRecord[]> {
  if (runner.job === undefined) return [];
  const pods = await cluster.pods(runner.job.namespace, signal);
  return pods.filter((pod) => pod.runnerUuid !== undefined && bareUuid(pod.runnerUuid) === bareUuid(runner.uuid));
}
