import { describe, expect, test } from "vitest";
import { addOriginalRunner, originalDisables } from "../support/original-runner.ts";
import { SEED_SETTINGS, UNHURRIED, withLimits } from "../support/seed.ts";
import { HOUR, MINUTE, NOTHING_LEFT, openStage } from "../support/stage.ts";

const LONGEST_STEP_MS = 735 * MINUTE;
const TEN_MINUTES = 10 * MINUTE;
/** Bitbucket's public API alone, which does not show steps. */
const SILENT = { internal: 404, publicShowsStep: false } as const;

describe("where busy is not reported", () => {
  test("no runner is evidence for growth, and none above min is a victim", async () => {
    const stage = openStage({ behaviour: SILENT, settings: withLimits(SEED_SETTINGS, 3, 10) });
    stage.startBoth();
    await stage.run(TEN_MINUTES);
    stage.queue(3, 30 * MINUTE);
    await stage.run(TEN_MINUTES);
    expect(stage.runners).toHaveLength(3);
    stage.settings = SEED_SETTINGS;
    await stage.run(40 * MINUTE);
    expect(stage.serving).toHaveLength(3);
    expect(stage.lastReport().decision.numbers).toMatchObject({ unknown: 3, supply: { total: 0 } });
    expect(stage.steps).toEqual({ successful: 3 });
    expect(stage.breaches).toEqual([]);
  });

  test("a disabled runner is removed when it was disabled for longer than any step may run, and not before", async () => {
    const stage = openStage({ behaviour: SILENT, settings: UNHURRIED });
    const uuid = addOriginalRunner(stage);
    await stage.run(MINUTE);
    stage.queue(1, 110 * MINUTE);
    await stage.run(MINUTE);
    originalDisables(stage, uuid);
    stage.startBoth();
    await stage.run(LONGEST_STEP_MS);
    expect(stage.runner(uuid)).toBeDefined();
    await stage.run(4 * TEN_MINUTES);
    expect(stage.runner(uuid)).toBeUndefined();
    expect([stage.jobOf(uuid), stage.secretOf(uuid)]).toEqual([undefined, undefined]);
    expect(stage.steps).toEqual({ successful: 1 });
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });

  test("steps that were seen there once tell busy from idle from then on", async () => {
    const stage = openStage({ behaviour: { internal: 404, publicShowsStep: true } });
    stage.startBoth();
    await stage.run(2 * MINUTE);
    stage.queue(6, 6 * MINUTE);
    await stage.run(35 * MINUTE);
    expect(stage.steps).toEqual({ successful: 6 });
    expect(stage.serving).toHaveLength(1);
    expect(stage.observer.mostRunners).toBeGreaterThan(2);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });
});

describe("an API that changes in the middle of a drain", () => {
  test("from one that shows steps to one that does not: what was seen is no proof any more", async () => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 2, 4) });
    stage.startBoth();
    await stage.run(8 * MINUTE);
    stage.settings = SEED_SETTINGS;
    const drained = () => stage.runners.find(({ disabled }) => disabled)?.uuid ?? "";
    await stage.until(() => stage.drainOf(drained())?.includes('"flavour":"internal"') === true, 2 * MINUTE);
    const uuid = drained();
    stage.bitbucket.behaviour.internal = 410;
    await stage.run(20 * MINUTE);
    expect(stage.runner(uuid)?.disabled).toBe(true);
    expect(stage.drainOf(uuid)).toContain('"flavour":"public"');

    // Back again, which is noticed within an hour: the proof begins anew and holds.
    stage.bitbucket.behaviour.internal = "served";
    await stage.run(HOUR + TEN_MINUTES);
    expect(stage.runner(uuid)).toBeUndefined();
    expect(stage.serving).toHaveLength(1);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });

  test("while its last step still runs: it runs to its end", async () => {
    const stage = openStage({ behaviour: { disableReaches: "next-poll" }, settings: withLimits(SEED_SETTINGS, 2, 2) });
    stage.startBoth();
    await stage.run(8 * MINUTE);
    stage.settings = SEED_SETTINGS;
    const drained = () => stage.runners.find(({ disabled }) => disabled);
    await stage.until(() => drained() !== undefined, 2 * MINUTE, 100);
    const uuid = drained()?.uuid ?? "";
    // It crossed with the disable: both runners take a step.
    stage.queue(2, 30 * MINUTE);
    stage.bitbucket.behaviour.internal = 404;
    await stage.until(() => stage.runner(uuid)?.running.length === 1, MINUTE);
    await stage.run(40 * MINUTE);
    expect(stage.steps).toEqual({ successful: 2 });
    expect(stage.runners.map((runner) => runner.uuid)).toContain(uuid);
    expect(stage.breaches).toEqual([]);
  });
});
