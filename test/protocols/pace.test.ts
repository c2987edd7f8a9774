import { describe, expect, test } from "vitest";
import { SEED_SETTINGS, seedGroup } from "../support/seed.ts";
import { HOUR, MINUTE, NOTHING_LEFT, openStage, SECOND, type Stage } from "../support/stage.ts";

/** Every step that started from now on, and how long it took until a decision knew of it. */
async function delaysMs(stage: Stage, changes: number): Promise<readonly number[]> {
  const delays: number[] = [];
  for (let i = 0; i < changes; i += 1) {
    // At another moment between two passes each time.
    await stage.run(4 * MINUTE + i * 1_900);
    stage.queue(1, MINUTE);
    await stage.until(() => stage.runners.some(({ running }) => running.length > 0), MINUTE, 50);
    const startedAt = stage.clock.now();
    await stage.until(
      () => stage.lastReport().at > startedAt && stage.lastReport().decision.numbers.supply.busy > 0,
      MINUTE,
      50,
    );
    delays.push(stage.clock.now() - startedAt);
  }
  return delays;
}

describe("by polling alone", () => {
  test("a change of load is decided upon within 15 s", async () => {
    const stage = openStage();
    stage.startBoth();
    const delays = await delaysMs(stage, 8);
    expect(Math.max(...delays)).toBeLessThanOrEqual(15 * SECOND);
    expect(stage.breaches).toEqual([]);
  });

  test("from one to ten runners: one growth round after the other, each within a pass of its evidence", async () => {
    const stage = openStage();
    stage.startBoth();
    await stage.run(10 * MINUTE);
    stage.queue(30, 15 * MINUTE);
    const begun = stage.clock.now();
    await stage.until(() => stage.runners.length === 10, 10 * MINUTE);
    await stage.run(10 * SECOND);
    const grown = stage.reports.filter(({ at, created }) => at > begun && created > 0);
    expect(grown.map(({ created }) => created).reduce((sum, created) => sum + created, 0)).toBe(9);
    expect(grown.length).toBeLessThanOrEqual(6);
    for (const { decision, startedAt = 0 } of grown) {
      expect(decision.reason).toBe("busy-above-threshold");
      // What the decision saw became true no longer ago than a pass: the last step that it counts was started since then.
      const { busy } = decision.numbers.supply;
      const startsBefore = stage.bitbucket.events.filter(
        ({ type, at }) => type === "step-started" && at >= begun && at <= startedAt + SECOND,
      );
      const evidence = startsBefore[busy - 1]?.at ?? 0;
      expect(startedAt - evidence).toBeLessThanOrEqual(15 * SECOND);
    }
    expect(stage.breaches).toEqual([]);
  });

  test("the seed's file: twenty ten-minute steps at once wait no longer than 800 s in nine cases of ten, with ten runners at most", async () => {
    const stage = openStage();
    stage.startBoth();
    await stage.run(10 * MINUTE);
    stage.queue(20, 10 * MINUTE);
    await stage.run(HOUR);
    const waits = stage.bitbucket.pipelines
      .steps()
      .map(({ queuedAt = 0, startedAt = Number.POSITIVE_INFINITY }) => startedAt - queuedAt)
      .toSorted((a, b) => a - b);
    expect(waits[17]).toBeLessThanOrEqual(800 * SECOND);
    expect(stage.observer.mostRunners).toBe(10);
    expect(stage.serving).toHaveLength(1);
    expect(stage.breaches).toEqual([]);
  });

  test("after the load the group is back at min within cool-down and proof time", async () => {
    const stage = openStage();
    stage.startBoth();
    await stage.run(2 * MINUTE);
    stage.queue(12, 6 * MINUTE);
    await stage.until(() => stage.steps.successful === 12, HOUR);
    const tookMs = await stage.until(() => stage.runners.length === 1, 20 * MINUTE);
    // 300 s of cool-down, and for each halving of what is idle (10, 5, 2, 1) a poll of the agents, a margin and a few passes.
    expect(tookMs).toBeLessThan(5 * MINUTE + 4 * 70 * SECOND);
    await stage.run(MINUTE);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });

  test("a quiet workspace of ten groups costs no more than 270 requests an hour", async () => {
    const groups = Array.from({ length: 10 }, (_, i) => seedGroup({ name: `Group ${i}`, labels: [`label.${i}`] }));
    const stage = openStage({ settings: { ...SEED_SETTINGS, groups } });
    stage.startBoth();
    await stage.run(10 * MINUTE);
    const before = stage.bitbucket.traffic.total({});
    await stage.run(HOUR / 2);
    expect(stage.bitbucket.traffic.total({}) - before).toBeLessThanOrEqual(270 / 2);
  });
});
