import { randomBetween } from "../../../support/random.ts";
import { controller } from "../actor.ts";
import type { Cluster } from "../cluster.ts";
import { isFinished, type NodeObject, type PodObject } from "../objects.ts";
import { RESOURCES } from "../resources.ts";
import type { Change } from "../store.ts";
import { WorkQueue } from "../timers.ts";
import { type Free, freeOn, misfit, take } from "./fitting.ts";
import { type NodePool, nodeDraft, nodeStatus } from "./node-pools.ts";
import type { Nodes } from "./nodes.ts";
import { podRequests } from "./pod-resources.ts";

const by = controller("cluster-autoscaler");
const BOOT_MS = [60_000, 120_000] as const;

/** Adds nodes for pods that fit nowhere, after a while, and takes empty ones away, after a longer while. */
export class ClusterAutoscaler {
  readonly #cluster: Cluster;
  readonly #nodes: Nodes;
  readonly #pools: readonly NodePool[];
  readonly #waiting: () => readonly PodObject[];
  readonly #scans: WorkQueue;
  readonly #removals: WorkQueue;
  /** Nodes on their way, by pool. */
  readonly #booting = new Map<NodePool, number>();
  readonly #idleSince = new Map<string, number>();

  /** `waiting`: the pods that the scheduler could not place. */
  constructor(cluster: Cluster, nodes: Nodes, pools: readonly NodePool[], waiting: () => readonly PodObject[]) {
    this.#cluster = cluster;
    this.#nodes = nodes;
    this.#pools = pools;
    this.#waiting = waiting;
    this.#scans = new WorkQueue(cluster.timers, () => this.#scan());
    this.#removals = new WorkQueue(cluster.timers, (name) => this.#removeIfIdle(name));
  }

  /** Pods are left that fit nowhere. */
  onUnschedulable(): void {
    this.#scans.add("", this.#cluster.times.autoscalerScanMs);
  }

  onChange({ resource, type, object }: Change): void {
    if (resource.name === "nodes" && type === "ADDED") this.#watchIdle(object.metadata.name);
    if (resource.name !== "pods") return;
    const pod = object as PodObject;
    if (pod.spec.nodeName !== undefined && (type === "DELETED" || isFinished(pod))) this.#watchIdle(pod.spec.nodeName);
  }

  #scan(): void {
    const pods = this.#waiting();
    const coming = this.#pools.flatMap((pool) =>
      Array.from({ length: this.#booting.get(pool) ?? 0 }, () => this.#imagined(pool)),
    );
    for (const pod of pods) {
      const place = coming.find((free) => misfit(pod, free) === undefined) ?? this.#order(pod, coming);
      if (place !== undefined) take(place, podRequests(pod.spec));
    }
  }

  /** Asks for a node that the pod fits on. */
  #order(pod: PodObject, coming: Free[]): Free | undefined {
    const pool = this.#pools.find(
      (candidate) =>
        this.#size(candidate) < (candidate.max ?? candidate.initial) &&
        misfit(pod, this.#imagined(candidate)) === undefined,
    );
    if (pool === undefined) return undefined;
    const { timers, random } = this.#cluster;
    this.#booting.set(pool, (this.#booting.get(pool) ?? 0) + 1);
    timers.after(randomBetween(random, pool.bootMs ?? BOOT_MS), () => {
      this.#booting.set(pool, (this.#booting.get(pool) ?? 1) - 1);
      this.#nodes.add(pool, by);
    });
    const free = this.#imagined(pool);
    coming.push(free);
    return free;
  }

  /** A node of the pool as it would be, empty. */
  #imagined(pool: NodePool): Free {
    const draft = nodeDraft(pool, `${pool.name}-next`);
    return freeOn({ ...draft, status: nodeStatus(pool, 0, this.#cluster.timers.now()) } as unknown as NodeObject, []);
  }

  #size(pool: NodePool): number {
    return this.#members(pool).length + (this.#booting.get(pool) ?? 0);
  }

  #members(pool: NodePool): readonly string[] {
    return this.#cluster.store
      .list(RESOURCES.nodes)
      .filter(({ metadata }) => metadata.labels?.["node-pool"] === pool.name)
      .map(({ metadata }) => metadata.name);
  }

  #watchIdle(name: string): void {
    const pool = this.#poolOf(name);
    if (pool?.removeIdleAfterMs === undefined || !this.#isIdle(name)) return;
    this.#idleSince.set(name, this.#cluster.timers.now());
    this.#removals.add(name, pool.removeIdleAfterMs);
  }

  #removeIfIdle(name: string): void {
    const pool = this.#poolOf(name);
    const since = this.#idleSince.get(name);
    if (pool?.removeIdleAfterMs === undefined || since === undefined || !this.#isIdle(name)) return;
    const left = since + pool.removeIdleAfterMs - this.#cluster.timers.now();
    if (left > 0) return this.#removals.add(name, left);
    if (this.#members(pool).length <= pool.initial) return;
    this.#idleSince.delete(name);
    this.#nodes.remove(name, by);
  }

  #isIdle(name: string): boolean {
    return this.#nodes.podsOn(name).every(isFinished);
  }

  #poolOf(nodeName: string): NodePool | undefined {
    const node = this.#cluster.store.get(RESOURCES.nodes, undefined, nodeName);
    return this.#pools.find(({ name }) => name === node?.metadata.labels?.["node-pool"]);
  }
}
