import { type Clock, reasonOf, unlessAborted } from "../support/clock.ts";

/**
 * Time that passes only when told to. Sleepers wake in the order of their time, then of their asking, and everything that follows from
 * one waking settles before the next: the same program under the same seed is the same run.
 */
export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  readonly #heap: Sleeper[] = [];

  constructor(startMs: number) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        sleeper.gone = true;
        reject(reasonOf(signal));
      };
      const sleeper: Sleeper = {
        at: this.#now + Math.max(0, ms),
        order: this.#order++,
        gone: false,
        wake: () => {
          signal?.removeEventListener("abort", abort);
          resolve();
        },
      };
      if (signal?.aborted) return abort();
      signal?.addEventListener("abort", abort, { once: true });
      push(this.#heap, sleeper);
    });
  }

  pause(ms: number, signal: AbortSignal): Promise<void> {
    return unlessAborted(this.sleep(ms, signal), signal);
  }

  /** Lets time pass until `timeMs`, waking whoever is due, each with `afterEach` called once its consequences have settled. */
  async runUntil(timeMs: number, afterEach?: () => void): Promise<void> {
    await settled();
    for (let next = this.#heap[0]; next !== undefined && next.at <= timeMs; next = this.#heap[0]) {
      pop(this.#heap);
      if (next.gone) continue;
      this.#now = Math.max(this.#now, next.at);
      next.wake();
      await settled();
      afterEach?.();
    }
    this.#now = Math.max(this.#now, timeMs);
  }

  /** {@link runUntil} a time from now. */
  advance(ms: number, afterEach?: () => void): Promise<void> {
    return this.runUntil(this.#now + ms, afterEach);
  }
}

interface Sleeper {
  readonly at: number;
  readonly order: number;
  readonly wake: () => void;
  gone: boolean;
}

/** Resolves when no promise can make progress without time passing (nothing here does real I/O). */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function before(a: Sleeper, b: Sleeper): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function push(heap: Sleeper[], sleeper: Sleeper): void {
  heap.push(sleeper);
  let i = heap.length - 1;
  while (i > 0) {
    const up = (i - 1) >> 1;
    const parent = heap[up];
    if (parent === undefined || !before(sleeper, parent)) break;
    heap[i] = parent;
    i = up;
  }
  heap[i] = sleeper;
}

function pop(heap: Sleeper[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let i = 0;
  for (;;) {
    let down = 2 * i + 1;
    let child = heap[down];
    if (child === undefined) break;
    const right = heap[down + 1];
    if (right !== undefined && before(right, child)) {
      down += 1;
      child = right;
    }
    if (!before(child, last)) break;
    heap[i] = child;
    i = down;
  }
  heap[i] = last;
}
