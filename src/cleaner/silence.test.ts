import { describe, expect, test } from "vitest";
import { aRemote, aRunner, NOW } from "../../test/support/runners.ts";
import { LONGEST_STEP_MS, SILENCE_MS } from "../domain/times.ts";
import { hasNeverConnected, neededSilenceMs, silentMs, silentStillMs } from "./silence.ts";

test.each([
  [true, aRemote({ status: "UNREGISTERED", connected: false })],
  // It has a version: it was connected once, whatever its status says.
  [false, aRemote({ status: "UNREGISTERED", connected: true })],
  [false, aRemote({ status: "OFFLINE", connected: false })],
  [false, aRemote()],
  [false, undefined],
] as const)("has never connected: %s (%j)", (never, remote) => {
  expect(hasNeverConnected(remote)).toBe(never);
});

const offline = (agoMs: number) => aRemote({ status: "OFFLINE", stateUpdatedAt: NOW - agoMs - 1_000 });
const KNOWN = { serverTime: NOW };
const BLIND = { serverTime: undefined };

describe("silence", () => {
  test("counts by Bitbucket's clock, or as long as this process has watched, whichever is more", () => {
    expect(silentMs(aRunner({ remote: offline(5_000) }), KNOWN)).toBe(5_000);
    expect(silentMs(aRunner({ remote: offline(5_000), lasting: { offline: 7_000 } }), KNOWN)).toBe(7_000);
    expect(silentMs(aRunner({ remote: offline(5_000), lasting: { offline: 3_000 } }), BLIND)).toBe(3_000);
  });

  test("of one that never connected counts from its registration", () => {
    const remote = aRemote({ status: "UNREGISTERED", connected: false, createdAt: NOW - 9_000 });
    expect(silentMs(aRunner({ remote }), KNOWN)).toBe(8_000);
  });

  test.each(["ONLINE", "ENABLED", "DISABLED", "UNHEALTHY", "OTHER"] as const)("is not told by %s", (status) => {
    expect(silentMs(aRunner({ remote: aRemote({ status, stateUpdatedAt: 0 }) }), KNOWN)).toBe(0);
  });

  test("that was broken in between counts anew, whatever this process had watched before", () => {
    const watched = aRunner({ remote: offline(SILENCE_MS), lasting: { offline: SILENCE_MS } });
    expect(silentStillMs(watched, { remote: offline(SILENCE_MS), ...KNOWN })).toBe(SILENCE_MS);
    expect(silentStillMs(watched, { remote: offline(2_000), ...KNOWN })).toBe(2_000);
    expect(silentStillMs(watched, { remote: offline(2_000), ...BLIND })).toBe(0);
  });

  test("has to last longer where a step is shown", () => {
    expect(neededSilenceMs(aRemote({ busy: "busy" }))).toBe(LONGEST_STEP_MS);
    expect(neededSilenceMs(aRemote())).toBe(SILENCE_MS);
  });
});
