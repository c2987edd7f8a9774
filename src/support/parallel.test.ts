import { expect, test } from "vitest";
import { inParallel } from "./parallel.ts";

test("keeps order, bounds how many run at once, and holds a failure in its own result", async () => {
  let running = 0;
  let most = 0;
  const results = await inParallel([1, 2, 3, 4, 5], 2, async (item) => {
    running += 1;
    most = Math.max(most, running);
    await Promise.resolve();
    running -= 1;
    if (item === 3) throw new Error("three");
    return item * 10;
  });
  expect(most).toBe(2);
  expect(results.map((result) => (result.status === "fulfilled" ? result.value : "failed"))).toEqual([
    10,
    20,
    "failed",
    40,
    50,
  ]);
});
