import type { Clock } from "../../support/clock.ts";

/** Things to do later, in the world's time. Nothing is armed while nothing is due: an idle world costs nothing. */
export class Timers {
  readonly #clock: Clock;
  readonly #armed = new Set<AbortController>();
  #stopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  /** Does it once, `delayMs` from now; gives the way to call it off. */
  after(delayMs: number, action: () => void): () => void {
    if (this.#stopped) return () => undefined;
    const abort = new AbortController();
    this.#armed.add(abort);
    void this.#clock.sleep(delayMs, abort.signal).then(
      () => {
        this.#armed.delete(abort);
        action();
      },
      () => this.#armed.delete(abort),
    );
    return () => abort.abort();
  }

  /** Calls everything off, now and from now on. */
  stop(): void {
    this.#stopped = true;
    for (const abort of this.#armed) abort.abort();
  }
}

/** Timers that are called off together. */
export class TimerGroup {
  readonly #timers: Timers;
  readonly #cancels = new Set<() => void>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  after(delayMs: number, action: () => void): void {
    const cancel = this.#timers.after(delayMs, () => {
      this.#cancels.delete(cancel);
      action();
    });
    this.#cancels.add(cancel);
  }

  cancelAll(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
  }
}

/**
 * Keys to look at soon, as a controller's work queue: however often a key is asked for, it is worked on once, at the earliest time that
 * was asked for.
 */
export class WorkQueue {
  readonly #timers: Timers;
  readonly #work: (key: string) => void;
  readonly #due = new Map<string, { readonly at: number; readonly cancel: () => void }>();

  constructor(timers: Timers, work: (key: string) => void) {
    this.#timers = timers;
    this.#work = work;
  }

  add(key: string, delayMs: number): void {
    const at = this.#timers.now() + delayMs;
    const before = this.#due.get(key);
    if (before !== undefined && before.at <= at) return;
    before?.cancel();
    const cancel = this.#timers.after(delayMs, () => {
      this.#due.delete(key);
      this.#work(key);
    });
    this.#due.set(key, { at, cancel });
  }
}
