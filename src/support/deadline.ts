import { setMaxListeners } from "node:events";
import { type Clock, reasonOf } from "./clock.ts";

/** Why the timer of work that has ended stops: made once, since every request needs it. */
const ENDED = new Error("the work has ended");

/** The time for a piece of work ran out. */
export class DeadlinePassed extends Error {
  override readonly name = "DeadlinePassed";

  constructor(ms: number) {
    super(`no complete reply within ${ms / 1000} s`);
  }
}

/**
 * Runs `work` with a signal of its own that aborts with the caller's signal, or after `ms` of the clock's time. Then it rejects at once,
 * whether or not the work heeds its signal.
 *
 * @throws {DeadlinePassed} after `ms`. @throws the caller's reason when its signal aborts. @throws what the work throws.
 */
export async function withDeadline<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (signal.aborted) throw reasonOf(signal);
  const timer = new AbortController();
  const running = new AbortController();
  const deadline = clock.sleep(ms, timer.signal).then(
    () => running.abort(new DeadlinePassed(ms)),
    () => undefined, // The work ended first.
  );
  const release = follow(signal, running);
  try {
    return await abortable(work(running.signal), running.signal);
  } finally {
    release();
    timer.abort(ENDED);
    await deadline;
  }
}

/** The promise's outcome, or the signal's reason when that aborts first. The promise itself runs on. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(reasonOf(signal));
    const release = () => signal.removeEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(release);
  });
}

/**
 * Makes a controller abort when a signal does, until released. Not AbortSignal.any: on Node 20 that keeps every combination that was ever
 * made of a long-lived signal.
 *
 * @returns the release
 */
export function follow(signal: AbortSignal, follower: AbortController): () => void {
  // Many calls share one signal, and each takes its listener away again: Node would warn of a leak at eleven.
  setMaxListeners(0, signal);
  const onAbort = () => follower.abort(reasonOf(signal));
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  return () => signal.removeEventListener("abort", onAbort);
}
