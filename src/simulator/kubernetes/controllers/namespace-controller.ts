import { controller } from "../actor.ts";
import { decodeValue } from "../api/decode.ts";
import type { Cluster } from "../cluster.ts";
import { RESOURCES } from "../resources.ts";
import type { Change } from "../store.ts";
import { WorkQueue } from "../timers.ts";

const by = controller("namespace-controller");

/** Gives each namespace its `default` ServiceAccount, and empties and removes those that are being deleted. */
export class NamespaceController {
  readonly #cluster: Cluster;
  readonly #queue: WorkQueue;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#queue = new WorkQueue(cluster.timers, (name) => this.#look(name));
  }

  onChange({ type, resource, object }: Change): void {
    const { namespaceDeletionMs, jobSyncMs } = this.#cluster.times;
    const { name, namespace, deletionTimestamp } = object.metadata;
    if (resource.name === "namespaces") {
      if (type === "ADDED") this.#queue.add(name, jobSyncMs);
      if (deletionTimestamp !== undefined && type === "MODIFIED") this.#queue.add(name, namespaceDeletionMs);
    } else if (type === "DELETED" && namespace !== undefined && this.#isTerminating(namespace)) {
      this.#queue.add(namespace, namespaceDeletionMs);
    }
  }

  #look(name: string): void {
    const { store, api } = this.#cluster;
    const namespace = store.get(RESOURCES.namespaces, undefined, name);
    if (namespace === undefined) return;
    if (namespace.metadata.deletionTimestamp === undefined) return this.#createServiceAccount(name);
    let left = 0;
    for (const resource of Object.values(RESOURCES)) {
      if (!resource.namespaced) continue;
      for (const { metadata } of store.list(resource, name)) {
        const { gone } = api.delete(resource, name, metadata.name, { by, propagationPolicy: "Background" });
        if (!gone) left += 1;
      }
    }
    if (left === 0) store.remove(RESOURCES.namespaces, namespace, by);
  }

  #createServiceAccount(namespace: string): void {
    const { store, api } = this.#cluster;
    if (store.get(RESOURCES.serviceaccounts, namespace, "default") !== undefined) return;
    const draft = decodeValue(RESOURCES.serviceaccounts, { metadata: { name: "default" } });
    api.create(RESOURCES.serviceaccounts, namespace, draft, { by });
  }

  #isTerminating(name: string): boolean {
    return this.#cluster.store.get(RESOURCES.namespaces, undefined, name)?.metadata.deletionTimestamp !== undefined;
  }
}
