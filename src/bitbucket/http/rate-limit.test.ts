import { describe, expect, test } from "vitest";
import { VirtualClock } from "../../simulator/virtual-clock.ts";
import { silentLog } from "../../support/log.ts";
import { RateLimited } from "../errors.ts";
import { askedWaitMs, RateLimit } from "./rate-limit.ts";

const highest = { next: () => 1 };

describe("RateLimit", () => {
  test("refuses until it is over", async () => {
    const clock = new VirtualClock(1_000);
    const limit = new RateLimit(clock, highest, silentLog);
    limit.refuseWhilePaused();
    limit.pushedBack(1_000, 0);
    expect(limit.pausedUntil).toBe(31_000);
    expect(() => limit.refuseWhilePaused()).toThrow(RateLimited);
    await clock.advance(30_000);
    expect(limit.pausedUntil).toBe(0);
    limit.refuseWhilePaused();
  });

  test("grows with each push-back up to a quarter of an hour, and starts anew once served", async () => {
    const clock = new VirtualClock(0);
    const limit = new RateLimit(clock, highest, silentLog);
    const lengthsMs: number[] = [];
    for (let i = 0; i < 7; i += 1) {
      limit.pushedBack(clock.now(), 0);
      lengthsMs.push(limit.pausedUntil - clock.now());
      await clock.runUntil(limit.pausedUntil);
    }
    expect(lengthsMs).toEqual([30_000, 60_000, 120_000, 240_000, 480_000, 900_000, 900_000]);
    limit.served(clock.now());
    await clock.advance(1);
    limit.pushedBack(clock.now(), 0);
    expect(limit.pausedUntil - clock.now()).toBe(30_000);
  });

  test("requests under way together lengthen it once only", async () => {
    const clock = new VirtualClock(0);
    const limit = new RateLimit(clock, highest, silentLog);
    await clock.advance(100);
    for (const sentAt of [10, 20, 30, 40]) limit.pushedBack(sentAt, 0);
    expect(limit.pausedUntil).toBe(30_100);
    // One that was sent before says nothing about now.
    limit.served(50);
    await clock.advance(30_000);
    limit.pushedBack(clock.now(), 0);
    expect(limit.pausedUntil - clock.now()).toBe(60_000);
  });

  test("takes the server's word, shorter or longer, the longest of several", () => {
    const clock = new VirtualClock(0);
    const limit = new RateLimit(clock, highest, silentLog);
    limit.pushedBack(0, 5_000);
    expect(limit.pausedUntil).toBe(5_000);
    limit.pushedBack(0, 600_000);
    expect(limit.pausedUntil).toBe(600_000);
    limit.pushedBack(0, 1_000);
    expect(limit.pausedUntil).toBe(600_000);
  });
});

describe("askedWaitMs", () => {
  const date = "Mon, 23 Nov 2026 10:00:00 GMT";
  test.each<[string, Record<string, string>, number]>([
    ["seconds", { "retry-after": "120" }, 120_000],
    ["a date, from the reply's own", { "retry-after": "Mon, 23 Nov 2026 10:00:30 GMT", date }, 30_000],
    ["a date in the past", { "retry-after": "Mon, 23 Nov 2026 09:00:00 GMT", date }, 0],
    ["a date without anything to count from", { "retry-after": date }, 0],
    ["never more than an hour", { "retry-after": "86400" }, 3_600_000],
    ["less than nothing", { "retry-after": "-5" }, 0],
    ["nonsense", { "retry-after": "soon", date }, 0],
    ["an empty one", { "retry-after": " " }, 0],
    ["none", {}, 0],
  ])("%s", (_what, headers, waitMs) => {
    expect(askedWaitMs(headers)).toBe(waitMs);
  });
});
