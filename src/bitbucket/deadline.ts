import { type Clock, reasonOf } from "../support/clock.ts";

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
  const running = new AbortController();
  const timer = new AbortController();
  const deadline = clock.sleep(ms, timer.signal).then(
    () => running.abort(new DeadlinePassed(ms)),
    () => undefined, // The work ended first.
  );
  try {
    // Not AbortSignal.any: on Node 20 it keeps every combination that was ever made of a long-lived signal.
    return await following(signal, running, () => abortable(work(running.signal), running.signal));
  } finally {
    timer.abort();
    await deadline;
  }
}

/** The promise's outcome, or the signal's reason when that aborts first. The promise itself runs on. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(reasonOf(signal));
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

/** The time for a piece of work ran out. */
class DeadlinePassed extends Error {
  override readonly name = "DeadlinePassed";
  constructor(ms: number) {
    super(`no complete reply within ${ms / 1000} s`);
  }
}

async function following<T>(signal: AbortSignal, follower: AbortController, work: () => Promise<T>): Promise<T> {
  const onAbort = () => follower.abort(reasonOf(signal));
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await work();
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
