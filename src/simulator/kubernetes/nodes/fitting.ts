import { matchesNodeRequirement } from "../api/selectors.ts";
import { isFinished, type NodeObject, type PodObject, type Taint, type Toleration } from "../objects.ts";
import { quantity } from "../quantity.ts";
import { podRequests, type Requests } from "./pod-resources.ts";

/** What is left of a node. */
export interface Free {
  readonly node: NodeObject;
  readonly allCpuCores: number;
  readonly allMemoryBytes: number;
  cpuCores: number;
  memoryBytes: number;
  pods: number;
}

/** Sums of fractions come out a little off. */
const ROUNDING = 1e-9;

/** What the pods on a node leave of it; ended pods take nothing, terminating ones still do. */
export function freeOn(node: NodeObject, pods: readonly PodObject[]): Free {
  const { cpu, memory, pods: podLimit } = node.status.allocatable;
  const free: Free = {
    node,
    allCpuCores: quantity(cpu),
    allMemoryBytes: quantity(memory),
    cpuCores: quantity(cpu),
    memoryBytes: quantity(memory),
    pods: quantity(podLimit),
  };
  for (const pod of pods) {
    if (pod.spec.nodeName === node.metadata.name && !isFinished(pod)) take(free, podRequests(pod.spec));
  }
  return free;
}

/** A pod moves in. */
export function take(free: Free, { cpuCores, memoryBytes }: Requests): void {
  free.cpuCores -= cpuCores;
  free.memoryBytes -= memoryBytes;
  free.pods -= 1;
}

/** Why a pod cannot be on a node, in the scheduler's words; undefined when it can. */
export function misfit(pod: PodObject, free: Free): string | undefined {
  const { node } = free;
  const tolerations = pod.spec.tolerations ?? [];
  const taint = node.spec.taints?.find(
    (candidate) => candidate.effect !== "PreferNoSchedule" && !tolerates(tolerations, candidate),
  );
  if (taint !== undefined) return `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ""}}`;
  if (node.spec.unschedulable === true) return "node(s) were unschedulable";
  if (!node.status.conditions.some(({ type, status }) => type === "Ready" && status === "True"))
    return "node(s) were not ready";
  if (!matchesNode(pod, node)) return "node(s) didn't match Pod's node affinity/selector";
  const { cpuCores, memoryBytes } = podRequests(pod.spec);
  if (free.pods < 1) return "Too many pods";
  if (cpuCores > free.cpuCores + ROUNDING) return "Insufficient cpu";
  return memoryBytes > free.memoryBytes + ROUNDING ? "Insufficient memory" : undefined;
}

/** `1 Insufficient cpu, 2 node(s) were unschedulable`. */
export function countReasons(pod: PodObject, free: readonly Free[]): string {
  const counts = new Map<string, number>();
  for (const place of free) {
    const reason = misfit(pod, place) ?? "";
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  if (counts.size === 0) return "no nodes available to schedule pods";
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(", ");
}

function matchesNode({ spec }: PodObject, { metadata }: NodeObject): boolean {
  const labels = metadata.labels ?? {};
  if (!Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value)) return false;
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (terms === undefined) return true;
  return terms.some(({ matchExpressions = [] }) =>
    matchExpressions.every((term) => matchesNodeRequirement(term, labels)),
  );
}

function tolerates(tolerations: readonly Toleration[], taint: Taint): boolean {
  return tolerations.some(
    ({ key, operator = "Equal", value = "", effect }) =>
      (effect === undefined || effect === "" || effect === taint.effect) &&
      (key === undefined || key === "" || key === taint.key) &&
      (operator === "Exists" || value === (taint.value ?? "")),
  );
}
