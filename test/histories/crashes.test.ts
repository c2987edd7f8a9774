import { describe, expect, test } from "vitest";
import { seededRandom } from "../../src/support/random.ts";
import { SEED_SETTINGS, withLimits } from "../support/seed.ts";
import { playHistory } from "./history.ts";
import { type Crash, drawStory, type Story } from "./story.ts";
import { wrongWith } from "./wrong.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Three steps at once: one warm runner, two more are made, all are used, two are removed. */
const UP_AND_DOWN: Story = {
  behaviour: {},
  settings: withLimits(SEED_SETTINGS, 1, 3),
  newMax: undefined,
  bursts: [{ atMs: MINUTE, stepsMs: [4 * MINUTE, 4 * MINUTE, 4 * MINUTE] }],
  rates: {},
  troubleEndsMs: 20 * MINUTE,
  endMs: 32 * MINUTE,
  crashes: [],
  twin: undefined,
  hands: [],
};

/** Of the whole story; the last test holds them true. */
const BITBUCKET_WRITES = 8;
const KUBERNETES_WRITES = 20;

const crash = (plane: Crash["plane"], at: number, when: Crash["when"]): Crash => ({
  process: "controller",
  plane,
  at,
  counting: "writes",
  when,
  restartAfterMs: 20 * SECOND,
});

describe("a controller that dies at any of its writes", () => {
  test.each(
    (["before", "after"] as const).flatMap((when) => [
      ...Array.from({ length: BITBUCKET_WRITES }, (_, at) => ["bitbucket", at, when] as const),
      ...Array.from({ length: KUBERNETES_WRITES }, (_, at) => ["kubernetes", at, when] as const),
    ]),
  )("%s write %i, %s it is acted upon", async (plane, at, when) => {
    const outcome = await playHistory(1, { ...UP_AND_DOWN, crashes: [crash(plane, at, when)] });
    expect(wrongWith(outcome, UP_AND_DOWN)).toEqual([]);
    expect(outcome.crashes).toBe(1);
    expect(outcome.serving).toBe(1);
    expect(outcome.mostRunners).toBeLessThanOrEqual(3);
  });
});

test("the same story without a crash makes three runners, and a crash beyond its last write never comes", async () => {
  const outcome = await playHistory(1, { ...UP_AND_DOWN, crashes: [crash("bitbucket", BITBUCKET_WRITES, "before")] });
  expect(wrongWith(outcome, UP_AND_DOWN)).toEqual([]);
  expect(outcome).toMatchObject({ mostRunners: 3, crashes: 0 });
  expect(
    await playHistory(1, { ...UP_AND_DOWN, crashes: [crash("kubernetes", KUBERNETES_WRITES, "before")] }),
  ).toMatchObject({ crashes: 0 });
});

test("the same seed is the same history, event by event", async () => {
  const play = () => playHistory(7, drawStory(seededRandom(7), SEED_SETTINGS));
  const [first, second] = [await play(), await play()];
  expect(second.record).toEqual(first.record);
  expect(second.logs).toEqual(first.logs);
});
