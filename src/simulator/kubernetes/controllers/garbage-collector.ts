import { randomBetween } from "../../../support/random.ts";
import { controller } from "../actor.ts";
import { FOREGROUND, ORPHAN } from "../api/deletion.ts";
import type { Cluster } from "../cluster.ts";
import { type KubeObject, type OwnerReference, withMeta } from "../objects.ts";
import { RESOURCES, type Resource, type ResourceName, resourceOf } from "../resources.ts";
import type { Change, Entry } from "../store.ts";
import { WorkQueue } from "../timers.ts";

const by = controller("garbage-collector");

/**
 * Deletes what has lost all its owners (or never had one that exists), carries out foreground deletion (dependants first, the owner when
 * none that blocks it is left) and orphaning, as Kubernetes' garbage collector does.
 */
export class GarbageCollector {
  readonly #cluster: Cluster;
  readonly #queue: WorkQueue;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#queue = new WorkQueue(cluster.timers, (key) => this.#look(key));
  }

  onChange({ type, resource, object }: Change): void {
    const { metadata } = object;
    if (type === "DELETED") {
      for (const dependent of this.#cluster.store.dependentsOf(metadata.uid)) this.#add(dependent);
      for (const owner of metadata.ownerReferences ?? []) this.#addOwner(owner, metadata.namespace);
      return;
    }
    if (isBeing(FOREGROUND, object) || isBeing(ORPHAN, object)) this.#add({ resource, object });
    const owners = metadata.ownerReferences ?? [];
    if (
      owners.length > 0 &&
      metadata.deletionTimestamp === undefined &&
      !owners.every((owner) => this.#isSolid(owner, object))
    ) {
      this.#add({ resource, object });
    }
  }

  #add({ resource, object }: Entry): void {
    const { namespace = "", name } = object.metadata;
    const { random, times } = this.#cluster;
    this.#queue.add(`${resource.name} ${namespace} ${name}`, randomBetween(random, times.garbageCollectionMs));
  }

  #addOwner(owner: OwnerReference, namespace: string | undefined): void {
    const entry = this.#find(owner, namespace);
    if (entry !== undefined && isBeing(FOREGROUND, entry.object)) this.#add(entry);
  }

  #look(key: string): void {
    const [plural, namespace = "", name = ""] = key.split(" ");
    const resource = RESOURCES[plural as ResourceName];
    const object = this.#cluster.store.get(resource, namespace === "" ? undefined : namespace, name);
    if (object === undefined) return;
    if (isBeing(ORPHAN, object)) this.#orphan(resource, object);
    else if (isBeing(FOREGROUND, object)) this.#deleteInForeground(resource, object);
    else this.#collect(resource, object);
  }

  #orphan(resource: Resource, owner: KubeObject): void {
    const { store, api } = this.#cluster;
    const { uid } = owner.metadata;
    for (const { resource: kind, object } of store.dependentsOf(uid)) {
      const others = object.metadata.ownerReferences?.filter((reference) => reference.uid !== uid);
      api.put(kind, withOwners(object, others), by);
    }
    api.put(resource, withoutFinalizer(owner, ORPHAN), by);
  }

  #deleteInForeground(resource: Resource, owner: KubeObject): void {
    const { store, api } = this.#cluster;
    const { uid } = owner.metadata;
    const dependents = store.dependentsOf(uid);
    const blocking = dependents.filter(({ object }) =>
      object.metadata.ownerReferences?.some(
        (reference) => reference.uid === uid && reference.blockOwnerDeletion === true,
      ),
    );
    for (const { resource: kind, object } of dependents) this.#collect(kind, object);
    if (blocking.length === 0) api.put(resource, withoutFinalizer(owner, FOREGROUND), by);
  }

  /** Deletes the object unless an owner that stays is left. */
  #collect(resource: Resource, object: KubeObject): void {
    const { api, store } = this.#cluster;
    const { ownerReferences = [], deletionTimestamp, namespace, name, uid } = object.metadata;
    if (ownerReferences.length === 0 || deletionTimestamp !== undefined) return;
    const solid = ownerReferences.filter((owner) => this.#isSolid(owner, object));
    if (solid.length > 0) {
      if (solid.length < ownerReferences.length) api.put(resource, withOwners(object, solid), by);
      return;
    }
    const waiting = ownerReferences.some((owner) => this.#find(owner, namespace)?.object.metadata.uid === owner.uid);
    const propagationPolicy = waiting && store.dependentsOf(uid).length > 0 ? "Foreground" : "Background";
    api.delete(resource, namespace, name, { by, propagationPolicy, preconditions: { uid } });
  }

  /** The owner exists and stays. What this world does not know counts as existing. */
  #isSolid(owner: OwnerReference, object: KubeObject): boolean {
    if (resourceOf(owner.apiVersion, owner.kind) === undefined) return true;
    const found = this.#find(owner, object.metadata.namespace)?.object;
    return found?.metadata.uid === owner.uid && !isBeing(FOREGROUND, found);
  }

  #find(owner: OwnerReference, namespace: string | undefined): Entry | undefined {
    const resource = resourceOf(owner.apiVersion, owner.kind);
    if (resource === undefined) return undefined;
    const object = this.#cluster.store.get(resource, resource.namespaced ? namespace : undefined, owner.name);
    return object === undefined ? undefined : { resource, object };
  }
}

function isBeing(finalizer: string, { metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes(finalizer) === true;
}

function withoutFinalizer(object: KubeObject, finalizer: string): KubeObject {
  const others = (object.metadata.finalizers ?? []).filter((other) => other !== finalizer);
  return withMeta(object, { finalizers: others.length === 0 ? undefined : others });
}

function withOwners(object: KubeObject, owners: readonly OwnerReference[] | undefined): KubeObject {
  return withMeta(object, { ownerReferences: owners === undefined || owners.length === 0 ? undefined : owners });
}
