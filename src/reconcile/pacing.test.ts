import { describe, expect, test } from "vitest";
import { nextPassInMs } from "./pacing.ts";

const ADAPTIVE = { pacing: "adaptive", pollingIntervalMs: 600_000 } as const;
const FIXED = { pacing: "fixed", pollingIntervalMs: 600_000 } as const;
const budget = (left: number, pausedUntil = 0) => ({ capacity: 600, left, pausedUntil });
const never = { next: () => 0 };

describe("nextPassInMs", () => {
  test.each([
    // constants, wanted, budget left, scopes → ms
    [ADAPTIVE, 15_000, 600, 1, 15_000],
    [ADAPTIVE, 5_000, 600, 1, 5_000],
    [{ ...ADAPTIVE, pollingIntervalMs: 10_000 }, 15_000, 600, 1, 10_000],
    [ADAPTIVE, 5_000, 240, 1, 5_000],
    [ADAPTIVE, 5_000, 200, 1, 9_000],
    [ADAPTIVE, 15_000, 200, 10, 90_000],
    [ADAPTIVE, 5_000, 20, 1, 90_000],
    [ADAPTIVE, 5_000, 0, 1, 600_000],
    [ADAPTIVE, 15_000, 600, 10, 15_000],
    [FIXED, 5_000, 600, 1, 600_000],
  ])("%j wanting %i ms with %i left of 600, %i scopes → %i ms", (constants, wantedMs, left, scopes, expected) => {
    expect(nextPassInMs({ constants, wantedMs, budget: budget(left), scopes, now: 0, elapsedMs: 0 }, never)).toBe(
      expected,
    );
  });

  test("waits out a pause that Bitbucket asked for", () => {
    expect(
      nextPassInMs(
        { constants: ADAPTIVE, wantedMs: 5_000, budget: budget(600, 90_000), scopes: 1, now: 20_000, elapsedMs: 0 },
        never,
      ),
    ).toBe(70_000);
  });

  test("is spread by a twentieth at most, and only earlier", () => {
    const pace = { constants: ADAPTIVE, wantedMs: 15_000, budget: budget(600), scopes: 1, now: 0, elapsedMs: 0 };
    expect(nextPassInMs(pace, { next: () => 0.999 })).toBeGreaterThan(14_250);
  });

  test.each([
    // constants, pass took → ms to the next
    [ADAPTIVE, 400, 14_600],
    [ADAPTIVE, 12_000, 7_500],
    [ADAPTIVE, 90_000, 7_500],
    [FIXED, 12_000, 600_000],
  ])("%j after a pass of %i ms → %i ms", (constants, elapsedMs, expected) => {
    const pace = { constants, wantedMs: 15_000, budget: budget(600), scopes: 1, now: 0, elapsedMs };
    expect(nextPassInMs(pace, never)).toBe(expected);
  });
});
