import { describe, expect, test } from "vitest";
import { seededRandom } from "../../src/support/random.ts";
import { SEED_SETTINGS } from "../support/seed.ts";
import { playHistory } from "./history.ts";
import { drawStory } from "./story.ts";
import { wrongWith } from "./wrong.ts";

/** One test for each seed's history. `HISTORY_SEED` in the environment plays that one alone. */
export function describeSeeds(from: number, to: number, minutes?: number): void {
  const only = process.env.HISTORY_SEED;
  const seeds = only === undefined ? Array.from({ length: to - from + 1 }, (_, i) => from + i) : [Number(only)];
  describe("seeded histories", () => {
    test.each(seeds)("seed %i: nothing is broken, and it comes to rest", async (seed) => {
      const story = drawStory(seededRandom(seed), SEED_SETTINGS, minutes);
      expect(wrongWith(await playHistory(seed, story), story)).toEqual([]);
    });
  });
}
