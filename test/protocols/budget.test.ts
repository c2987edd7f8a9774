import { describe, expect, test } from "vitest";
import type { Settings } from "../../src/domain/settings.ts";
import type { ChooseFault } from "../../src/simulator/faults.ts";
import { SEED_SETTINGS, UNHURRIED, withLimits } from "../support/seed.ts";
import { HOUR, MINUTE, NOTHING_LEFT, openStage, SECOND, type Stage } from "../support/stage.ts";

const withConstants = (base: Settings, constants: Partial<Settings["constants"]>): Settings => ({
  ...base,
  constants: { ...base.constants, ...constants },
});

/** Times of events, in milliseconds after `from`. */
const timesOf = (stage: Stage, type: string, from = 0) =>
  stage.bitbucket.events.flatMap((event) => (event.type === type && event.at >= from ? [event.at - from] : []));

describe("the request budget", () => {
  test("spent: nothing is made, and it is said; what is idle still drains, and load is served again later", async () => {
    const settings = withConstants(withLimits(SEED_SETTINGS, 1, 10), { apiRequestsPerHour: 150 });
    const stage = openStage({ settings });
    stage.startBoth();
    await stage.run(2 * MINUTE);
    stage.queue(6, 10 * MINUTE);
    await stage.run(HOUR);
    stage.queue(6, 10 * MINUTE);
    await stage.run(HOUR);
    stage.queue(6, 10 * MINUTE);
    await stage.run(2 * HOUR);
    expect(stage.reports.some(({ limits }) => limits.includes("budget"))).toBe(true);
    expect(stage.steps).toEqual({ successful: 18 });
    expect(stage.serving).toHaveLength(1);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });

  test("is never exceeded, in any hour of a busy morning: four fifths of what Bitbucket grants, both processes together", async () => {
    const stage = openStage({ settings: withConstants(SEED_SETTINGS, { apiRequestsPerHour: 400 }) });
    stage.startBoth();
    let most = 0;
    for (let i = 0; i < 4; i += 1) {
      stage.queue(5, 4 * MINUTE);
      await stage.run(30 * MINUTE);
      most = Math.max(most, stage.bitbucket.traffic.inLastHour("gke-runner-autoscaler"));
    }
    expect(most).toBeLessThanOrEqual(320);
    expect(stage.steps).toEqual({ successful: 20 });
    expect(stage.breaches).toEqual([]);
  });
});

describe("Bitbucket pushes back", () => {
  test.each([
    ["and says nothing of how long", {}],
    ["and says how long", { "retry-after": "120" }],
  ])("%s: hardly anything is sent meanwhile, and all goes on afterwards", async (_what, headers) => {
    const stage = openStage();
    stage.startBoth();
    await stage.run(10 * MINUTE);
    let refused = 0;
    const storm: ChooseFault = () => {
      refused += 1;
      return { kind: "status", status: 429, acts: "never", headers };
    };
    stage.faults = { bitbucket: storm };
    stage.queue(4, 5 * MINUTE);
    await stage.run(30 * MINUTE);
    // Two processes: a first reply, then one a pause.
    expect(refused).toBeLessThan("retry-after" in headers ? 40 : 20);
    stage.faults = {};
    await stage.until(() => stage.runners.length > 1 || stage.steps.successful === 4, 16 * MINUTE);
    await stage.run(40 * MINUTE);
    expect(stage.steps).toEqual({ successful: 4 });
    expect(stage.serving).toHaveLength(1);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });

  test("in the middle of a batch and of a drain: both are finished later, nothing is made twice", async () => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 1, 6) });
    stage.startBoth();
    let chance = 0;
    // Every third request is refused, the whole time.
    stage.faults = {
      bitbucket: () => ((chance += 1) % 3 === 0 ? { kind: "status", status: 429, acts: "never" } : undefined),
    };
    await stage.run(2 * MINUTE);
    stage.queue(8, 5 * MINUTE);
    await stage.run(40 * MINUTE);
    stage.faults = {};
    await stage.run(40 * MINUTE);
    expect(stage.steps).toEqual({ successful: 8 });
    expect(stage.serving).toHaveLength(1);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });
});

describe("pacing: fixed", () => {
  test("keeps the original's timing: a pass every polling interval, ten seconds between creations, five between deletions", async () => {
    const stage = openStage({ settings: withLimits(UNHURRIED, 4, 10) });
    stage.start("controller");
    await stage.run(2 * MINUTE);
    const made = timesOf(stage, "runner-created");
    expect(made).toHaveLength(4);
    for (const [i, at] of made.entries()) {
      if (i === 0) continue;
      expect(at - (made[i - 1] ?? 0)).toBeGreaterThanOrEqual(10 * SECOND);
      expect(at - (made[i - 1] ?? 0)).toBeLessThan(12 * SECOND);
    }
    await stage.run(HOUR);
    const passes = stage.reports.map(({ startedAt }) => startedAt ?? 0);
    for (const [i, at] of passes.entries()) {
      if (i === 0) continue;
      expect(at - (passes[i - 1] ?? 0)).toBeGreaterThanOrEqual(600 * SECOND);
      expect(at - (passes[i - 1] ?? 0)).toBeLessThan(650 * SECOND);
    }

    stage.settings = withLimits(UNHURRIED, 1, 10);
    const from = stage.clock.now();
    await stage.run(11 * MINUTE);
    const drains = timesOf(stage, "runner-disabled", from);
    expect(drains.length).toBeGreaterThanOrEqual(2);
    for (const [i, at] of drains.entries())
      if (i > 0) expect(at - (drains[i - 1] ?? 0)).toBeGreaterThanOrEqual(5 * SECOND);
    expect(stage.breaches).toEqual([]);
  });

  test("still grows under load, by the original's numbers, and never above max", async () => {
    const settings = withConstants(withLimits(UNHURRIED, 1, 4), { pollingIntervalMs: MINUTE });
    const stage = openStage({ settings });
    stage.startBoth();
    stage.queue(8, 10 * MINUTE);
    await stage.run(2 * HOUR);
    expect(stage.steps).toEqual({ successful: 8 });
    expect(stage.observer.mostRunners).toBe(4);
    expect(stage.serving).toHaveLength(1);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });
});
