import { describe, expect, test } from "vitest";
import { readSettings } from "../config/load.ts";
import { exampleConfig } from "../sandbox/embedded.ts";
import { BitbucketWorld } from "../simulator/bitbucket/world.ts";
import { VirtualClock } from "../simulator/virtual-clock.ts";
import { seededRandom } from "../support/random.ts";
import { makePlaces } from "./places.ts";
import { planWorkload, runWorkloads } from "./workload.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describe("planWorkload", () => {
  test.each([
    // scenario run minutes → rounds, length, at rest after (minutes)
    ["burst", 30, 1, undefined, 29.5],
    ["burst", 5, 1, undefined, 29.5],
    ["burst", 100, 3, undefined, 89.5],
    ["faults", 60, 2, undefined, 59.5],
    ["brief", 25, 2, undefined, 19.5],
    ["steady", 60, 1, 45, 59.5],
    ["steady", 10, 1, 5, 19.5],
    ["day", 600, 1, 525, 599.5],
    ["idle", 30, 1, 30, 29.5],
  ] as const)("%s in %i minutes", (name, minutes, rounds, length, rests) => {
    expect(planWorkload(name, minutes * MINUTE_MS)).toEqual({
      rounds,
      lengthMs: length === undefined ? undefined : length * MINUTE_MS,
      restsAfterMs: rests * MINUTE_MS,
    });
  });

  test("without an end it goes on for ever", () => {
    expect(planWorkload("steady", undefined)).toEqual({
      lengthMs: undefined,
      rounds: Infinity,
      restsAfterMs: Infinity,
    });
  });
});

describe("runWorkloads", () => {
  async function run(name: "burst" | "day", runMs: number | undefined, lastMs: number, seed = 1) {
    const clock = new VirtualClock(Date.UTC(2026, 5, 1, 8));
    const world = new BitbucketWorld({ clock, random: seededRandom(1) });
    const { settings } = readSettings(await exampleConfig(), "example");
    if (settings === undefined) throw new Error("the example's configuration is wrong");
    const stop = new AbortController();
    const places = makePlaces(world, settings);
    const plan = planWorkload(name, runMs);
    const running = runWorkloads({ scenario: name, plan, places, seed }, { world, clock }, stop.signal);
    const startedAt = clock.now();
    await clock.advance(lastMs);
    const started = world.pipelines
      .steps()
      .map(({ spec, pipeline }) => ({ at: pipeline.createdAt - startedAt, ...spec }));
    stop.abort();
    await running;
    return started;
  }

  test("a burst is made for the group's labels and its max, and comes again in a run without end", async () => {
    const steps = await run("burst", undefined, 65 * MINUTE_MS);
    expect(steps.map(({ at }) => at)).toEqual([
      ...Array.from({ length: 14 }, () => MINUTE_MS),
      ...Array.from({ length: 14 }, () => 31 * MINUTE_MS),
      ...Array.from({ length: 14 }, () => 61 * MINUTE_MS),
    ]);
    expect(new Set(steps.flatMap(({ labels }) => labels))).toEqual(new Set(["gke.runner", "self.hosted"]));
  });

  test("in a run with an end it comes as often as it can come to rest", async () => {
    expect(await run("burst", 45 * MINUTE_MS, 45 * MINUTE_MS)).toHaveLength(14);
  });

  test("the same seed is the same load, another one another", async () => {
    const [one, same, other] = await Promise.all([1, 1, 2].map((seed) => run("burst", HOUR_MS, HOUR_MS, seed)));
    expect(same).toEqual(one);
    expect(other).not.toEqual(one);
  });

  test("a day begins in the morning", async () => {
    const steps = await run("day", undefined, 2 * HOUR_MS);
    expect(steps.length).toBeGreaterThan(10);
  });
});
