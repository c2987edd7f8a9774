import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { aJob, anEndedPod, aPod, aRemote, aRunner, NOW, type SampleSides } from "../../test/support/runners.ts";
import type { Drain } from "../domain/drain.ts";
import { AGENT_POLL_MS, LONGEST_STEP_MS, SILENCE_MS } from "../domain/times.ts";
import { type DrainLook, isDrained } from "./drain-proof.ts";

const internal = (agoMs: number) => ({ flavour: "internal", serverTime: NOW - agoMs - 1_000 }) as const;
const seen = (agoMs: number): Drain => ({
  state: "draining",
  cause: "surplus",
  since: NOW,
  disabledSeen: internal(agoMs),
});
const disabled = aRemote({ status: "DISABLED" });
const failed = (count: number) => aJob({ pods: { active: 1, succeeded: 0, failed: count } });
const gone = aJob({ pods: { active: 0, succeeded: 0, failed: 1 } });

function proven(drain: Drain, sides: SampleSides = {}, look: Partial<DrainLook> = {}): boolean {
  return isDrained(aRunner(sides), drain, { flavour: "internal", serverTime: NOW, runner: disabled, ...look });
}

describe("isDrained", () => {
  test.each<[string, number, SampleSides, Partial<DrainLook>]>([
    ["one agent, well", AGENT_POLL_MS, {}, {}],
    ["every agent's end was reported", AGENT_POLL_MS, { pods: [anEndedPod()], job: gone }, {}],
    ["its pod is gone, none came back", SILENCE_MS, { pods: [], job: gone }, {}],
    ["its pod is going", SILENCE_MS, { pods: [aPod({ deleting: true })] }, {}],
    ["a second agent may be alive: its pod went unreported", LONGEST_STEP_MS, { job: failed(1) }, {}],
    ["two pods", LONGEST_STEP_MS, { pods: [aPod(), aPod({ uid: "2" })] }, {}],
    ["steps are not shown", LONGEST_STEP_MS, {}, { runner: aRemote({ status: "DISABLED", busy: "unknown" }) }],
  ])("%s: after %i ms", (_what, ms, sides, look) => {
    expect(proven(seen(ms - 1), sides, look)).toBe(false);
    expect(proven(seen(ms), sides, look)).toBe(true);
    const watched = { ...sides, lasting: { disabled: ms, disabledAndIdle: ms } };
    expect(
      proven({ ...seen(0), disabledSeen: { flavour: "internal" } }, watched, { ...look, serverTime: undefined }),
    ).toBe(true);
  });

  test.each<[string, number, SampleSides, Partial<DrainLook>]>([
    ["its connection cannot be seen", SILENCE_MS, {}, {}],
    ["it is heard of", 0, {}, { runner: aRemote({ cordoned: true }) }],
    ["its pod is gone", LONGEST_STEP_MS, { pods: [], job: gone }, {}],
  ])("a step was shown while it was disabled, and %s: %i ms after its end", (_what, ms, sides, look) => {
    const after = (idleMs: number): Drain => ({
      ...seen(LONGEST_STEP_MS),
      stepShown: true,
      idleSeen: internal(idleMs),
    });
    if (ms > 0) expect(proven(after(ms - 1), sides, look)).toBe(false);
    expect(proven(after(ms), sides, look)).toBe(true);
  });

  test("the look must be by the API that showed it disabled, and idle", () => {
    const long = seen(LONGEST_STEP_MS);
    expect(proven(long, {}, { flavour: "public" })).toBe(false);
    const idle = { ...long, stepShown: true, idleSeen: { ...internal(LONGEST_STEP_MS), flavour: "public" } } as const;
    expect(proven(idle)).toBe(false);
    expect(proven({ ...long, stepShown: true })).toBe(false);
  });

  test("two clocks are never compared: without Bitbucket's time, only what this process has watched counts", () => {
    expect(proven(seen(LONGEST_STEP_MS), {}, { serverTime: undefined })).toBe(false);
    expect(proven({ ...seen(0), disabledSeen: { flavour: "internal" } })).toBe(false);
  });

  property.prop([
    fc.constantFrom("busy", "idle", "unknown"),
    fc.constantFrom("ONLINE", "OFFLINE", "DISABLED", "UNHEALTHY", "OTHER"),
    fc.boolean(),
    fc.nat(LONGEST_STEP_MS - 1),
  ])(
    "busy is never drained, unknown never before the longest step, enabled never at all",
    (busy, status, cordoned, agoMs) => {
      const isProven = proven(seen(agoMs), {}, { runner: aRemote({ busy, status, cordoned }) });
      if (busy !== "idle" || agoMs < AGENT_POLL_MS || (status !== "DISABLED" && !cordoned))
        expect(isProven).toBe(false);
    },
  );
});
