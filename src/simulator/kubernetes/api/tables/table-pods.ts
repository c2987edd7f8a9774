import { isSidecar } from "../../nodes/pod-resources.ts";
import { type ContainerStatus, isFinished, type PodObject } from "../../objects.ts";
import { humanDuration } from "../duration.ts";

/** READY, STATUS and RESTARTS of a pod, as kubectl shows them. */
export function podSummary(pod: PodObject, nowMs: number): { ready: string; status: string; restarts: string } {
  const init = initSummary(pod);
  const containers = pod.status.containerStatuses ?? [];
  const counted =
    init.reason === undefined ? [...init.sidecars, ...containers] : (pod.status.initContainerStatuses ?? []);
  const restarts = counted.reduce((sum, { restartCount }) => sum + restartCount, 0);
  const lastRestart = Math.max(
    0,
    ...counted.map(({ lastState }) => Date.parse(lastState.terminated?.finishedAt ?? "") || 0),
  );
  const total = pod.spec.containers.length + (pod.spec.initContainers ?? []).filter(isSidecar).length;
  const ready = [...init.sidecars, ...(init.reason === undefined ? containers : [])].filter(isReady).length;
  return {
    ready: `${ready}/${total}`,
    status: terminatingOr(pod, init.reason ?? containersReason(pod, containers)),
    restarts: lastRestart === 0 ? String(restarts) : `${restarts} (${humanDuration(nowMs - lastRestart)} ago)`,
  };
}

/** Why the init containers are not through, when they are not; and which sidecars run. */
function initSummary(pod: PodObject): { reason: string | undefined; sidecars: readonly ContainerStatus[] } {
  const specs = pod.spec.initContainers ?? [];
  const sidecars: ContainerStatus[] = [];
  for (const [index, status] of (pod.status.initContainerStatuses ?? []).entries()) {
    const spec = specs.find(({ name }) => name === status.name);
    if (status.state.terminated?.exitCode === 0) continue;
    if (spec !== undefined && isSidecar(spec) && status.started) {
      sidecars.push(status);
      continue;
    }
    const why = status.state.terminated?.reason ?? status.state.waiting?.reason;
    const known = why !== undefined && why !== "PodInitializing";
    return { reason: `Init:${known ? why : `${index}/${specs.length}`}`, sidecars };
  }
  return { reason: undefined, sidecars };
}

function containersReason(pod: PodObject, containers: readonly ContainerStatus[]): string {
  let reason = pod.status.reason ?? pod.status.phase;
  for (const { state } of containers.toReversed()) reason = state.waiting?.reason ?? state.terminated?.reason ?? reason;
  if (reason !== "Completed" || !containers.some(isReady)) return reason;
  const podReady = pod.status.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true;
  return podReady ? "Running" : "NotReady";
}

function terminatingOr(pod: PodObject, reason: string): string {
  if (pod.metadata.deletionTimestamp === undefined) return reason;
  if (pod.status.reason === "NodeLost") return "Unknown";
  return isFinished(pod) ? reason : "Terminating";
}

function isReady({ ready, state }: ContainerStatus): boolean {
  return ready && state.running !== undefined;
}
