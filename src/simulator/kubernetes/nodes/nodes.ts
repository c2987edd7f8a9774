import { randomBetween } from "../../../support/random.ts";
import { type Actor, controller, scenario } from "../actor.ts";
import { decodeValue } from "../api/decode.ts";
import type { Cluster } from "../cluster.ts";
import { isFinished, type NodeObject, type PodObject, setCondition, timestamp } from "../objects.ts";
import { RESOURCES } from "../resources.ts";
import type { Change } from "../store.ts";
import type { Images } from "./images.ts";
import type { Kubelets } from "./kubelets.ts";
import { type NodePool, nodeDraft, nodeStatus, readyCondition } from "./node-pools.ts";

const by = controller("node-controller");
const UNREACHABLE = "node.kubernetes.io/unreachable";
/** How long pods stay on an unreachable node unless they say otherwise. */
const DEFAULT_TOLERATION_SECONDS = 300;

/** The machines: they come, fall silent, come back, and go. */
export class Nodes {
  readonly #cluster: Cluster;
  readonly #kubelets: Kubelets;
  readonly #images: Images;
  readonly #silent = new Set<string>();
  readonly #counts = new Map<string, number>();
  #total = 0;

  constructor(cluster: Cluster, kubelets: Kubelets, images: Images) {
    this.#cluster = cluster;
    this.#kubelets = kubelets;
    this.#images = images;
  }

  /** A new node of a pool joins, Ready; gives its name. */
  add(pool: NodePool, author: Actor): string {
    const { api, timers } = this.#cluster;
    const count = (this.#counts.get(pool.name) ?? 0) + 1;
    this.#counts.set(pool.name, count);
    this.#total += 1;
    const name = `${pool.name}-${count}`;
    const node = api.create(RESOURCES.nodes, undefined, decodeValue(RESOURCES.nodes, nodeDraft(pool, name)), {
      by: author,
    });
    api.put(RESOURCES.nodes, { ...node, status: nodeStatus(pool, this.#total, timers.now()) }, author);
    return name;
  }

  /** The node's kubelet falls silent: Ready becomes Unknown, later its pods are marked for deletion, which no kubelet completes. */
  lose(name: string, processes: "die" | "go-on"): void {
    const { timers, times } = this.#cluster;
    this.#silent.add(name);
    this.#kubelets.cutOff(name, processes);
    timers.after(times.nodeMonitorGraceMs, () => {
      if (this.#silent.has(name)) this.#markUnreachable(name);
    });
  }

  /** The node's kubelet is heard again. */
  heal(name: string): void {
    if (!this.#silent.delete(name)) return;
    const { api, timers } = this.#cluster;
    const node = this.#find(name);
    if (node !== undefined) {
      const conditions = setCondition(node.status.conditions, readyCondition("True", timers.now()));
      const taints = (node.spec.taints ?? []).filter(({ key }) => key !== UNREACHABLE);
      api.put(RESOURCES.nodes, { ...node, spec: { ...node.spec, taints }, status: { ...node.status, conditions } }, by);
    }
    this.#kubelets.heal(name);
  }

  /** The machine is taken away, and its object with it. */
  remove(name: string, author: Actor): void {
    if (this.#find(name) === undefined) return;
    if (!this.#silent.has(name)) this.#kubelets.cutOff(name, "die");
    this.#images.forgetNode(name);
    this.#cluster.api.delete(RESOURCES.nodes, undefined, name, { by: author });
  }

  /** Pods that were bound to a node whose object went go some time later, whatever became of their processes. */
  onChange({ type, resource, object }: Change): void {
    if (resource.name !== "nodes" || type !== "DELETED") return;
    const { timers, random, times } = this.#cluster;
    const { name } = object.metadata;
    timers.after(randomBetween(random, times.podCollectionMs), () => {
      if (this.#find(name) === undefined) this.#collectPods(name);
    });
  }

  #collectPods(nodeName: string): void {
    const { api, store } = this.#cluster;
    for (const pod of this.podsOn(nodeName)) {
      const status = isFinished(pod) ? pod.status : { ...pod.status, phase: "Failed", reason: "NodeLost" };
      store.replace(RESOURCES.pods, { ...pod, status }, by);
      api.delete(RESOURCES.pods, pod.metadata.namespace, pod.metadata.name, { by, gracePeriodSeconds: 0 });
    }
  }

  /** Whether new pods may come. */
  setUnschedulable(name: string, unschedulable: boolean): void {
    const node = this.#find(name);
    if (node !== undefined)
      this.#cluster.api.put(RESOURCES.nodes, { ...node, spec: { ...node.spec, unschedulable } }, scenario);
  }

  podsOn(name: string): readonly PodObject[] {
    const pods = this.#cluster.store.list(RESOURCES.pods) as readonly PodObject[];
    return pods.filter(({ spec }) => spec.nodeName === name);
  }

  #markUnreachable(name: string): void {
    const { api, timers, events } = this.#cluster;
    const node = this.#find(name);
    if (node === undefined) return;
    const at = timestamp(timers.now());
    const conditions = setCondition(node.status.conditions, readyCondition("Unknown", timers.now()));
    const taints = [...(node.spec.taints ?? []), { key: UNREACHABLE, effect: "NoExecute", timeAdded: at }];
    api.put(RESOURCES.nodes, { ...node, spec: { ...node.spec, taints }, status: { ...node.status, conditions } }, by);
    for (const pod of this.podsOn(name)) {
      if (isFinished(pod)) continue;
      events.record(pod, { type: "Warning", reason: "NodeNotReady", message: "Node is not ready", by: by.name });
      const notReady = { type: "Ready", status: "False" as const, lastProbeTime: null, lastTransitionTime: at };
      const status = { ...pod.status, conditions: setCondition(pod.status.conditions, notReady) };
      api.put(RESOURCES.pods, { ...pod, status }, by);
      this.#deleteAfterToleration(pod, name);
    }
  }

  #deleteAfterToleration({ metadata, spec }: PodObject, nodeName: string): void {
    const { api, store, timers } = this.#cluster;
    const toleration = spec.tolerations?.find(
      ({ key, operator, effect }) =>
        (key === UNREACHABLE || (key === undefined && operator === "Exists")) &&
        (effect ?? "NoExecute") === "NoExecute",
    );
    if (toleration !== undefined && toleration.tolerationSeconds === undefined) return;
    timers.after((toleration?.tolerationSeconds ?? DEFAULT_TOLERATION_SECONDS) * 1_000, () => {
      const pod = store.get(RESOURCES.pods, metadata.namespace, metadata.name);
      if (!this.#silent.has(nodeName) || pod?.metadata.uid !== metadata.uid) return;
      api.delete(RESOURCES.pods, metadata.namespace, metadata.name, { by });
    });
  }

  #find(name: string): NodeObject | undefined {
    return this.#cluster.store.get(RESOURCES.nodes, undefined, name) as NodeObject | undefined;
  }
}
