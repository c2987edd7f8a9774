import { passTimeUntil } from "../../src/simulation/run.ts";
import { quantile } from "../../src/simulation/statistics.ts";
import { settingsFor } from "../configuration.ts";
import type { Measurement } from "../row.ts";
import { verdict } from "../row.ts";
import { MINUTE_MS, SECOND_MS, secondsText } from "../units.ts";
import { InMemoryInstallation } from "./installation.ts";

const SEEDS = Array.from({ length: 40 }, (_, i) => i + 1);
const WARM_UP_MS = 10 * MINUTE_MS;
/** From seed to seed the load comes at another moment between two passes, which march in another step than the agents' polls. */
const OFFSET_MS = 23_700;
const TARGET_MS = 15 * SECOND_MS;

/** From the moment that Bitbucket shows a busy runner to the decision to grow; the controller gets no hint. */
export const reaction: Measurement = {
  name: "reaction",
  about: `load change to decision, ${SEEDS.length} simulated changes`,
  async measure() {
    const reactionMs: number[] = [];
    for (const seed of SEEDS) reactionMs.push(await react(seed));
    const worst = quantile(reactionMs, 1);
    return [
      {
        what: "load change → decision, polling only",
        original: "up to 600 s",
        target: "≤ 15 s",
        measured: `p50 ${secondsText(quantile(reactionMs, 0.5))}, longest ${secondsText(worst)}`,
        verdict: verdict(worst <= TARGET_MS),
        figures: { reactionMs },
      },
    ];
  },
};

async function react(seed: number): Promise<number> {
  const installation = new InMemoryInstallation({ seed, settings: settingsFor({ groups: 1, min: 1, max: 10 }) });
  try {
    const { bitbucket, clock, decisions } = installation;
    await clock.advance(WARM_UP_MS + seed * OFFSET_MS);
    installation.queue(1, 5 * MINUTE_MS);
    const growth = () => decisions.find(({ reason }) => reason === "busy-above-threshold");
    const isSo = () => growth() !== undefined;
    await passTimeUntil(clock, { what: "a decision to grow", isSo, withinMs: 5 * MINUTE_MS });
    const busySince = bitbucket.events.find(({ type }) => type === "step-started")?.at ?? Number.NaN;
    return (growth()?.at ?? Number.NaN) - busySince;
  } finally {
    installation.close();
  }
}
