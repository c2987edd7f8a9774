import type { Random } from "./random.ts";

/** Waits that grow: the first is about `baseMs`, each further one twice the one before, none above `capMs`. */
export interface Backoff {
  readonly baseMs: number;
  readonly capMs: number;
}

/**
 * How long to wait after the `failures`-th failure in a row (1 is the first), in milliseconds. The upper half of the wait is
 * random, so that those who failed together do not come back together.
 */
export function backoffMs(failures: number, { baseMs, capMs }: Backoff, random: Random): number {
  const fullMs = Math.min(capMs, baseMs * 2 ** Math.max(0, failures - 1));
  return fullMs / 2 + (fullMs / 2) * random.next();
}
