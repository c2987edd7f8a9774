import { type Random, randomBetween } from "../../../support/random.ts";
import type { KubeObject } from "../objects.ts";
import { RESOURCES } from "../resources.ts";
import { type Change, keyOf, keyOfObject, type Store } from "../store.ts";
import type { Timers } from "../timers.ts";

/** A state that a Secret had until `until`. */
interface Past {
  readonly until: number;
  readonly secret: KubeObject;
}

/**
 * Secrets as kubelets see them: each keeps the Secrets of its pods and learns of a change, or of a removal, some time later. A Secret that
 * was not there is looked for anew every time.
 */
export class SecretCache {
  readonly #store: Store;
  readonly #timers: Timers;
  readonly #random: Random;
  readonly #staleMs: number;
  readonly #past = new Map<string, readonly Past[]>();

  /** `staleMs`: the longest delay; each read has its own, evenly below that. */
  constructor(store: Store, timers: Timers, random: Random, staleMs: number) {
    this.#store = store;
    this.#timers = timers;
    this.#random = random;
    this.#staleMs = staleMs;
  }

  onChange({ resource, object, previous, at }: Change): void {
    if (resource.name !== "secrets" || previous === undefined || this.#staleMs === 0) return;
    const key = keyOfObject(object);
    const recent = (this.#past.get(key) ?? []).filter(({ until }) => until > at - this.#staleMs);
    this.#past.set(key, [...recent, { until: at, secret: previous }]);
    this.#timers.after(this.#staleMs, () => this.#forget(key));
  }

  /** A Secret as the kubelet sees it that got to know of its pod at `since`. */
  read(namespace: string, name: string, since: number): KubeObject | undefined {
    const past = this.#past.get(keyOf(namespace, name));
    const current = this.#store.get(RESOURCES.secrets, namespace, name);
    if (past === undefined) return current;
    const seen = Math.max(since, this.#timers.now() - randomBetween(this.#random, [0, this.#staleMs]));
    return past.find(({ until }) => until > seen)?.secret ?? current;
  }

  #forget(key: string): void {
    const recent = (this.#past.get(key) ?? []).filter(({ until }) => until > this.#timers.now() - this.#staleMs);
    if (recent.length === 0) this.#past.delete(key);
    else this.#past.set(key, recent);
  }
}
