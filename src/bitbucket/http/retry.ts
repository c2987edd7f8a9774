import { BackOff } from "../../support/back-off.ts";
import type { Clock } from "../../support/clock.ts";
import type { Random } from "../../support/random.ts";
import { retry } from "../../support/retry.ts";
import { ServerFault, Unreachable } from "../errors.ts";

const MOST_TRIES = 3;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5_000;
/** A server that asks for more patience than this gets it from the next pass. */
const LONGEST_RETRY_AFTER_MS = 10_000;

/**
 * Tries again, a few times and later each time, when no response came or Bitbucket failed (5xx). Only for what may be done twice: reads, and
 * writes that leave the same state. Everything else (a refusal, a pause, a spent budget) is thrown at once.
 *
 * @throws the last failure. @throws the signal's reason when it aborts.
 */
export async function withRetries<T>(
  once: () => Promise<T>,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  signal: AbortSignal,
): Promise<T> {
  const backOff = new BackOff(clock, random, LONGEST_WAIT_MS);
  const waitAfter = (error: unknown, tries: number): number => {
    const askedMs = error instanceof ServerFault ? error.retryAfterMs : 0;
    const isPassing = error instanceof ServerFault || error instanceof Unreachable;
    if (!isPassing || tries === MOST_TRIES || askedMs > LONGEST_RETRY_AFTER_MS) throw error;
    return Math.max(askedMs, backOff.fail(FIRST_WAIT_MS));
  };
  return retry(clock, once, waitAfter, signal);
}
