import type { Clock } from "./clock.ts";
import type { Random } from "./random.ts";

/** Waits that double with each failure in a row, jittered by half, up to a longest one. */
export class BackOff {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #random: Random;
  readonly #longestMs: number;
  #failures = 0;
  #until = 0;

  constructor(clock: Pick<Clock, "monotonic">, random: Random, longestMs: number) {
    this.#clock = clock;
    this.#random = random;
    this.#longestMs = longestMs;
  }

  /** Whether the last failure is still being waited out. */
  get active(): boolean {
    return this.#clock.monotonic() < this.#until;
  }

  /** Until when the last failure is to be waited out, by the clock; 0 after a success. */
  get until(): number {
    return this.#until;
  }

  /** Whether the last outcome was a failure, waited out or not. */
  get failing(): boolean {
    return this.#failures > 0;
  }

  /** Another failure; the first one waits about `firstMs`. @returns the wait in milliseconds */
  fail(firstMs: number): number {
    const waitMs = Math.min(this.#longestMs, firstMs * 2 ** this.#failures) * (0.5 + this.#random.next() / 2);
    this.#failures += 1;
    this.#until = this.#clock.monotonic() + waitMs;
    return waitMs;
  }

  succeed(): void {
    this.#failures = 0;
    this.#until = 0;
  }
}
