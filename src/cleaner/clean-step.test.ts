import { describe, expect, test } from "vitest";
import { aJob, anEndedPod, aPendingPod, aPod, aRemote, aRunner, aSecret, NOW } from "../../test/support/runners.ts";
import type { Drain } from "../domain/drain.ts";
import { EMPTIED_ANNOTATION, UNREGISTERED_ANNOTATION } from "../domain/mark.ts";
import {
  AGENT_POLL_MS,
  LEFTOVER_AGE_MS,
  LONGEST_STEP_MS,
  OFFLINE_DEAD_MS,
  SECRET_CACHE_MS,
  START_PATIENCE_MS,
} from "../domain/times.ts";
import { cleanStep } from "./clean-step.ts";

const view = { begunAt: NOW, serverTime: NOW, podlessSince: undefined };
const inert = (ageMs: number) => aRemote({ status: "UNREGISTERED", connected: false, createdAt: NOW - ageMs });
const old = inert(LEFTOVER_AGE_MS + 1);
const emptied = (agoMs: number) =>
  aSecret({ annotations: { [EMPTIED_ANNOTATION]: new Date(NOW - agoMs).toISOString() } });
const offline = (forMs: number) => aRemote({ status: "OFFLINE", stateUpdatedAt: NOW - forMs });
const mark = (state: Drain["state"], cause: Drain["cause"], more: Partial<Drain> = {}): Drain => ({
  state,
  cause,
  since: NOW - 3_600_000,
  ...more,
});
const agentWaits = aPod({
  phase: "Pending",
  containers: [
    { name: "runner", role: "agent", state: "waiting", everStarted: false },
    { name: "docker", role: "helper", state: "running", everStarted: true },
  ],
});
const waitingPod = aPod({
  phase: "Running",
  containers: [{ name: "runner", role: "agent", state: "waiting", everStarted: true }],
});

describe("never connected", () => {
  test.each([
    [
      "young registration alone",
      { remote: inert(LEFTOVER_AGE_MS), job: null, pods: [], secret: null },
      { kind: "leave", why: "too-young" },
    ],
    [
      "old registration alone",
      { remote: old, job: null, pods: [], secret: null },
      { kind: "remove-registration", cause: "never-connected" },
    ],
    [
      "a Job whose Secret was never made",
      { remote: old, pods: [aPendingPod()], secret: null },
      { kind: "void-secret" },
    ],
    [
      "complete, its pod waits for a node",
      { remote: inert(START_PATIENCE_MS), pods: [aPendingPod()] },
      { kind: "leave", why: "starting" },
    ],
    [
      "complete, waited too long",
      { remote: inert(START_PATIENCE_MS + 1), pods: [aPendingPod()] },
      { kind: "void-secret" },
    ],
    [
      "Secret emptied a moment ago",
      { remote: old, pods: [aPendingPod()], secret: emptied(SECRET_CACHE_MS - 1) },
      { kind: "leave", why: "secret-may-be-cached" },
    ],
    [
      "Secret emptied long enough ago",
      { remote: old, pods: [aPendingPod()], secret: emptied(SECRET_CACHE_MS) },
      { kind: "condemn", cause: "never-connected" },
    ],
    [
      "only the container beside the agent ran: it needs no credentials",
      { remote: old, pods: [agentWaits], secret: emptied(SECRET_CACHE_MS) },
      { kind: "condemn", cause: "never-connected" },
    ],
    [
      "its agent ran",
      { remote: old, secret: emptied(SECRET_CACHE_MS) },
      { kind: "leave", why: "started-but-never-connected" },
    ],
    [
      "its Job failed",
      { remote: old, job: aJob({ state: "failed" }), pods: [anEndedPod()] },
      { kind: "condemn", cause: "dead" },
    ],
    [
      "its Job failed, a container still runs",
      { remote: old, job: aJob({ state: "failed" }) },
      { kind: "leave", why: "started-but-never-connected" },
    ],
    [
      "its pod has ended, but its Job may start another one",
      { remote: old, pods: [anEndedPod()] },
      { kind: "leave", why: "started-but-never-connected" },
    ],
    ["no Job, but a pod of it", { remote: old, job: null, secret: null }, { kind: "leave", why: "pod-without-job" }],
    ["no Job, but a Secret of it", { remote: old, job: null, pods: [] }, { kind: "leave", why: "pod-without-job" }],
    [
      "its Job goes already: no use in waiting for its pod",
      { remote: old, job: aJob({ deleting: true }), pods: [aPendingPod()] },
      { kind: "void-secret" },
    ],
    [
      "UNREGISTERED, but it has a version: it was connected once",
      { remote: aRemote({ ...old, connected: true }), job: null, pods: [], secret: null },
      { kind: "leave", why: "not-proven-dead" },
    ],
    [
      "without a version, but not UNREGISTERED",
      { remote: aRemote({ ...old, status: "OFFLINE" }), job: null, pods: [], secret: null },
      { kind: "leave", why: "not-proven-dead" },
    ],
  ] as const)("%s", (_what, sides, step) => {
    expect(cleanStep(aRunner(sides), view)).toEqual(step);
  });
});

