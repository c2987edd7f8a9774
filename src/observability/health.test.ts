import { describe, expect, test } from "vitest";
import { createHealth } from "./health.ts";

const MINUTE = 60_000;

describe("live", () => {
  test.each([
    // speed  interval  silent (real)  live
    [1, 10_000, 5 * MINUTE, true],
    [1, 10_000, 5 * MINUTE + 1, false],
    [1, 10 * MINUTE, 30 * MINUTE, true],
    [1, 10 * MINUTE, 30 * MINUTE + 1, false],
    [60, 10 * MINUTE, 5 * MINUTE, true],
    [60, 10 * MINUTE, 5 * MINUTE + 1, false],
  ])("at speed %d, a pass each %d ms, silent for %d ms: %s", (speed, intervalMs, silentMs, live) => {
    let wall = 0;
    const health = createHealth(
      () => wall * speed,
      () => wall,
    );
    health.turned(intervalMs);
    wall = silentMs;
    expect(health.live().ok).toBe(live);
    health.turned(intervalMs);
    expect(health.live()).toEqual({ ok: true, reasons: [] });
  });
});

describe("ready", () => {
  const ready = () => {
    const health = createHealth(
      () => 0,
      () => 0,
    );
    health.configuration(true);
    health.passed();
    health.credentials("accepted");
    return health;
  };

  test("says all that is missing", () => {
    const health = createHealth(
      () => 0,
      () => 0,
    );
    health.configuration(false);
    expect(health.ready().ok).toBe(false);
    expect(health.ready().reasons).toHaveLength(3);
  });

  test("is ready when nothing is missing, and stays so while a bad configuration leaves the last good one in force", () => {
    const health = ready();
    expect(health.ready()).toEqual({ ok: true, reasons: [] });
    health.configuration(false);
    expect(health.ready().ok).toBe(true);
  });

  test("credentials that are turned away make it unready until they are taken again", () => {
    const health = ready();
    health.credentials("refused");
    expect(health.ready().reasons).toEqual(["Bitbucket refuses the credentials: see the log for the cause."]);
    health.credentials("accepted");
    expect(health.ready().ok).toBe(true);
  });
});
