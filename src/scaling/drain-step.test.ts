import { describe, expect, test } from "vitest";
import { aJob, aPod, aRemote, aRunner, NOW } from "../../test/support/runners.ts";
import type { Drain } from "../domain/drain.ts";
import { AGENT_POLL_MS } from "../domain/times.ts";
import { drainStep } from "./drain-step.ts";

const draining: Drain = { state: "draining", cause: "surplus", since: NOW };
const internal = (agoMs: number) => ({ flavour: "internal", serverTime: NOW - agoMs }) as const;
const seen = (agoMs: number): Drain => ({ ...draining, disabledSeen: internal(agoMs) });
const enabling: Drain = { ...draining, state: "enabling" };
const disabled = aRemote({ status: "DISABLED" });
const busy = aRemote({ status: "DISABLED", busy: "busy" });
const noted = { disable: { by: "me" } };
const LONG = AGENT_POLL_MS + 1_000;
const read = { serverTime: NOW, flavour: "internal" } as const;

describe("drainStep", () => {
  test.each([
    ["not disabled: our request was lost, or somebody enabled it", "release", { job: aJob({}, draining) }],
    ["disabled for the first time", "note-disabled", { job: aJob({}, draining), remote: disabled, entry: noted }],
    [
      "cordoned counts as disabled",
      "note-disabled",
      { job: aJob({}, draining), remote: aRemote({ cordoned: true }), entry: noted },
    ],
    ["disabled, and no disable of ours was noted: somebody's", "yield", { job: aJob({}, draining), remote: disabled }],
    [
      "the same of one that the original had disabled",
      "note-disabled",
      { job: aJob({}, { ...draining, cause: "adopted-disabled" }), remote: disabled },
    ],
    [
      "another flavour saw it disabled",
      "note-disabled",
      { job: aJob({}, { ...draining, disabledSeen: { ...internal(LONG), flavour: "public" } }), remote: disabled },
    ],
    ["nothing is proven yet", "wait", { job: aJob({}, seen(LONG - 1)), remote: disabled }],
    ["proven", "condemn", { job: aJob({}, seen(LONG)), remote: disabled }],
    ["a step is shown for the first time", "note-step", { job: aJob({}, seen(LONG)), remote: busy }],
    ["a step goes on", "wait", { job: aJob({}, { ...seen(LONG), stepShown: true }), remote: busy }],
    [
      "a step is shown again",
      "note-step",
      { job: aJob({}, { ...seen(LONG), stepShown: true, idleSeen: internal(9) }), remote: busy },
    ],
    [
      "its step is not shown any more",
      "note-idle",
      { job: aJob({}, { ...seen(LONG), stepShown: true }), remote: disabled },
    ],
    ["enabled by somebody after it was seen disabled", "release", { job: aJob({}, seen(LONG)) }],
    ["registration gone", "wait", { job: aJob({}, seen(LONG)), remote: null }],
    ["condemned", "remove", { job: aJob({}, { ...seen(LONG), state: "condemned" }), remote: disabled }],
    ["enabling, still disabled", "enable", { job: aJob({}, enabling), remote: disabled }],
    ["enabling, seen enabled", "settle", { job: aJob({}, enabling) }],
    [
      "disabled by a hand of ours that came late",
      "bring-back",
      { remote: disabled, entry: { disable: { by: "a process before" } } },
    ],
    [
      "the same without a Job: the clean-up's",
      undefined,
      { remote: disabled, job: null, pods: [], entry: { disable: { by: "x" } } },
    ],
    ["held by somebody", undefined, { remote: disabled }],
    ["condemned by the clean-up", undefined, { job: aJob({}, { ...draining, state: "condemned", cause: "dead" }) }],
    [
      "somebody else's",
      undefined,
      { remote: aRemote({ name: "mine", labels: ["linux"], status: "DISABLED" }), job: aJob({}, draining) },
    ],
    [
      "two pods: which agent is idle?",
      "wait",
      { job: aJob({}, seen(LONG)), remote: disabled, pods: [aPod(), aPod({ uid: "2" })] },
    ],
  ] as const)("%s → %s", (_what, step, sides) => {
    expect(drainStep(aRunner(sides), read)).toBe(step);
  });
});
