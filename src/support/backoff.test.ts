import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { describe, expect } from "vitest";
import { backoffMs } from "./backoff.ts";

const highest = { next: () => 0.999_999 };
const lowest = { next: () => 0 };

describe("backoffMs", () => {
  test.each([
    // failures  at least  below
    [1, 500, 1_000],
    [2, 1_000, 2_000],
    [3, 2_000, 4_000],
    [10, 5_000, 10_000],
    [5_000, 5_000, 10_000],
  ])("after %i failures waits %i to %i ms", (failures, least, most) => {
    const backoff = { baseMs: 1_000, capMs: 10_000 };
    expect(backoffMs(failures, backoff, lowest)).toBe(least);
    expect(Math.round(backoffMs(failures, backoff, highest))).toBe(most);
  });

  test.prop([fc.nat(), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })])(
    "is never above its cap nor below half of its base",
    (failures, drawn) => {
      const waitMs = backoffMs(failures, { baseMs: 100, capMs: 5_000 }, { next: () => drawn });
      expect(waitMs).toBeGreaterThanOrEqual(50);
      expect(waitMs).toBeLessThanOrEqual(5_000);
    },
  );
});
