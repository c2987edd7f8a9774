import { type ControllerName, controller } from "../actor.ts";
import type { ApiServer } from "../api/api-server.ts";
import { decodeValue } from "../api/decode.ts";
import { type KubeObject, timestamp } from "../objects.ts";
import { RESOURCES } from "../resources.ts";
import type { Store } from "../store.ts";
import type { Timers } from "../timers.ts";

/** Kubernetes' words for what happened. */
export interface Occurrence {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
  readonly by: ControllerName;
}

/** How long a real API server keeps Events. */
const KEPT_MS = 3_600_000;

/** The `Event` objects of the cluster's own loops: those that say the same of the same object are counted in one. */
export class EventRecorder {
  readonly #store: Store;
  readonly #api: ApiServer;
  readonly #timers: Timers;
  /** By what they say, the longest unseen first. */
  readonly #known = new Map<string, { readonly namespace: string; readonly name: string; readonly at: number }>();
  #count = 0;

  constructor(store: Store, api: ApiServer, timers: Timers) {
    this.#store = store;
    this.#api = api;
    this.#timers = timers;
  }

  record(about: KubeObject, { type, reason, message, by }: Occurrence): void {
    const at = this.#timers.now();
    this.#forgetOlderThan(at - KEPT_MS);
    const namespace = about.metadata.namespace ?? "default";
    if (this.#store.get(RESOURCES.namespaces, undefined, namespace)?.metadata.deletionTimestamp !== undefined) return;
    const key = `${about.metadata.uid} ${reason} ${message}`;
    const known = this.#known.get(key);
    this.#known.delete(key);
    const event = known === undefined ? undefined : this.#store.get(RESOURCES.events, namespace, known.name);
    if (known !== undefined && event !== undefined) {
      const count = typeof event.count === "number" ? event.count + 1 : 2;
      this.#api.put(RESOURCES.events, { ...event, count, lastTimestamp: timestamp(at) }, controller(by));
      this.#known.set(key, { ...known, at });
      return;
    }
    this.#count += 1;
    const name = `${about.metadata.name}.${this.#count.toString(16).padStart(8, "0")}`;
    const draft = decodeValue(RESOURCES.events, {
      metadata: { name },
      involvedObject: referenceTo(about),
      type,
      reason,
      message,
      source: { component: by },
      reportingComponent: by,
      firstTimestamp: timestamp(at),
      lastTimestamp: timestamp(at),
      count: 1,
    });
    this.#api.create(RESOURCES.events, namespace, draft, { by: controller(by) });
    this.#known.set(key, { namespace, name, at });
  }

  #forgetOlderThan(time: number): void {
    for (const [key, { namespace, name, at }] of this.#known) {
      if (at >= time) return;
      this.#known.delete(key);
      const event = this.#store.get(RESOURCES.events, namespace, name);
      if (event !== undefined) this.#store.remove(RESOURCES.events, event, controller("garbage-collector"));
    }
  }
}

function referenceTo({ apiVersion, kind, metadata }: KubeObject): Readonly<Record<string, unknown>> {
  const { namespace = "default", name, uid, resourceVersion } = metadata;
  return { apiVersion, kind, namespace, name, uid, resourceVersion };
}
