import { describe, expect, test } from "vitest";
import { seededRandom } from "../../src/support/random.ts";
import { SEED_SETTINGS } from "../support/seed.ts";
import { type Outcome, playHistory } from "./history.ts";
import { drawStory } from "./story.ts";

/** One test for each seed's history. `HISTORY_SEED` in the environment plays that one alone. */
export function describeSeeds(from: number, to: number, minutes?: number): void {
  const only = process.env.HISTORY_SEED;
  const seeds = only === undefined ? Array.from({ length: to - from + 1 }, (_, i) => from + i) : [Number(only)];
  describe("seeded histories", () => {
    test.each(seeds)("seed %i: nothing is broken, and it comes to rest", async (seed) => {
      const story = drawStory(seededRandom(seed), SEED_SETTINGS, minutes);
      const outcome = await playHistory(seed, story);
      expectRest(outcome);
      // Where the API does not tell busy from idle, runners above min are kept.
      const { min, max } = story.settings.groups[0]?.parameters ?? { min: 0, max: 0 };
      const most = story.behaviour.internal === "served" ? min : max;
      // One whose first pod went unreported is no victim either.
      expect(outcome.serving).toBeLessThanOrEqual(most + outcome.unreportedEnds);
    });
  });
}

/** No promise was broken, all steps ran, nothing is left over, and what should serve does. */
export function expectRest(outcome: Outcome): void {
  const { min, max } = outcome.limits;
  // Agents whose registration a human deleted, and which run on, keep their place.
  const blocked = Math.max(0, min + outcome.waitingJobs - max);
  expect({
    breaches: outcome.breaches,
    leftovers: outcome.leftovers,
    unfinished: outcome.waitingJobs < max ? outcome.unfinishedSteps : 0,
    leaked: outcome.leaked,
    notServing: Math.max(0, outcome.registered - outcome.serving - outcome.unreportedEnds),
  }).toEqual({
    breaches: [],
    leftovers: { registrations: [], jobs: [], secrets: [] },
    unfinished: 0,
    leaked: [],
    notServing: 0,
  });
  expect(outcome.serving).toBeGreaterThanOrEqual(min - blocked);
}
