import { type Clock, reasonOf } from "./clock.ts";

/**
 * Does work again until it succeeds.
 *
 * @param pauseAfter gives the pause before the next try in milliseconds, for what the last one threw and how many there were; it throws
 * when there should be no further one.
 * @throws what `pauseAfter` throws. @throws the signal's reason when it aborts.
 */
export async function retry<T>(
  clock: Clock,
  work: () => Promise<T>,
  pauseAfter: (thrown: unknown, tries: number) => number,
  signal: AbortSignal,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (thrown) {
      if (signal.aborted) throw reasonOf(signal);
      await clock.sleep(pauseAfter(thrown, tries), signal);
    }
  }
}
