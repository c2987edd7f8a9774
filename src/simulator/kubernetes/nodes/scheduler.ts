import { controller } from "../actor.ts";
import type { Cluster } from "../cluster.ts";
import { isFinished, type NodeObject, type PodObject, setCondition, timestamp } from "../objects.ts";
import { RESOURCES } from "../resources.ts";
import { type Change, keyOf, keyOfObject } from "../store.ts";
import { WorkQueue } from "../timers.ts";
import { countReasons, type Free, freeOn, misfit, take } from "./fitting.ts";
import { podRequests } from "./pod-resources.ts";

const by = controller("scheduler");

/**
 * Binds pods to nodes, the oldest first, each to the node with the most room left. Pods that fit nowhere wait until something changes.
 */
export class Scheduler {
  readonly #cluster: Cluster;
  readonly #onUnschedulable: () => void;
  readonly #queue: WorkQueue;
  /** Keys of pods without a node, the oldest first. */
  readonly #pending = new Set<string>();

  /** `onUnschedulable`: told whenever pods are left that fit nowhere. */
  constructor(cluster: Cluster, onUnschedulable: () => void) {
    this.#cluster = cluster;
    this.#onUnschedulable = onUnschedulable;
    this.#queue = new WorkQueue(cluster.timers, () => this.#run());
  }

  onChange({ type, resource, object, by: author }: Change): void {
    if (resource.name === "nodes") return this.#wake();
    if (resource.name !== "pods" || author === by) return;
    const pod = object as PodObject;
    const key = keyOfObject(pod);
    if (type === "DELETED" || isFinished(pod)) {
      this.#pending.delete(key);
      this.#wake();
    } else if (pod.spec.nodeName === undefined && type === "ADDED") {
      this.#pending.add(key);
      this.#wake();
    }
  }

  /** Pods that wait for a node that they fit on. */
  waiting(): readonly PodObject[] {
    return [...this.#pending].flatMap((key): readonly PodObject[] => {
      const [namespace, name = ""] = key.split("/");
      const pod = this.#cluster.store.get(RESOURCES.pods, namespace, name);
      return pod === undefined ? [] : [pod as PodObject];
    });
  }

  #wake(): void {
    if (this.#pending.size > 0) this.#queue.add("", this.#cluster.times.scheduleMs);
  }

  #run(): void {
    const { store } = this.#cluster;
    const nodes = store.list(RESOURCES.nodes) as readonly NodeObject[];
    const pods = store.list(RESOURCES.pods) as readonly PodObject[];
    const free = nodes.map((node) => freeOn(node, pods));
    let unschedulable = 0;
    for (const pod of this.waiting()) {
      if (pod.metadata.deletionTimestamp !== undefined) continue;
      const fitting = free.filter((place) => misfit(pod, place) === undefined);
      const best = fitting.reduce<Free | undefined>((a, b) => (a === undefined || roomier(b, a) ? b : a), undefined);
      if (best === undefined) {
        unschedulable += 1;
        this.#reportUnschedulable(pod, free);
      } else {
        take(best, podRequests(pod.spec));
        this.#bind(pod, best.node.metadata.name);
      }
    }
    if (unschedulable > 0) this.#onUnschedulable();
  }

  #bind(pod: PodObject, nodeName: string): void {
    const { api, timers, events } = this.#cluster;
    const { namespace, name } = pod.metadata;
    this.#pending.delete(keyOf(namespace, name));
    const scheduled = { type: "PodScheduled", status: "True" as const, lastProbeTime: null };
    const conditions = setCondition(pod.status.conditions, {
      ...scheduled,
      lastTransitionTime: timestamp(timers.now()),
    });
    const bound = { ...pod, spec: { ...pod.spec, nodeName }, status: { ...pod.status, conditions } };
    events.record(pod, {
      type: "Normal",
      reason: "Scheduled",
      message: `Successfully assigned ${keyOf(namespace, name)} to ${nodeName}`,
      by: by.name,
    });
    api.put(RESOURCES.pods, bound, by);
  }

  #reportUnschedulable(pod: PodObject, free: readonly Free[]): void {
    const { api, timers, events } = this.#cluster;
    const message = `0/${free.length} nodes are available: ${countReasons(pod, free)}.`;
    const at = timestamp(timers.now());
    const conditions = setCondition(pod.status.conditions, {
      type: "PodScheduled",
      status: "False",
      lastProbeTime: null,
      lastTransitionTime: at,
      reason: "Unschedulable",
      message,
    });
    const written = api.put(RESOURCES.pods, { ...pod, status: { ...pod.status, conditions } }, by);
    if (written === pod) return;
    events.record(pod, { type: "Warning", reason: "FailedScheduling", message, by: by.name });
  }
}

/** More of its processors and memory left free. */
function roomier(a: Free, b: Free): boolean {
  return (
    a.cpuCores / a.allCpuCores + a.memoryBytes / a.allMemoryBytes >
    b.cpuCores / b.allCpuCores + b.memoryBytes / b.allMemoryBytes
  );
}
