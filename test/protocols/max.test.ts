import { describe, expect, test } from "vitest";
import { SEED_SETTINGS, seedGroup, UNHURRIED, withLimits } from "../support/seed.ts";
import { HOUR, MINUTE, NOTHING_LEFT, openStage, SECOND, type Stage } from "../support/stage.ts";

/** How many registrations of the workspace there were after each creation and deletion. */
function sizes(stage: Stage, from = 0): readonly number[] {
  let size = 0;
  return stage.bitbucket.events.flatMap((event) => {
    if (event.type === "runner-created") size += 1;
    else if (event.type === "runner-deleted") size -= 1;
    else return [];
    return event.at >= from ? [size] : [];
  });
}

describe("max", () => {
  test("lowered under load: the number only falls, and every step ends", async () => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 1, 8) });
    stage.startBoth();
    stage.queue(12, 8 * MINUTE);
    await stage.until(() => stage.runners.filter(({ running }) => running.length > 0).length === 8, 8 * MINUTE);
    const loweredAt = stage.clock.now();
    stage.settings = withLimits(SEED_SETTINGS, 1, 3);
    await stage.run(25 * MINUTE);
    const after = sizes(stage, loweredAt);
    expect(after).toEqual(after.toSorted((a, b) => b - a));
    expect(stage.steps).toEqual({ successful: 12 });
    expect(stage.serving).toHaveLength(1);
    expect(stage.lastReport().decision.numbers.max).toBe(3);
    expect(stage.breaches).toEqual([]);
  });

  test("raised under load: the group grows at once", async () => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 1, 2) });
    stage.startBoth();
    stage.queue(10, 20 * MINUTE);
    await stage.run(10 * MINUTE);
    expect(stage.lastReport().decision.reason).toBe("at-max");
    stage.settings = withLimits(SEED_SETTINGS, 1, 4);
    await stage.until(() => stage.runners.length > 2, 16 * SECOND);
    expect(stage.breaches).toEqual([]);
  });

  test.each([2, 3])("is kept by %i controllers that know nothing of each other", async (controllers) => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 1, 5), seed: controllers });
    for (let i = 0; i < controllers; i += 1) stage.start("controller");
    stage.start("cleaner");
    stage.queue(10, 5 * MINUTE);
    await stage.run(35 * MINUTE);
    expect(stage.observer.mostRunners).toBe(5);
    expect(stage.steps).toEqual({ successful: 10 });
    expect(stage.serving).toHaveLength(1);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });

  test("holds when two controllers create at the same instant: what is above it is taken back before it can start", async () => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 4, 5) });
    // Both have read an empty scope before either has registered anything.
    const slowed = { kind: "slow", requestMs: 3 * SECOND } as const;
    stage.faults = {
      bitbucket: ({ method, url }) => (method === "POST" && url.includes("/runners") ? slowed : undefined),
    };
    stage.start("controller");
    stage.start("controller");
    stage.start("cleaner");
    await stage.run(10 * SECOND);
    expect(stage.registrations).toBe(8);
    await stage.run(20 * MINUTE);
    expect(stage.observer.mostRunners).toBeLessThanOrEqual(5);
    expect(stage.serving).toHaveLength(4);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });
});

describe("a scope with 100 runners", () => {
  const fill = (stage: Stage, count: number) => {
    for (let i = 0; i < count; i += 1)
      stage.bitbucket.humanRegisters(
        { workspace: stage.workspace },
        { name: `by hand ${i}`, labels: ["self.hosted", "linux", "by.hand"] },
      );
  };

  test("gets no further one: the limit is said, and nothing is asked of Bitbucket in vain", async () => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 2, 10) });
    fill(stage, 99);
    stage.startBoth();
    await stage.run(10 * MINUTE);
    expect(stage.runners).toHaveLength(100);
    expect(stage.lastReport().limits).toEqual(["scope-full"]);
    expect(stage.bitbucket.traffic.total({ method: "POST", status: 400 })).toBe(0);
    expect(stage.breaches).toEqual([]);
  });

  test("is shared by its groups, which together never ask for more than is left", async () => {
    const groups = [seedGroup(), seedGroup({ name: "Big", labels: ["big"] })];
    const stage = openStage({ settings: withLimits({ ...SEED_SETTINGS, groups }, 4, 10) });
    fill(stage, 95);
    stage.startBoth();
    await stage.run(10 * MINUTE);
    expect(stage.runners).toHaveLength(100);
    expect(stage.bitbucket.traffic.total({ method: "POST", status: 400 })).toBe(0);
    expect(stage.breaches).toEqual([]);
  });

  test("has room again when somebody deletes one", async () => {
    const stage = openStage();
    fill(stage, 100);
    stage.startBoth();
    await stage.run(MINUTE);
    expect(stage.registrations).toBe(100);
    stage.bitbucket.humanDeletes(stage.anyRunner.uuid);
    await stage.until(() => stage.serving.length === 1, MINUTE);
    expect(stage.breaches).toEqual([]);
  });
});

test("a day in which nothing happens changes nothing", async () => {
  const stage = openStage({ settings: UNHURRIED });
  stage.startBoth();
  await stage.run(10 * MINUTE);
  const { runners } = stage;
  await stage.run(24 * HOUR);
  expect(stage.runners).toEqual(runners);
  expect(stage.registrations).toBe(1);
  expect(stage.breaches).toEqual([]);
});