describe("dead", () => {
  test.each([
    [
      "Job and containers have ended",
      { remote: offline(0), job: aJob({ state: "complete" }), pods: [anEndedPod()] },
      { kind: "condemn", cause: "dead" },
    ],
    [
      "Job has ended, a container still runs",
      { remote: offline(0), job: aJob({ state: "failed" }) },
      { kind: "leave", why: "containers-still-running" },
    ],
    [
      "Bitbucket still shows it ONLINE",
      { job: aJob({ state: "failed" }), pods: [anEndedPod()] },
      { kind: "leave", why: "healthy" },
    ],
    [
      "offline for a short time, no pod",
      { remote: offline(OFFLINE_DEAD_MS - 1), pods: [] },
      { kind: "leave", why: "not-proven-dead" },
    ],
    [
      "offline for long, no pod, its Job could start one",
      { remote: offline(OFFLINE_DEAD_MS), pods: [] },
      { kind: "disable" },
    ],
    [
      "offline for long, neither Job nor pod",
      { remote: offline(OFFLINE_DEAD_MS), job: null, pods: [] },
      { kind: "remove-registration", cause: "dead" },
    ],
    [
      "offline for long, but its pod runs",
      { remote: offline(OFFLINE_DEAD_MS) },
      { kind: "leave", why: "offline-but-running" },
    ],
    [
      "disabled as dead, seen for the first time",
      { remote: aRemote({ status: "DISABLED" }), job: aJob({}, mark("draining", "dead")), pods: [] },
      { kind: "note-disabled" },
    ],
    [
      "disabled as dead, an agent may not have noticed yet",
      {
        remote: aRemote({ status: "DISABLED" }),
        job: aJob({}, mark("draining", "dead", { disabledSeenAt: NOW - AGENT_POLL_MS + 1 })),
        pods: [],
      },
      { kind: "leave", why: "waiting-for-disable" },
    ],
    [
      "disabled as dead, by a word that is younger than the listing",
      {
        remote: aRemote({ status: "DISABLED" }),
        job: aJob({}, mark("draining", "dead", { since: NOW })),
        pods: [],
      },
      { kind: "leave", why: "waiting-for-disable" },
    ],
    [
      "disabled as dead, but never seen so: it is disabled again",
      { remote: offline(OFFLINE_DEAD_MS), job: aJob({}, mark("draining", "dead")), pods: [] },
      { kind: "disable" },
    ],
    [
      "disabled as dead for an agent's poll",
      {
        remote: aRemote({ status: "DISABLED" }),
        job: aJob({}, mark("draining", "dead", { disabledSeenAt: NOW - AGENT_POLL_MS })),
        pods: [],
      },
      { kind: "condemn", cause: "dead" },
    ],
    [
      "disabled as dead, a pod came back",
      { remote: aRemote({ status: "DISABLED" }), job: aJob({}, mark("draining", "dead")) },
      { kind: "hand-over" },
    ],
  ] as const)("%s", (_what, sides, step) => {
    expect(cleanStep(aRunner(sides), view)).toEqual(step);
  });

  test("no pod for longer than any step", () => {
    const runner = aRunner({ remote: aRemote({ status: "UNHEALTHY" }), pods: [] });
    expect(cleanStep(runner, { ...view, podlessSince: NOW - LONGEST_STEP_MS + 1 })).toEqual({
      kind: "leave",
      why: "not-proven-dead",
    });
    expect(cleanStep(runner, { ...view, podlessSince: NOW - LONGEST_STEP_MS })).toEqual({ kind: "disable" });
  });
});

describe("Job without registration", () => {
  const gone = (agoMs: number) =>
    aJob({ annotations: { [UNREGISTERED_ANNOTATION]: new Date(NOW - agoMs).toISOString() } });
  test.each([
    ["never started", { remote: null, pods: [aPendingPod()] }, { kind: "remove-job" }],
    ["condemned", { remote: null, job: aJob({}, mark("condemned", "surplus")) }, { kind: "remove-job" }],
    ["its containers have ended", { remote: null, pods: [anEndedPod()] }, { kind: "remove-job" }],
    ["its containers run", { remote: null }, { kind: "note-unregistered" }],
    [
      "its containers run, noted before",
      { remote: null, job: gone(LONGEST_STEP_MS - 1) },
      { kind: "leave", why: "containers-still-running" },
    ],
    [
      "its containers ran for longer than any step",
      { remote: null, job: gone(LONGEST_STEP_MS) },
      { kind: "remove-job" },
    ],
    ["its agent waits to be started again", { remote: null, pods: [waitingPod] }, { kind: "remove-job" }],
  ] as const)("%s", (_what, sides, step) => {
    expect(cleanStep(aRunner(sides), view)).toEqual(step);
  });
});

test.each([
  ["a healthy runner", {}, "healthy"],
  ["a busy one", { remote: aRemote({ busy: "busy" }) }, "healthy"],
  ["a held one, however long without a pod", { remote: aRemote({ status: "DISABLED" }), pods: [] }, "held"],
  [
    "one that drains",
    { remote: aRemote({ status: "DISABLED" }), job: aJob({}, mark("draining", "surplus")) },
    "draining",
  ],
  [
    "one whose drain is proven: the controller removes it",
    { remote: aRemote({ status: "DISABLED" }), job: aJob({}, mark("condemned", "surplus")) },
    "draining",
  ],
  ["somebody else's", { remote: aRemote({ name: "mine" }), job: null, pods: [] }, "not-ours"],
] as const)("%s is left alone", (_what, sides, why) => {
  expect(cleanStep(aRunner(sides), { ...view, podlessSince: 0 })).toEqual({ kind: "leave", why });
});
