import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { aJob, anEndedPod, aPod, aRemote, aRunner, NOW } from "../../test/support/runners.ts";
import type { Drain } from "../domain/drain.ts";
import { AGENT_POLL_MS, LONGEST_STEP_MS } from "../domain/times.ts";
import { drainStep, isDrained } from "./drain-step.ts";

const SINCE = NOW - 3_600_000 * 24;
const draining: Drain = { state: "draining", cause: "surplus", since: SINCE };
const seen = (agoMs: number): Drain => ({ ...draining, disabledSeenAt: NOW - agoMs, flavour: "internal" });
const enabling: Drain = { ...draining, state: "enabling" };
const disabled = aRemote({ status: "DISABLED" });
const read = { begunAt: NOW, flavour: "internal" } as const;

describe("drainStep", () => {
  test.each([
    ["not yet disabled, the PUT was lost", "disable", { job: aJob({}, draining) }],
    ["disabled for the first time", "note-disabled", { job: aJob({}, draining), remote: disabled }],
    ["cordoned counts as disabled", "note-disabled", { job: aJob({}, draining), remote: aRemote({ cordoned: true }) }],
    ["disabled for too short", "wait", { job: aJob({}, seen(AGENT_POLL_MS - 1)), remote: disabled }],
    [
      "disabled for an agent's poll, idle, one healthy pod",
      "condemn",
      { job: aJob({}, seen(AGENT_POLL_MS)), remote: disabled },
    ],
    [
      "still busy",
      "wait",
      { job: aJob({}, seen(LONGEST_STEP_MS)), remote: aRemote({ status: "DISABLED", busy: "busy" }) },
    ],
    [
      "busy not known",
      "wait",
      { job: aJob({}, seen(LONGEST_STEP_MS - 1)), remote: aRemote({ status: "DISABLED", busy: "unknown" }) },
    ],
    [
      "busy not known, disabled longer than any step",
      "condemn",
      { job: aJob({}, seen(LONGEST_STEP_MS)), remote: aRemote({ status: "DISABLED", busy: "unknown" }) },
    ],
    [
      "two pods: which agent is idle?",
      "wait",
      { job: aJob({}, seen(AGENT_POLL_MS)), remote: disabled, pods: [aPod(), aPod({ uid: "2" })] },
    ],
    [
      "its pod has ended: the clean-up's",
      "wait",
      { job: aJob({}, seen(AGENT_POLL_MS)), remote: disabled, pods: [anEndedPod()] },
    ],
    ["no pod", "wait", { job: aJob({}, seen(AGENT_POLL_MS)), remote: disabled, pods: [] }],
    ["enabled by somebody after it was seen disabled", "release", { job: aJob({}, seen(AGENT_POLL_MS)) }],
    [
      "another flavour saw it disabled",
      "note-disabled",
      { job: aJob({}, { ...seen(AGENT_POLL_MS), flavour: "public" as const }), remote: disabled },
    ],
    ["registration gone", "wait", { job: aJob({}, seen(AGENT_POLL_MS)), remote: null }],
    [
      "condemned",
      "remove",
      { job: aJob({}, { ...seen(AGENT_POLL_MS), state: "condemned" as const }), remote: disabled },
    ],
    ["enabling, still disabled", "enable", { job: aJob({}, enabling), remote: disabled }],
    ["enabling, seen enabled", "settle", { job: aJob({}, enabling) }],
  ] as const)("%s → %s", (_what, step, sides) => {
    expect(drainStep(aRunner(sides), read)).toBe(step);
  });

  test("a read that began before the mark was written proves nothing", () => {
    const runner = aRunner({ job: aJob({}, { ...draining, since: NOW }), remote: disabled });
    expect(drainStep(runner, read)).toBe("wait");
  });

  test("what the clean-up condemned is not the drain's", () => {
    expect(
      drainStep(aRunner({ job: aJob({}, { ...draining, state: "condemned", cause: "dead" }) }), read),
    ).toBeUndefined();
  });

  test("the last look at it must be by the API that showed it disabled", () => {
    const longAgo = seen(LONGEST_STEP_MS);
    expect(isDrained(longAgo, disabled, NOW, "internal")).toBe(true);
    expect(isDrained(longAgo, disabled, NOW, "public")).toBe(false);
  });

  property.prop([
    fc.constantFrom("busy", "idle", "unknown"),
    fc.constantFrom("ONLINE", "OFFLINE", "DISABLED", "UNHEALTHY", "OTHER"),
    fc.boolean(),
    fc.nat(LONGEST_STEP_MS - 1),
  ])(
    "busy is never drained, unknown never before the longest step, enabled never at all",
    (busy, status, cordoned, agoMs) => {
      const proven = isDrained(seen(agoMs), aRemote({ busy, status, cordoned }), NOW, "internal");
      if (busy !== "idle" || agoMs < AGENT_POLL_MS || (status !== "DISABLED" && !cordoned)) expect(proven).toBe(false);
    },
  );
});
