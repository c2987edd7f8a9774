import { expect, test } from "vitest";
import { BackOff } from "./back-off.ts";

test("doubles from the first wait to the longest, jittered by half, and starts anew after a success", () => {
  let now = 0;
  const backOff = new BackOff({ monotonic: () => now }, { next: () => 1 }, 60_000);
  expect([1, 2, 3, 4, 5].map(() => backOff.fail(10_000))).toEqual([10_000, 20_000, 40_000, 60_000, 60_000]);
  expect(backOff.active).toBe(true);
  now = 60_000;
  expect(backOff.active).toBe(false);
  backOff.succeed();
  expect(backOff.fail(10_000)).toBe(10_000);
  expect(new BackOff({ monotonic: () => 0 }, { next: () => 0 }, 60_000).fail(10_000)).toBe(5_000);
});
