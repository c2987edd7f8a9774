import type { ContainerRecord, PodRecord } from "../domain/cluster-objects.ts";

/** Exactly one pod that has not ended, not going, with all its containers running: one agent, and we know which. */
export function hasOneHealthyPod(pods: readonly PodRecord[]): boolean {
  const [pod, ...others] = pods.filter((each) => !areContainersEnded([each]));
  if (pod === undefined || others.length > 0 || pod.deleting || pod.phase !== "Running") return false;
  const lasting = pod.containers.filter((container) => container.role !== "init");
  return lasting.length > 0 && lasting.every((container) => container.state === "running");
}

/** No container of these pods runs or may run again: each was reported terminated in a pod that has ended. */
export function areContainersEnded(pods: readonly PodRecord[]): boolean {
  return pods.every(
    (pod) =>
      (pod.phase === "Succeeded" || pod.phase === "Failed") &&
      pod.containers.every((container) => container.state !== "running"),
  );
}

/** No agent of these pods ever ran; containers beside it, which need no credentials, may have. */
export function neverStarted(pods: readonly PodRecord[]): boolean {
  return agentsOf(pods).every((agent) => !agent.everStarted);
}

/** No agent of these pods runs now; one may be about to be started again. */
export function areAgentsStopped(pods: readonly PodRecord[]): boolean {
  return agentsOf(pods).every((agent) => agent.state !== "running");
}

function agentsOf(pods: readonly PodRecord[]): readonly ContainerRecord[] {
  return pods.flatMap((pod) => pod.containers.filter((container) => container.role === "agent"));
}
