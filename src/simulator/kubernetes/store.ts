import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../support/clock.ts";
import type { Actor } from "./actor.ts";
import { type KubeObject, withMeta } from "./objects.ts";
import { RESOURCE_NAMES, type Resource, type ResourceName } from "./resources.ts";

/** One write, as watchers and observers see it. */
export interface Change {
  /** The revision that this write made; the object carries it as its resourceVersion. */
  readonly revision: number;
  /** World time. */
  readonly at: number;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly resource: Resource;
  /** After the write; for DELETED the last state. */
  readonly object: KubeObject;
  /** Before the write; undefined for ADDED. */
  readonly previous: KubeObject | undefined;
  readonly by: Actor;
}

/** An object and what it is. */
export interface Entry {
  readonly resource: Resource;
  readonly object: KubeObject;
}

/** A fresh cluster has had some writes already; clients must not read anything into the numbers. */
const FIRST_REVISION = 1_000;

/**
 * What etcd is to a cluster: all objects, one counter of revisions over all of them, and the last writes, from which watches catch up and
 * pages of one list stay consistent.
 */
export class Store {
  readonly #clock: Clock;
  readonly #historyLength: number;
  readonly #objects = new Map<ResourceName, Map<string, KubeObject>>(RESOURCE_NAMES.map((name) => [name, new Map()]));
  readonly #sorted = new Map<ResourceName, readonly KubeObject[]>();
  readonly #dependents = new Map<string, Map<string, { readonly resource: Resource; readonly key: string }>>();
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #undelivered: Change[] = [];
  #history: Change[] = [];
  #revision = FIRST_REVISION;
  /** Nothing up to this revision can be watched or listed any more. */
  #compacted = FIRST_REVISION;

  /** `historyLength`: how many writes are remembered. */
  constructor(clock: Clock, historyLength: number) {
    this.#clock = clock;
    this.#historyLength = historyLength;
  }

  /** The revision of the last write. */
  get revision(): number {
    return this.#revision;
  }

  get(resource: Resource, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#of(resource).get(keyOf(namespace, name));
  }

