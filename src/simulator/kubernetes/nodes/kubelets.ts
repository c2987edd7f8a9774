import type { PodObject } from "../objects.ts";
import { RESOURCES } from "../resources.ts";
import type { Change } from "../store.ts";
import { type NodeContext, PodWorker } from "./pod-worker.ts";

/** The kubelets of all nodes: each pod that is bound to a node gets a worker there. */
export class Kubelets {
  readonly #context: NodeContext;
  readonly #workers = new Map<string, PodWorker>();
  readonly #cutOff = new Set<string>();

  constructor(context: NodeContext) {
    this.#context = context;
  }

  onChange({ type, resource, object, previous }: Change): void {
    if (resource.name !== "pods") return;
    const pod = object as PodObject;
    const worker = this.#workers.get(pod.metadata.uid);
    if (type === "DELETED") {
      worker?.abandon();
      // A worker that is cut off stays until its node comes back.
      if (worker !== undefined && !this.#cutOff.has(worker.nodeName)) this.#workers.delete(pod.metadata.uid);
    } else if (worker === undefined) {
      const { nodeName } = pod.spec;
      if (nodeName !== undefined && !this.#cutOff.has(nodeName)) this.#begin(pod);
    } else {
      const { deletionGracePeriodSeconds: grace } = pod.metadata;
      if (grace !== undefined && grace !== previous?.metadata.deletionGracePeriodSeconds) worker.terminate(grace);
    }
  }

  /** The worker of a pod that is on a node. */
  workerOf(pod: PodObject): PodWorker | undefined {
    return this.#workers.get(pod.metadata.uid);
  }

  /** @see PodWorker.disconnect */
  cutOff(nodeName: string, processes: "die" | "go-on"): void {
    this.#cutOff.add(nodeName);
    for (const worker of this.#on(nodeName)) worker.disconnect(processes);
  }

  /** The node's kubelet is heard again. */
  heal(nodeName: string): void {
    this.#cutOff.delete(nodeName);
    for (const [uid, worker] of [...this.#workers]) {
      if (worker.nodeName !== nodeName) continue;
      const pod = this.#context.cluster.store.list(RESOURCES.pods).find(({ metadata }) => metadata.uid === uid);
      if (pod === undefined) this.#workers.delete(uid);
      worker.reconnect(pod as PodObject | undefined);
    }
    // Bound while nobody listened.
    for (const pod of this.#context.cluster.store.list(RESOURCES.pods) as readonly PodObject[]) {
      if (pod.spec.nodeName !== nodeName || this.#workers.has(pod.metadata.uid)) continue;
      const worker = this.#begin(pod);
      const { deletionGracePeriodSeconds: grace } = pod.metadata;
      if (grace !== undefined) worker.terminate(grace);
    }
  }

  #begin(pod: PodObject): PodWorker {
    const worker = new PodWorker(this.#context, pod);
    this.#workers.set(pod.metadata.uid, worker);
    worker.start();
    return worker;
  }

  #on(nodeName: string): readonly PodWorker[] {
    return [...this.#workers.values()].filter((worker) => worker.nodeName === nodeName);
  }
}
