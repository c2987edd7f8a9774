import { describe, expect, test } from "vitest";
import { seededRandom } from "../../src/support/random.ts";
import { playHistory, SEED_SETTINGS } from "./history.ts";
import { drawStory } from "./story.ts";

const FROM = Number(process.env.HISTORY_FROM ?? 1);
const COUNT = Number(process.env.HISTORY_COUNT ?? 20);

describe("seeded histories", () => {
  test.each(Array.from({ length: COUNT }, (_, i) => FROM + i))("seed %i", async (seed) => {
    const story = drawStory(seededRandom(seed), SEED_SETTINGS);
    const outcome = await playHistory(seed, story);
    const { min } = story.settings.groups[0]?.parameters ?? { min: 0 };
    expect({
      breaches: outcome.breaches,
      leftovers: outcome.leftovers,
      unfinished: outcome.unfinishedSteps,
      serving: outcome.serving,
      registered: outcome.registered,
      leaked: outcome.leaked,
    }).toEqual({
      breaches: [],
      leftovers: { registrations: [], jobs: [], secrets: [] },
      unfinished: 0,
      serving: min,
      registered: min,
      leaked: [],
    });
  });
});