  /** All objects of a resource (of one namespace), in the order of their keys, as etcd lists them. */
  list(resource: Resource, namespace?: string): readonly KubeObject[] {
    let all = this.#sorted.get(resource.name);
    if (all === undefined) {
      all = sortByKey([...this.#of(resource).values()]);
      this.#sorted.set(resource.name, all);
    }
    return namespace === undefined ? all : all.filter((object) => object.metadata.namespace === namespace);
  }

  /** The same list as it was at an earlier revision; undefined when that is forgotten. */
  listAt(revision: number, resource: Resource, namespace?: string): readonly KubeObject[] | undefined {
    const later = this.changesAfter(revision);
    if (later === undefined) return undefined;
    const objects = new Map(this.list(resource, namespace).map((object) => [keyOfObject(object), object]));
    for (const { resource: changed, object, previous } of later.toReversed()) {
      if (changed !== resource || (namespace !== undefined && object.metadata.namespace !== namespace)) continue;
      if (previous === undefined) objects.delete(keyOfObject(object));
      else objects.set(keyOfObject(previous), previous);
    }
    return sortByKey([...objects.values()]);
  }

  /** Objects that name `uid` among their owners. */
  dependentsOf(uid: string): readonly Entry[] {
    return [...(this.#dependents.get(uid)?.values() ?? [])].flatMap(({ resource, key }) => {
      const object = this.#of(resource).get(key);
      return object === undefined ? [] : [{ resource, object }];
    });
  }

  /** The writes after a revision, oldest first; undefined when some of them are forgotten. */
  changesAfter(revision: number): readonly Change[] | undefined {
    const oldest = Math.max(this.#compacted, this.#revision - this.#historyLength);
    if (revision < oldest) return undefined;
    return revision >= this.#revision ? [] : this.#history.slice(revision - this.#revision);
  }

  /** Forgets all past writes, as etcd's compaction does: every resourceVersion but the current one is too old from now on. */
  compact(): void {
    this.#compacted = this.#revision;
    this.#history = [];
  }

  add(resource: Resource, object: KubeObject, by: Actor): KubeObject {
    return this.#write("ADDED", resource, object, undefined, by);
  }

  /** Writes a new state of a known object; one that says nothing new is no write. */
  replace(resource: Resource, object: KubeObject, by: Actor): KubeObject {
    const previous = this.get(resource, object.metadata.namespace, object.metadata.name);
    if (previous === undefined) throw new Error(`${resource.kind} ${keyOfObject(object)} is not in the store`);
    const sameVersion = withMeta(object, { resourceVersion: previous.metadata.resourceVersion });
    if (isDeepStrictEqual(sameVersion, previous)) return previous;
    return this.#write("MODIFIED", resource, object, previous, by);
  }

  /** Removes an object; watchers see it as it is given, with the revision of its removal. */
  remove(resource: Resource, last: KubeObject, by: Actor): KubeObject {
    const previous = this.get(resource, last.metadata.namespace, last.metadata.name);
    if (previous === undefined) throw new Error(`${resource.kind} ${keyOfObject(last)} is not in the store`);
    return this.#write("DELETED", resource, last, previous, by);
  }

  /** Calls the listener after every write; gives the way to end that. */
  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #write(
    type: Change["type"],
    resource: Resource,
    state: KubeObject,
    previous: KubeObject | undefined,
    by: Actor,
  ): KubeObject {
    this.#revision += 1;
    const object = withMeta(state, { resourceVersion: String(this.#revision) });
    const key = keyOfObject(object);
    if (type === "DELETED") this.#of(resource).delete(key);
    else this.#of(resource).set(key, object);
    this.#sorted.delete(resource.name);
    this.#index(resource, key, object, previous, type);
    const change: Change = { revision: this.#revision, at: this.#clock.now(), type, resource, object, previous, by };
    this.#history.push(change);
    if (this.#history.length > 2 * this.#historyLength) this.#history = this.#history.slice(-this.#historyLength);
    this.#deliver(change);
    return object;
  }

  /** Every listener hears of every write in order, even of those that listeners make. */
  #deliver(change: Change): void {
    this.#undelivered.push(change);
    if (this.#undelivered.length > 1) return;
    try {
      for (let next = this.#undelivered[0]; next !== undefined; next = this.#undelivered[0]) {
        for (const listener of [...this.#listeners]) listener(next);
        this.#undelivered.shift();
      }
    } finally {
      this.#undelivered.length = 0;
    }
  }

  #index(
    resource: Resource,
    key: string,
    object: KubeObject,
    previous: KubeObject | undefined,
    type: Change["type"],
  ): void {
    for (const { uid } of previous?.metadata.ownerReferences ?? []) {
      const dependents = this.#dependents.get(uid);
      dependents?.delete(object.metadata.uid);
      if (dependents?.size === 0) this.#dependents.delete(uid);
    }
    if (type === "DELETED") return;
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const dependents = this.#dependents.get(uid) ?? new Map<string, { resource: Resource; key: string }>();
      dependents.set(object.metadata.uid, { resource, key });
      this.#dependents.set(uid, dependents);
    }
  }

  #of(resource: Resource): Map<string, KubeObject> {
    const objects = this.#objects.get(resource.name);
    if (objects === undefined) throw new Error(`no such resource: ${resource.name}`);
    return objects;
  }
}

/** `namespace/name`, or the name alone for what has no namespace: the order of these is the order of lists. */
export function keyOf(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

export function keyOfObject({ metadata }: KubeObject): string {
  return keyOf(metadata.namespace, metadata.name);
}

function sortByKey(objects: KubeObject[]): readonly KubeObject[] {
  return objects.sort((a, b) => (keyOfObject(a) < keyOfObject(b) ? -1 : 1));
}
