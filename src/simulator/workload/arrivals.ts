import type { Random } from "../../support/random.ts";

const HOUR_MS = 3_600_000;

/**
 * Times of a Poisson process whose rate changes with time, in order, from 0 to `lengthMs`: candidates at the highest rate, of which as
 * many are kept as the rate of their time is of the highest.
 */
export function arrivals(random: Random, lengthMs: number, perHour: (timeMs: number) => number): number[] {
  let highest = 0;
  for (let timeMs = 0; timeMs < lengthMs; timeMs += HOUR_MS) highest = Math.max(highest, perHour(timeMs));
  if (highest === 0) return [];
  const times: number[] = [];
  for (let timeMs = gap(random, highest); timeMs < lengthMs; timeMs += gap(random, highest)) {
    if (random.next() * highest < perHour(timeMs)) times.push(timeMs);
  }
  return times;
}

/** How long a step takes: short ones are much more frequent than long ones (even on a logarithmic scale). */
export function drawDurationMs(random: Random, [min, max]: readonly [min: number, max: number]): number {
  return Math.round(min * (max / min) ** random.next());
}

function gap(random: Random, perHour: number): number {
  return (-Math.log(1 - random.next()) / perHour) * HOUR_MS;
}
