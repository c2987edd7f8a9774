import type { Send } from "../../http/transport.ts";
import type { Clock } from "../../support/clock.ts";
import type { Random } from "../../support/random.ts";
import type { AgentHost } from "../agent-host.ts";
import { type Actor, scenario } from "./actor.ts";
import { ApiServer } from "./api/api-server.ts";
import { decodeValue } from "./api/decode.ts";
import type { DeleteOptions } from "./api/deletion.ts";
import { HttpFace } from "./api/http.ts";
import { CLUSTER_TIMES, type Cluster, type ClusterTimes } from "./cluster.ts";
import { EventRecorder } from "./controllers/events.ts";
import { GarbageCollector } from "./controllers/garbage-collector.ts";
import { JobController } from "./controllers/job-controller.ts";
import { NamespaceController } from "./controllers/namespace-controller.ts";
import type { AgentEnd } from "./nodes/agent-process.ts";
import { ClusterAutoscaler } from "./nodes/cluster-autoscaler.ts";
import { Images } from "./nodes/images.ts";
import { Kubelets } from "./nodes/kubelets.ts";
import type { NodePool } from "./nodes/node-pools.ts";
import { Nodes } from "./nodes/nodes.ts";
import { Scheduler } from "./nodes/scheduler.ts";
import { SecretCache } from "./nodes/secret-cache.ts";
import type { KubeObject, PodObject } from "./objects.ts";
import { RESOURCES, type ResourceName } from "./resources.ts";
import { type Change, Store } from "./store.ts";
import { Timers } from "./timers.ts";

/** How a cluster is, and who looks on. */
export interface KubernetesOptions {
  readonly clock: Clock;
  /** Same seed, same cluster: uids, names, delays. */
  readonly random: Random;
  /** Plays what runs in containers that have the variable RUNNER_UUID. */
  readonly agents: AgentHost;
  /** Default: one pool of three nodes with 16 processors and 64 GiB each. */
  readonly pools?: readonly NodePool[];
  /** Namespaces beside `default` and `kube-system`. */
  readonly namespaces?: readonly string[];
  readonly times?: Partial<ClusterTimes>;
  /** Writes that watches and paged lists can go back to; default 10,000. */
  readonly historyLength?: number;
  /** How a watch learns that it is too old: as an ERROR event (a real 1.34, default), or as a plain 410. */
  readonly tooOldWatch?: "event" | "status";
  /** What an agent does about SIGTERM: end at once (default), or run until it is killed at the end of the grace period. */
  readonly agentOnSigterm?: "dies" | "lasts-until-killed";
  /** Told of every write of an object and of every start and end of an agent, as it happens. */
  readonly onEvent?: (event: KubernetesEvent) => void;
}

/** What happens in the cluster, for observers. Secrets are in it with their data: print metadata only. */
export type KubernetesEvent = ObjectEvent | AgentEvent;

export interface ObjectEvent {
  readonly type: "object";
  readonly change: "ADDED" | "MODIFIED" | "DELETED";
  readonly resource: ResourceName;
  /** After the write; for DELETED the last state. */
  readonly object: KubeObject;
  readonly previous: KubeObject | undefined;
  readonly by: Actor;
  /** World time. */
  readonly at: number;
}

interface AgentEvent {
  readonly type: "agent";
  readonly change: "started" | "stopped";
  /** Why it stopped. */
  readonly end: AgentEnd | undefined;
  /** As its container's environment says, with braces. */
  readonly runnerUuid: string;
  readonly namespace: string;
  readonly pod: string;
  readonly node: string;
  readonly at: number;
}

const DEFAULT_POOLS: readonly NodePool[] = [{ name: "node", cpu: "16", memory: "64Gi", initial: 3 }];
const DEFAULT_HISTORY = 10_000;

/**
 * A Kubernetes cluster in memory: an API server's objects, the controllers that act on them, nodes and their kubelets. It lives by the given
 * clock and does nothing while nothing is due. `send` is its HTTP face; the methods are the hands of a scenario.
 */
export class KubernetesWorld {
  /** The API server, under any host name. */
  readonly send: Send;
  readonly #store: Store;
  readonly #api: ApiServer;
  readonly #timers: Timers;
  readonly #nodes: Nodes;
  readonly #kubelets: Kubelets;
  readonly #images = new Images();
  readonly #refusals = new Map<string, string>();
  readonly #requests = new Map<string, number>();
  readonly #watches = new Set<() => void>();

  constructor(options: KubernetesOptions) {
    const { clock, random, pools = DEFAULT_POOLS } = options;
    const timers = new Timers(clock);
    const store = new Store(clock, options.historyLength ?? DEFAULT_HISTORY);
    const api = new ApiServer(store, timers, random);
    const times = { ...CLUSTER_TIMES, ...options.times };
    const events = new EventRecorder(store, api, timers);
    const cluster: Cluster = { store, api, timers, random, events, times, refusals: this.#refusals };
    const secrets = new SecretCache(store, timers, random, times.secretStaleMs);
    this.#store = store;
    this.#api = api;
    this.#timers = timers;
    this.#kubelets = new Kubelets({
      cluster,
      agents: options.agents,
      images: this.#images,
      secrets,
      onSigterm: options.agentOnSigterm ?? "dies",
      onAgent: (change, runnerUuid, pod, end) =>
        options.onEvent?.(agentEvent(change, runnerUuid, pod, end, clock.now())),
    });
    this.#nodes = new Nodes(cluster, this.#kubelets, this.#images);
    const scheduler = new Scheduler(cluster, () => autoscaler.onUnschedulable());
    const autoscaler = new ClusterAutoscaler(cluster, this.#nodes, pools, () => scheduler.waiting());
    const loops = [
      secrets,
      new NamespaceController(cluster),
      new JobController(cluster),
      new GarbageCollector(cluster),
      scheduler,
      this.#kubelets,
      this.#nodes,
      autoscaler,
    ];
    store.onChange((change) => {
      options.onEvent?.(objectEvent(change));
      for (const loop of loops) loop.onChange(change);
    });
    const face = new HttpFace({
      store,
      timers,
      random,
      api,
      open: this.#watches,
      tooOldWatch: options.tooOldWatch ?? "event",
      onRequest: (verb, resource) => this.#count(`${verb} ${resource}`),
    });
    this.send = (request) => face.handle(request);
    for (const name of ["default", "kube-system", ...(options.namespaces ?? [])])
      this.create("namespaces", undefined, { metadata: { name } });
    for (const pool of pools) for (let i = 0; i < pool.initial; i += 1) this.#nodes.add(pool, scenario);
  }

