import { median } from "../../src/simulation/statistics.ts";
import { settingsFor } from "../configuration.ts";
import type { Measurement, Row } from "../row.ts";
import { verdict } from "../row.ts";
import { HOUR_MS, MINUTE_MS } from "../units.ts";
import { InMemoryInstallation } from "./installation.ts";

const SEEDS = [1, 2, 3];
const MOST = 270;
/** Runners are made and come ONLINE, names are looked up, which is not the steady state. */
const WARM_UP_MS = 15 * MINUTE_MS;

/** Bitbucket requests of controller and cleaner together while nothing changes. */
export const requestsPerHour: Measurement = {
  name: "requests",
  about: `Bitbucket requests an hour, ${SEEDS.length} simulated hours each`,
  async measure() {
    return [await rowOf(1, ""), await rowOf(10, "24,277 (measured)")];
  },
};

async function rowOf(groups: number, original: string): Promise<Row> {
  const requests: number[] = [];
  for (const seed of SEEDS) requests.push(await steadyHour(groups, seed));
  const typical = median(requests);
  return {
    what: `Bitbucket requests an hour, ${groups} ${groups === 1 ? "group" : "groups"}, one workspace, steady`,
    original,
    target: `≤ ${MOST}`,
    measured: String(typical),
    verdict: verdict(typical <= MOST),
    figures: { requests },
  };
}

async function steadyHour(groups: number, seed: number): Promise<number> {
  const installation = new InMemoryInstallation({ seed, settings: settingsFor({ groups, min: 1, max: 10 }) });
  try {
    await installation.clock.advance(WARM_UP_MS);
    const before = installation.bitbucket.traffic.total();
    await installation.clock.advance(HOUR_MS);
    return installation.bitbucket.traffic.total() - before;
  } finally {
    installation.close();
  }
}
