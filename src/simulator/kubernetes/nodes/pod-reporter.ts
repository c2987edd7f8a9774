import { controller } from "../actor.ts";
import type { Cluster } from "../cluster.ts";
import type { PodObject } from "../objects.ts";
import { RESOURCES } from "../resources.ts";
import type { Container } from "./container.ts";
import { type PodEnd, podStatus } from "./pod-status.ts";

const by = controller("kubelet");

/** What a node tells the API server of one of its pods. Nothing of it arrives while the node is cut off. */
export class PodReporter {
  connected = true;
  readonly boundAtMs: number;
  readonly #cluster: Cluster;
  readonly #pod: PodObject;

  constructor(cluster: Cluster, pod: PodObject) {
    this.boundAtMs = cluster.timers.now();
    this.#cluster = cluster;
    this.#pod = pod;
  }

  /** Writes what the node knows into the pod's status, unless the object went. */
  report(containers: readonly Container[], end: PodEnd | undefined): void {
    const current = this.#object();
    if (!this.connected || current === undefined) return;
    const status = podStatus(current, containers, this.boundAtMs, this.#cluster.timers.now(), end);
    this.#cluster.api.put(RESOURCES.pods, { ...current, status }, by);
  }

  /** Records an event about the pod. */
  record(type: "Normal" | "Warning", reason: string, message: string): void {
    if (this.connected) this.#cluster.events.record(this.#pod, { type, reason, message, by: by.name });
  }

  /** Removes the pod's object for good, if it is still this pod's. */
  removeObject(): void {
    const { namespace, name } = this.#pod.metadata;
    if (this.#object() === undefined) return;
    this.#cluster.api.delete(RESOURCES.pods, namespace, name, { by, gracePeriodSeconds: 0 });
  }

  #object(): PodObject | undefined {
    const { namespace, name, uid } = this.#pod.metadata;
    const object = this.#cluster.store.get(RESOURCES.pods, namespace, name) as PodObject | undefined;
    return object?.metadata.uid === uid ? object : undefined;
  }
}
