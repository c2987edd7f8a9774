import { expect, test } from "vitest";
import { anchoredClock, monotonicMs, systemClock } from "./clock.ts";

test("a sleep that is aborted rejects with the reason, before or while it waits", async () => {
  const reason = new Error("enough");
  const aborted = AbortSignal.abort(reason);
  await expect(systemClock().sleep(60_000, aborted)).rejects.toBe(reason);
  const controller = new AbortController();
  const sleeping = systemClock().sleep(60_000, controller.signal);
  controller.abort(reason);
  await expect(sleeping).rejects.toBe(reason);
});

test("an anchored clock is computed from its anchor: two processes with the same anchor cannot drift apart", () => {
  const monotonic = monotonicMs();
  const anchor = { epochMs: 1_000_000, monotonicMs: monotonic - 1_000, speed: 20 };
  const now = anchoredClock(anchor).now();
  const passed = monotonicMs() - anchor.monotonicMs;
  expect(now).toBeGreaterThanOrEqual(1_000_000 + 20_000);
  expect(now).toBeLessThanOrEqual(1_000_000 + passed * 20);
});
