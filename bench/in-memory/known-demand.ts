import { passTimeUntil } from "../../src/simulation/run.ts";
import { quantile } from "../../src/simulation/statistics.ts";
import { settingsFor } from "../configuration.ts";
import type { Measurement, Row } from "../row.ts";
import { verdict } from "../row.ts";
import { MINUTE_MS, SECOND_MS, secondsText } from "../units.ts";
import { InMemoryInstallation } from "./installation.ts";

const SEEDS = Array.from({ length: 11 }, (_, i) => i + 1);
const WARM_UP_MS = 10 * MINUTE_MS;
/** From seed to seed the file is edited at another moment between two passes. */
const OFFSET_MS = 1_700;

/** From the edit that raises `min` (the only demand that is known today) to the last Job. */
export const knownDemand: Measurement = {
  name: "known-demand",
  about: `1 → 10 and 1 → 100 runners, ${SEEDS.length} simulated bursts each`,
  async measure() {
    return [await rowOf(10, "51 min", 20 * SECOND_MS), await rowOf(100, "126 min", 30 * SECOND_MS)];
  },
};

async function rowOf(max: number, original: string, targetMs: number): Promise<Row> {
  const growthMs: number[] = [];
  for (const seed of SEEDS) growthMs.push(await grow(max, seed));
  const worst = quantile(growthMs, 1);
  return {
    what: `1 → ${max} runners, demand known (min is raised): to the last Job`,
    original,
    target: `≤ ${targetMs / SECOND_MS} s`,
    measured: `p50 ${secondsText(quantile(growthMs, 0.5))}, longest ${secondsText(worst)}`,
    verdict: verdict(worst <= targetMs),
    figures: { growthMs },
  };
}

async function grow(max: number, seed: number): Promise<number> {
  const installation = new InMemoryInstallation({ seed, settings: settingsFor({ groups: 1, min: 1, max }) });
  const { clock, usage } = installation;
  try {
    await clock.advance(WARM_UP_MS + seed * OFFSET_MS);
    const editedAt = clock.now();
    installation.settings = settingsFor({ groups: 1, min: max, max });
    const isSo = () => usage.jobsMadeAt.length === max;
    await passTimeUntil(clock, { what: "all Jobs made", isSo, withinMs: 10 * MINUTE_MS });
    return (usage.jobsMadeAt.at(-1) ?? Number.NaN) - editedAt;
  } finally {
    installation.close();
  }
}
