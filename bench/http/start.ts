import { median } from "../../src/simulation/statistics.ts";
import type { Measurement } from "../row.ts";
import { verdict } from "../row.ts";
import { secondsText } from "../units.ts";
import { openHttpInstallation } from "./installation.ts";

const RUNS = 9;
const PATIENCE_MS = 20_000;
const TARGET_MS = 500;

interface Start {
  readonly listingMs: number;
  readonly decisionMs: number;
}

/** From starting the controller's process to its first pass. */
export const start: Measurement = {
  name: "start",
  about: `start to first pass, ${RUNS} runs`,
  async measure() {
    const runs: Start[] = [];
    for (let run = 1; run <= RUNS; run += 1) runs.push(await startOnce(run));
    const listingMs = runs.map((each) => each.listingMs);
    const decisionMs = runs.map((each) => each.decisionMs);
    return [
      {
        what: "start to first listing of runners",
        original: "seconds",
        target: "",
        measured: secondsText(median(listingMs)),
        verdict: "no target",
        figures: { listingMs },
      },
      {
        what: "start to first pass (its decision)",
        original: "seconds",
        target: "≤ 0.5 s",
        measured: secondsText(median(decisionMs)),
        verdict: verdict(median(decisionMs) <= TARGET_MS),
        figures: { decisionMs },
      },
    ];
  },
};

async function startOnce(seed: number): Promise<Start> {
  const installation = await openHttpInstallation({ groups: 1, min: 1, max: 10 }, seed);
  try {
    const { clock, requests } = installation;
    const startedAt = clock.now();
    const controller = installation.start("controller");
    await installation.until("ready", () => controller.isReady(), PATIENCE_MS);
    const [first] = await controller.decisions();
    const listing = requests.bitbucket.entries.find(({ path, query }) => path.endsWith("/runners") && isWhole(query));
    return {
      listingMs: (listing?.arrivedAt ?? Number.NaN) - startedAt,
      decisionMs: (first?.at ?? Number.NaN) - startedAt,
    };
  } finally {
    await installation.close();
  }
}

/** A listing of one runner only finds out which API is served. */
function isWhole(query: URLSearchParams): boolean {
  return query.get("pagelen") !== "1";
}
