import { type Clock, unlessAborted } from "../support/clock.ts";

/**
 * The clock of one simulated process. Its wall clock may be wrong, and jump; its monotonic clock counts from a moment of its own, so that one
 * process's is nonsense to another; and the process can be paused: then none of its waits ends before that is over.
 */
export class ProcessClock implements Clock {
  readonly #world: Clock;
  readonly #startedAt: number;
  #aheadMs: number;
  #pausedUntil = 0;

  /** @param aheadMs how far its wall clock is ahead of the world's */
  constructor(world: Clock, aheadMs = 0) {
    this.#world = world;
    this.#aheadMs = aheadMs;
    this.#startedAt = world.now();
  }

  now(): number {
    return this.#world.now() + this.#aheadMs;
  }

  monotonic(): number {
    return 1 + this.#world.now() - this.#startedAt;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await this.#world.sleep(ms, signal);
    await this.resumed();
  }

  pause(ms: number, signal: AbortSignal): Promise<void> {
    return unlessAborted(this.sleep(ms, signal), signal);
  }

  /** Somebody sets the machine's wall clock. */
  jump(ms: number): void {
    this.#aheadMs += ms;
  }

  /** The whole process stands still for so long, from now on. */
  freeze(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#world.now() + ms);
  }

  /** Resolves when the process runs: at once, unless it stands still. */
  async resumed(): Promise<void> {
    while (this.#world.now() < this.#pausedUntil) await this.#world.sleep(this.#pausedUntil - this.#world.now());
  }
}
