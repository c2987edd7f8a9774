import { type PodObject, type PodPhase, type PodStatus, setCondition, timestamp } from "../objects.ts";
import { type Container, containerStatus, isRunning, phaseOf } from "./container.ts";

/** How a pod ended, when it did. */
export interface PodEnd {
  readonly phase: PodPhase;
  readonly reason?: string;
  readonly message?: string;
}

/** The status that a kubelet writes for a pod whose containers fare like this. */
export function podStatus(
  pod: PodObject,
  containers: readonly Container[],
  boundAtMs: number,
  nowMs: number,
  end: PodEnd | undefined,
): PodStatus {
  const nodeName = pod.spec.nodeName ?? "";
  const main = containers.filter(({ role }) => role === "main");
  const others = containers.filter(({ role }) => role !== "main");
  const statuses = (some: readonly Container[]) => some.map((container) => containerStatus(container, nodeName));
  const initialized = others.every(({ role, state }) => role !== "init" || state.terminated?.exitCode === 0);
  const ready = end === undefined && containers.every((container) => container.role === "init" || isRunning(container));
  const at = timestamp(nowMs);
  const conditions = (
    [
      ["Initialized", initialized],
      ["Ready", ready],
      ["ContainersReady", ready],
    ] as const
  ).reduce(
    (all, [type, holds]) =>
      setCondition(all, { type, status: holds ? "True" : "False", lastProbeTime: null, lastTransitionTime: at }),
    pod.status.conditions,
  );
  return {
    ...pod.status,
    ...(end ?? { phase: phaseOf(containers, pod.spec) }),
    ...(conditions !== undefined && { conditions }),
    startTime: timestamp(boundAtMs),
    ...(others.length > 0 && { initContainerStatuses: statuses(others) }),
    containerStatuses: statuses(main),
  };
}
