import { describe, expect, test } from "vitest";
import { seededRandom } from "../../src/support/random.ts";
import { playHistory, SEED_SETTINGS } from "./history.ts";
import { drawStory } from "./story.ts";

/** `HISTORY_SEED` plays one history alone. */
const ONLY = process.env.HISTORY_SEED;
const SEEDS = ONLY === undefined ? Array.from({ length: 300 }, (_, i) => i + 1) : [Number(ONLY)];

describe("seeded histories", () => {
  test.each(SEEDS)("seed %i: nothing is broken, and it comes to rest", async (seed) => {
    const story = drawStory(seededRandom(seed), SEED_SETTINGS);
    const outcome = await playHistory(seed, story);
    const { min, max } = outcome.limits;
    const blocked = Math.max(0, min + outcome.waitingJobs - max);
    expect({
      breaches: outcome.breaches,
      leftovers: outcome.leftovers,
      unfinished: outcome.waitingJobs < max ? outcome.unfinishedSteps : 0,
      leaked: outcome.leaked,
      notServing: outcome.registered - outcome.serving,
    }).toEqual({
      breaches: [],
      leftovers: { registrations: [], jobs: [], secrets: [] },
      unfinished: 0,
      leaked: [],
      notServing: 0,
    });
    expect(outcome.serving).toBeGreaterThanOrEqual(min - blocked);
    // Where the API does not tell busy from idle, runners above min are kept.
    expect(outcome.serving).toBeLessThanOrEqual(story.behaviour.internal === "served" ? min : max);
  });

  test("the same seed is the same history, event by event", async () => {
    const play = () => playHistory(7, drawStory(seededRandom(7), SEED_SETTINGS));
    const [first, second] = [await play(), await play()];
    expect(second.record).toEqual(first.record);
    expect(second.logs).toEqual(first.logs);
  });
});