  /** Requests for objects that were served so far, by verb and resource: `create jobs`, `watch pods`, … */
  requests(): ReadonlyMap<string, number> {
    return new Map(this.#requests);
  }

  /** All objects of a resource, in the order of their names. */
  list(resource: ResourceName, namespace?: string): readonly KubeObject[] {
    return this.#store.list(RESOURCES[resource], namespace);
  }

  get(resource: ResourceName, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#store.get(RESOURCES[resource], namespace, name);
  }

  /** Somebody else makes an object. @throws {ApiError} as the API server would answer. */
  create(resource: ResourceName, namespace: string | undefined, object: Readonly<Record<string, unknown>>): KubeObject {
    return this.#api.create(RESOURCES[resource], namespace, decodeValue(RESOURCES[resource], object), { by: scenario });
  }

  /** Somebody else changes an object. @throws {ApiError} as the API server would answer. */
  change(
    resource: ResourceName,
    namespace: string | undefined,
    name: string,
    change: (object: KubeObject) => unknown,
  ): KubeObject {
    return this.#api.update(RESOURCES[resource], namespace, name, change, { by: scenario });
  }

  /** Somebody else deletes an object. @throws {ApiError} as the API server would answer. */
  delete(resource: ResourceName, namespace: string | undefined, name: string, options: DeleteOptions = {}): void {
    this.#api.delete(RESOURCES[resource], namespace, name, { by: scenario, ...options });
  }

  /** The node runs short: the pod's processes are killed, the pod stays as Failed with reason Evicted. */
  evictPod(namespace: string, name: string): void {
    this.#worker(namespace, name)?.evict("The node was low on resource: memory.");
  }

  /** A container's process ends; without a name, the agent's. What follows is the pod's restart policy's business. */
  exitContainer(namespace: string, pod: string, exitCode: number, container?: string): void {
    this.#worker(namespace, pod)?.exit(container, exitCode);
  }

  /**
   * A node falls silent. Its processes die with it, or go on where nobody sees them. Pods on it are reported running until Kubernetes
   * marks them for deletion, 350 s later unless they tolerate it otherwise; they stay until the node returns or is removed.
   */
  loseNode(name: string, processes: "die" | "go-on"): void {
    this.#nodes.lose(name, processes);
  }

  /** A silent node is heard again: pods that went meanwhile are killed there, dead ones are started anew. */
  returnNode(name: string): void {
    this.#nodes.heal(name);
  }

  /** A node's machine and object go; its pods' objects follow within a minute. */
  removeNode(name: string): void {
    this.#nodes.remove(name, scenario);
  }

  /** No new pods come to the node, and those on it are evicted, each with its grace period. */
  drainNode(name: string): void {
    this.#nodes.setUnschedulable(name, true);
    for (const { metadata } of this.#nodes.podsOn(name)) this.delete("pods", metadata.namespace, metadata.name);
  }

  /** Whether new pods may come to a node. */
  setNodeUnschedulable(name: string, unschedulable: boolean): void {
    this.#nodes.setUnschedulable(name, unschedulable);
  }

  /** A further node joins at once; gives its name. */
  addNode(pool: NodePool): string {
    return this.#nodes.add(pool, scenario);
  }

  /** From now on the image cannot be pulled, and no node has it. */
  breakImage(image: string): void {
    this.#images.break(image);
  }

  /** From now on a quota, a LimitRange or an admission rule keeps new pods out of a namespace. @param why in its words */
  refusePods(namespace: string, why: string): void {
    this.#refusals.set(namespace, why);
  }

  admitPods(namespace: string): void {
    this.#refusals.delete(namespace);
  }

  repairImage(image: string): void {
    this.#images.repair(image);
  }

  /** All history is forgotten: every watch and page that goes on from an older resourceVersion gets 410. */
  forgetHistory(): void {
    this.#store.compact();
  }

  /** Nothing happens any more, and watches end. */
  stop(): void {
    this.#timers.stop();
    for (const end of [...this.#watches]) end();
  }

  #worker(namespace: string, name: string) {
    const pod = this.#store.get(RESOURCES.pods, namespace, name);
    return pod === undefined ? undefined : this.#kubelets.workerOf(pod as PodObject);
  }

  #count(what: string): void {
    this.#requests.set(what, (this.#requests.get(what) ?? 0) + 1);
  }
}

function objectEvent({ type, resource, object, previous, by, at }: Change): ObjectEvent {
  return { type: "object", change: type, resource: resource.name, object, previous, by, at };
}

function agentEvent(
  change: AgentEvent["change"],
  runnerUuid: string,
  { metadata, spec }: PodObject,
  end: AgentEnd | undefined,
  at: number,
): AgentEvent {
  const { namespace = "", name } = metadata;
  return { type: "agent", change, end, runnerUuid, namespace, pod: name, node: spec.nodeName ?? "", at };
}
