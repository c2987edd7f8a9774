import { describe, expect, test } from "vitest";
import { aCleanUpDone, aConfigurationRead, aFailure, aPassDone, aRequestEnded } from "../../test/support/events.ts";
import { Health } from "./health.ts";

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
    const health = new Health(
      () => wall * speed,
      () => wall,
    );
    health.hear({ type: "loop-alive", intervalMs: intervalMs });
    wall = silentMs;
    expect(health.live().ok).toBe(live);
    health.hear({ type: "loop-alive", intervalMs: intervalMs });
    expect(health.live()).toEqual({ ok: true, reasons: [] });
  });
});

describe("ready", () => {
  const ready = () => {
    const health = new Health(
      () => 0,
      () => 0,
    );
    health.hear(aConfigurationRead());
    health.hear(aPassDone());
    health.hear(aRequestEnded());
    return health;
  };

  test("says all that is missing", () => {
    const health = new Health(
      () => 0,
      () => 0,
    );
    health.hear(aConfigurationRead("no"));
    expect(health.ready().ok).toBe(false);
    expect(health.ready().reasons).toHaveLength(3);
  });

  test("is ready when nothing is missing, and stays so while a bad configuration leaves the last good one in force", () => {
    const health = ready();
    expect(health.ready()).toEqual({ ok: true, reasons: [] });
    health.hear(aConfigurationRead("no"));
    expect(health.ready().ok).toBe(true);
  });

  test("credentials that are turned away make it unready until they are taken again", () => {
    const health = ready();
    health.hear(aRequestEnded({ status: 401 }));
    expect(health.ready().reasons).toEqual(["Bitbucket refuses the credentials: see the log for the cause."]);
    health.hear(aRequestEnded());
    expect(health.ready().ok).toBe(true);
  });
});

test.each([
  ["pass", true],
  ["identify-installation", false],
] as const)("a failure of %s: ready %s", (operation, ready) => {
  const health = new Health(
    () => 0,
    () => 0,
  );
  for (const event of [aConfigurationRead(), aRequestEnded()]) health.hear(event);
  health.hear({ ...aFailure({ component: "cluster" }), operation });
  expect(health.ready().ok).toBe(ready);
});

describe("credentials that were accepted once", () => {
  const accepted = () => {
    const health = new Health(
      () => 0,
      () => 0,
    );
    for (const event of [aConfigurationRead(), aCleanUpDone(), aRequestEnded()]) health.hear(event);
    return health;
  };

  test.each([
    // plane  route  status → ready
    ["bitbucket", "/workspaces/{workspace}", 200, true],
    ["bitbucket", "/workspaces/{workspace}", 401, false],
    ["bitbucket", "/site/oauth2/access_token", 400, false],
    ["bitbucket", "/workspaces/{workspace}", 400, true],
    ["bitbucket", "/workspaces/{workspace}", 503, true],
    ["bitbucket", "/workspaces/{workspace}", "error", true],
    ["kubernetes", "jobs", 401, true],
    ["kubernetes", "jobs", "error", true],
  ] as const)("%s %s %s: ready %s", (plane, route, status, ready) => {
    const health = accepted();
    health.hear(aRequestEnded({ plane, route, status }));
    expect(health.ready().ok).toBe(ready);
  });
});
