import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import type { Numbers } from "../../domain/decision.ts";
import type { ScalingParameters } from "../../domain/settings.ts";
import { percentageRunnersIdle } from "./percentage-runners-idle.ts";

/** The seed's parameters. */
const SEED: ScalingParameters = {
  min: 1,
  max: 10,
  scaleUpThreshold: 0.5,
  scaleDownThreshold: 0.2,
  scaleUpMultiplier: 1.5,
  scaleDownMultiplier: 0.5,
};

function numbers(
  parameters: ScalingParameters,
  [starting, idle, busy]: readonly [number, number, number],
  more: Partial<Numbers> = {},
): Numbers {
  const total = starting + idle + busy;
  const live = total + (more.unknown ?? 0);
  return {
    min: parameters.min,
    max: parameters.max,
    supply: { starting, idle, busy, total },
    unknown: 0,
    draining: 0,
    live,
    demand: undefined,
    busyRatio: total === 0 ? undefined : busy / total,
    ...more,
  };
}

describe("percentageRunnersIdle", () => {
  test.each([
    // [starting, idle, busy] → desired, reason
    [[0, 0, 0], 1, "below-min"],
    [[1, 0, 0], 1, "within-thresholds"],
    [[0, 0, 1], 2, "busy-above-threshold"],
    [[1, 0, 1], 2, "within-thresholds"],
    [[0, 0, 2], 3, "busy-above-threshold"],
    [[1, 0, 2], 5, "busy-above-threshold"],
    [[3, 0, 2], 5, "within-thresholds"],
    [[0, 0, 5], 8, "busy-above-threshold"],
    [[0, 0, 8], 10, "busy-above-threshold"],
    [[0, 0, 10], 10, "at-max"],
    [[0, 10, 0], 5, "idle-above-need"],
    [[0, 5, 0], 2, "idle-above-need"],
    [[0, 2, 0], 1, "idle-above-need"],
    [[0, 1, 0], 1, "within-thresholds"],
    [[0, 9, 1], 5, "idle-above-need"],
    [[0, 4, 1], 5, "within-thresholds"],
    [[9, 1, 0], 10, "within-thresholds"],
    [[0, 11, 1], 10, "above-max"],
  ] as const)("starting, idle, busy = %j → %i (%s)", (supply, desired, reason) => {
    expect(percentageRunnersIdle(SEED, numbers(SEED, supply))).toMatchObject({ desired, reason });
  });

  test("below min it goes to min at once", () => {
    const parameters = { ...SEED, min: 7 };
    expect(percentageRunnersIdle(parameters, numbers(parameters, [0, 1, 0]))).toMatchObject({
      desired: 7,
      reason: "below-min",
    });
  });

  test("known demand lets a group of min 0 grow from nothing", () => {
    const parameters = { ...SEED, min: 0 };
    expect(percentageRunnersIdle(parameters, numbers(parameters, [0, 0, 0], { demand: 3 }))).toMatchObject({
      desired: 3,
      reason: "demand-above-supply",
    });
    expect(percentageRunnersIdle(parameters, numbers(parameters, [0, 0, 0]))).toMatchObject({
      desired: 0,
      reason: "within-thresholds",
    });
  });

  test("runners on their way serve demand: the same runner is not ordered twice", () => {
    expect(percentageRunnersIdle(SEED, numbers(SEED, [3, 1, 1], { demand: 4 }))).toMatchObject({
      desired: 5,
      reason: "within-thresholds",
    });
  });

  test("unknown runners hold their place and are no evidence", () => {
    expect(percentageRunnersIdle(SEED, numbers(SEED, [0, 0, 0], { unknown: 1 }))).toMatchObject({
      desired: 1,
      reason: "within-thresholds",
    });
    expect(percentageRunnersIdle(SEED, numbers(SEED, [0, 0, 0], { unknown: 4 }))).toMatchObject({
      desired: 4,
      reason: "within-thresholds",
    });
  });

  const parameters = fc
    .record({
      min: fc.nat(20),
      span: fc.nat(60),
      up: fc.double({ min: 0.1, max: 1, noNaN: true }),
      down: fc.double({ min: 0, max: 0.9, noNaN: true }),
    })
    .map(({ min, span, up, down }): ScalingParameters => {
      const max = Math.max(1, min + span);
      return {
        min,
        max,
        scaleUpThreshold: up,
        scaleDownThreshold: Math.min(down, up),
        scaleUpMultiplier: 1.5,
        scaleDownMultiplier: 0.5,
      };
    });
  const supply = fc.tuple(fc.nat(30), fc.nat(30), fc.nat(30));
  const demand = fc.option(fc.nat(50), { nil: undefined });

  property.prop([parameters, supply, fc.nat(10), demand])(
    "never leaves [min, max], but for what is there already",
    (group, counts, unknown, queued) => {
      const { desired } = percentageRunnersIdle(group, numbers(group, counts, { unknown, demand: queued }));
      const serving = counts[0] + counts[1] + counts[2] + unknown;
      expect(desired).toBeLessThanOrEqual(Math.max(group.max, Math.min(serving, group.max)));
      expect(desired).toBeGreaterThanOrEqual(Math.min(group.min, serving));
      if (serving < group.min) expect(desired).toBeGreaterThanOrEqual(group.min);
    },
  );

  property.prop([parameters, supply, fc.nat(10), demand])(
    "never wants to be rid of more than its idle runners, but above max",
    (group, counts, unknown, queued) => {
      const { desired, reason } = percentageRunnersIdle(group, numbers(group, counts, { unknown, demand: queued }));
      const serving = counts[0] + counts[1] + counts[2] + unknown;
      if (reason !== "above-max") expect(serving - desired).toBeLessThanOrEqual(counts[1]);
    },
  );

  property.prop([parameters, supply])("does not shrink to where it would grow again", (group, counts) => {
    const { desired, reason } = percentageRunnersIdle(group, numbers(group, counts));
    if (reason !== "idle-above-need") return;
    const idle = counts[1] - (counts[0] + counts[1] + counts[2] - desired);
    const next = percentageRunnersIdle(group, numbers(group, [counts[0], idle, counts[2]]));
    expect(next.desired).toBeLessThanOrEqual(desired);
  });

  property.prop([parameters, supply, fc.integer({ min: 1, max: 50 })])(
    "known demand above supply grows while there is room",
    (group, [starting, idle, busy], more) => {
      const queued = starting + idle + more;
      const total = starting + idle + busy;
      const { desired } = percentageRunnersIdle(group, numbers(group, [starting, idle, busy], { demand: queued }));
      if (total < group.max) expect(desired).toBeGreaterThan(total);
    },
  );
});
