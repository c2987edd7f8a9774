import type { ContainerSpec, PodSpec, ResourceList } from "../objects.ts";
import { quantity } from "../quantity.ts";

/** What a pod takes of its node. */
export interface Requests {
  readonly cpuCores: number;
  readonly memoryBytes: number;
}

/** The sum of the containers' requests (sidecars too), or the largest init container's when that is more. */
export function podRequests(spec: PodSpec): Requests {
  return { cpuCores: requestOf(spec, "cpu"), memoryBytes: requestOf(spec, "memory") };
}

function requestOf(spec: PodSpec, resource: "cpu" | "memory"): number {
  const of = (container: ContainerSpec) => quantity(container.resources?.requests?.[resource]);
  const init = spec.initContainers ?? [];
  const steady = [...spec.containers, ...init.filter(isSidecar)].reduce((sum, container) => sum + of(container), 0);
  return Math.max(steady, ...init.map(of));
}

/** An init container that keeps running beside the others. */
export function isSidecar(container: ContainerSpec): boolean {
  return container.restartPolicy === "Always";
}

/** Kubernetes' name for how firmly a pod holds its resources. */
export function qosClass(containers: readonly ContainerSpec[]): "Guaranteed" | "Burstable" | "BestEffort" {
  const lists = containers.map(({ resources }) => ({
    requests: resources?.requests ?? {},
    limits: resources?.limits ?? {},
  }));
  if (lists.every(({ requests, limits }) => isEmpty(requests) && isEmpty(limits))) return "BestEffort";
  const guaranteed = lists.every(({ requests, limits }) =>
    ["cpu", "memory"].every(
      (resource) => limits[resource] !== undefined && quantity(requests[resource]) === quantity(limits[resource]),
    ),
  );
  return guaranteed ? "Guaranteed" : "Burstable";
}

function isEmpty(list: ResourceList): boolean {
  return Object.keys(list).length === 0;
}
