import { describe, expect, test } from "vitest";
import {
  aContainer,
  aJob,
  anEndedPod,
  aPendingPod,
  aPod,
  aRemote,
  aRunner,
  aSecret,
  NOW,
  type SampleSides,
} from "../../test/support/runners.ts";
import type { CleanStep } from "../domain/clean-up.ts";
import type { Drain } from "../domain/drain.ts";
import { DRAIN_ANNOTATION, EMPTIED_ANNOTATION, FREED_ANNOTATION, UNREGISTERED_ANNOTATION } from "../domain/mark.ts";
import {
  AGENT_POLL_MS,
  CONNECT_PATIENCE_MS,
  LEFTOVER_AGE_MS,
  LONGEST_STEP_MS,
  REFUSED_PATIENCE_MS,
  REPLICA_LAG_MS,
  SECRET_CACHE_MS,
  SILENCE_MS,
  START_PATIENCE_MS,
} from "../domain/times.ts";
import { type CleanUpView, cleanStep } from "./clean-step.ts";

const VIEW: CleanUpView = { flavour: "internal", serverTime: NOW, sawAllNamespaces: true };
const leave = (why: string) => ({ kind: "leave", why });
const inert = (ageMs: number) =>
  aRemote({ status: "UNREGISTERED", connected: false, createdAt: NOW - ageMs - 1_000, stateUpdatedAt: undefined });
const old = inert(LEFTOVER_AGE_MS + 1);
const offline = (forMs: number, changes: Parameters<typeof aRemote>[0] = {}) =>
  aRemote({ status: "OFFLINE", stateUpdatedAt: NOW - forMs - 1_000, ...changes });
const disabled = aRemote({ status: "DISABLED" });
const emptied = aSecret({ annotations: { [EMPTIED_ANNOTATION]: new Date(0).toISOString() } });
const mark = (state: Drain["state"], cause: Drain["cause"], disabledMs?: number): Drain => ({
  state,
  cause,
  since: NOW,
  ...(disabledMs !== undefined && { disabledSeen: { flavour: "internal", serverTime: NOW - disabledMs - 1_000 } }),
});
const vanished = { active: 0, succeeded: 0, failed: 1 };
const goneSince = (agoMs: number) =>
  aJob({ annotations: { [UNREGISTERED_ANNOTATION]: new Date(NOW - agoMs - 1_000).toISOString() } });
const freedJob = (agoMs: number) =>
  aJob({ pods: vanished, annotations: { [FREED_ANNOTATION]: new Date(NOW - agoMs - 1_000).toISOString() } });
const waitingAgent = aPod({
  phase: "Pending",
  containers: [aContainer({ state: "waiting", everStarted: false }), aContainer({ name: "docker", role: "helper" })],
});
const restartingAgent = aPod({ containers: [aContainer({ state: "waiting" })] });
const NEVER = { active: 0, succeeded: 0, failed: 0 };

type Row = readonly [string, SampleSides, unknown];

const never: readonly Row[] = [
  ["young", { remote: inert(LEFTOVER_AGE_MS), job: null, pods: [], secret: null }, leave("too-young")],
  [
    "alone",
    { remote: old, job: null, pods: [], secret: null },
    { kind: "remove-registration", cause: "never-connected" },
  ],
  ["a pod of it is there", { remote: old, job: null, pods: [aPendingPod()], secret: null }, leave("pod-without-job")],
  ["a Secret of it is there", { remote: old, job: null, pods: [] }, leave("pod-without-job")],
  ["its Secret was never made", { remote: old, pods: [aPendingPod()], secret: null }, { kind: "void-secret" }],
  ["a node is awaited", { remote: inert(START_PATIENCE_MS), pods: [aPendingPod()] }, leave("starting")],
  ["awaited for too long", { remote: inert(START_PATIENCE_MS + 1), pods: [aPendingPod()] }, { kind: "void-secret" }],
  ["only its helper runs", { remote: inert(START_PATIENCE_MS + 1), pods: [waitingAgent] }, { kind: "void-secret" }],
  [
    "no pod was made",
    { remote: inert(REFUSED_PATIENCE_MS), job: aJob({ pods: NEVER }), pods: [] },
    leave("no-pod-made"),
  ],
  [
    "none was made for long",
    { remote: inert(REFUSED_PATIENCE_MS + 1), job: aJob({ pods: NEVER }), pods: [] },
    { kind: "void-secret" },
  ],
  ["its Job is going", { remote: old, job: aJob({ deleting: true }), pods: [aPendingPod()] }, { kind: "void-secret" }],
  ["emptied just now", { remote: old, pods: [aPendingPod()], secret: emptied }, leave("secret-may-be-cached")],
  [
    "emptied a moment ago",
    { remote: old, pods: [aPendingPod()], secret: emptied, lasting: { voided: SECRET_CACHE_MS - 1 } },
    leave("secret-may-be-cached"),
  ],
  [
    "emptied for long",
    { remote: old, pods: [aPendingPod()], secret: emptied, lasting: { voided: SECRET_CACHE_MS } },
    { kind: "condemn", cause: "never-connected" },
  ],
  ["its agent runs", { remote: old }, leave("started-but-never-connected")],
  [
    "its agent may have run: a pod vanished",
    { remote: old, job: aJob({ pods: vanished }), pods: [], secret: null },
    leave("started-but-never-connected"),
  ],
  [
    "the same, longer than any agent may take to connect",
    {
      remote: inert(CONNECT_PATIENCE_MS + 1),
      job: aJob({ state: "failed", pods: vanished }),
      pods: [],
      secret: null,
    },
    { kind: "condemn", cause: "dead" },
  ],
  [
    "the same, its Job may start another pod",
    { remote: inert(CONNECT_PATIENCE_MS + 1), job: aJob({ pods: vanished }), pods: [], secret: null },
    { kind: "disable" },
  ],
  [
    "disabled as dead, and only cordoned",
    {
      remote: { ...inert(CONNECT_PATIENCE_MS + 1), cordoned: true },
      job: aJob({ pods: vanished }, mark("draining", "dead", AGENT_POLL_MS)),
      pods: [],
      secret: null,
    },
    { kind: "condemn", cause: "dead" },
  ],
  [
    "the same, and a pod of it is back",
    {
      remote: { ...inert(CONNECT_PATIENCE_MS + 1), cordoned: true },
      job: aJob({ pods: { ...vanished, active: 1 } }, mark("draining", "dead", AGENT_POLL_MS)),
    },
    { kind: "hand-over" },
  ],
  [
    "its agent has ended, as its Job",
    { remote: old, job: aJob({ state: "failed", pods: vanished }), pods: [anEndedPod()] },
    { kind: "condemn", cause: "dead" },
  ],
  [
    "condemned",
    { remote: old, job: aJob({}, mark("condemned", "never-connected")), secret: emptied },
    { kind: "finish" },
  ],
];

const dead: readonly Row[] = [
  ["it serves", {}, leave("healthy")],
  ["it is enabled again", { remote: aRemote({ status: "ENABLED" }) }, leave("healthy")],
  ["OFFLINE with its pod", { remote: offline(LONGEST_STEP_MS) }, leave("offline-but-running")],
  [
    "OFFLINE with a pod whose agent is started again",
    { remote: offline(LONGEST_STEP_MS), pods: [restartingAgent] },
    leave("offline-but-running"),
  ],
  [
    "no pod, silent for too short",
    { remote: offline(SILENCE_MS - 1), job: aJob({ pods: vanished }), pods: [] },
    leave("not-proven-dead"),
  ],
  ["no pod, silent", { remote: offline(SILENCE_MS), job: aJob({ pods: vanished }), pods: [] }, { kind: "disable" }],
  [
    "the same, without Bitbucket's stamps",
    { remote: offline(0), job: aJob({ pods: vanished }), pods: [], lasting: { offline: SILENCE_MS } },
    { kind: "disable" },
  ],
  ["a pod is counted, and not listed", { remote: offline(SILENCE_MS), pods: [] }, leave("cannot-tell")],
  [
    "no pod, silent, a step is shown",
    { remote: offline(SILENCE_MS, { busy: "busy" }), job: aJob({ pods: vanished }), pods: [] },
    leave("not-proven-dead"),
  ],
  [
    "the same, longer than any step",
    { remote: offline(LONGEST_STEP_MS, { busy: "busy" }), job: aJob({ pods: vanished }), pods: [] },
    { kind: "disable" },
  ],
  [
    "its Job failed, no pod is left",
    { remote: offline(SILENCE_MS - 1), job: aJob({ state: "failed", pods: vanished }), pods: [] },
    leave("not-proven-dead"),
  ],
  [
    "the same, silent",
    { remote: offline(SILENCE_MS), job: aJob({ state: "failed", pods: vanished }), pods: [] },
    { kind: "condemn", cause: "dead" },
  ],
  [
    "its Job failed, its agent still shown as running",
    { remote: offline(SILENCE_MS), job: aJob({ state: "failed", pods: vanished }), pods: [aPod({ phase: "Failed" })] },
    leave("offline-but-running"),
  ],
  [
    "its Job failed, its end reported",
    { remote: offline(0), job: aJob({ state: "failed", pods: vanished }), pods: [anEndedPod()] },
    { kind: "condemn", cause: "dead" },
  ],
  [
    "the same, a step is still shown",
    { remote: offline(0, { busy: "busy" }), job: aJob({ state: "failed", pods: vanished }), pods: [anEndedPod()] },
    leave("not-proven-dead"),
  ],
  [
    "its agent has ended for good, its helper runs on",
    {
      remote: offline(0),
      pods: [
        aPod({
          containers: [
            aContainer({ state: "terminated", exitCode: 0 }),
            aContainer({ name: "docker", role: "helper" }),
          ],
        }),
      ],
    },
    { kind: "disable" },
  ],
  [
    "UNHEALTHY without pod",
    { remote: aRemote({ status: "UNHEALTHY" }), job: aJob({ pods: vanished }), pods: [] },
    leave("not-proven-dead"),
  ],
  [
    "the same for longer than any step",
    {
      remote: aRemote({ status: "UNHEALTHY" }),
      job: aJob({ pods: vanished }),
      pods: [],
      lasting: { podless: LONGEST_STEP_MS },
    },
    { kind: "disable" },
  ],
  [
    "no Job, silent",
    { remote: offline(SILENCE_MS), job: null, pods: [] },
    { kind: "remove-registration", cause: "dead" },
  ],
  [
    "no Job, a pod of it is there",
    { remote: offline(SILENCE_MS), job: null, pods: [anEndedPod()] },
    leave("pod-without-job"),
  ],
  [
    "disabled as dead, not seen so",
    { remote: disabled, job: aJob({ pods: vanished }, mark("draining", "dead")), pods: [] },
    { kind: "note-disabled" },
  ],
  [
    "seen so by another flavour",
    {
      remote: disabled,
      job: aJob({ pods: vanished }, { ...mark("draining", "dead"), disabledSeen: { flavour: "public" } }),
      pods: [],
    },
    { kind: "note-disabled" },
  ],
  [
    "seen so a moment ago",
    { remote: disabled, job: aJob({ pods: vanished }, mark("draining", "dead", AGENT_POLL_MS - 1)), pods: [] },
    leave("waiting-for-disable"),
  ],
  [
    "seen so for long enough",
    { remote: disabled, job: aJob({ pods: vanished }, mark("draining", "dead", AGENT_POLL_MS)), pods: [] },
    { kind: "condemn", cause: "dead" },
  ],
  [
    "the PUT was lost",
    { remote: offline(SILENCE_MS), job: aJob({ pods: vanished }, mark("draining", "dead")), pods: [] },
    { kind: "release" },
  ],
  [
    "somebody enabled it, and it serves",
    { job: aJob({ pods: vanished }, mark("draining", "dead", AGENT_POLL_MS)), pods: [] },
    { kind: "release" },
  ],
  [
    "somebody enabled it a moment ago",
    { remote: offline(SILENCE_MS), job: freedJob(SILENCE_MS - 1), pods: [] },
    leave("enabled-by-hand"),
  ],
  [
    "somebody enabled it for long",
    { remote: offline(SILENCE_MS), job: freedJob(SILENCE_MS), pods: [] },
    { kind: "disable" },
  ],
  [
    "somebody let go of it a moment ago",
    { remote: offline(SILENCE_MS), job: aJob({ pods: vanished }), pods: [], lasting: { freed: SILENCE_MS - 1 } },
    leave("enabled-by-hand"),
  ],
  [
    "only cordoned, and heard again",
    {
      remote: aRemote({ cordoned: true }),
      job: aJob({ pods: vanished }, mark("draining", "dead", AGENT_POLL_MS)),
      pods: [],
    },
    { kind: "hand-over" },
  ],
  [
    "a step is shown on it, and its Job has ended",
    {
      remote: aRemote({ status: "DISABLED", busy: "busy" }),
      job: aJob({ state: "failed", pods: vanished }, mark("draining", "dead", LONGEST_STEP_MS - 1)),
      pods: [],
    },
    leave("not-proven-dead"),
  ],
  [
    "the same, for longer than any step",
    {
      remote: aRemote({ status: "DISABLED", busy: "busy" }),
      job: aJob({ state: "failed", pods: vanished }, mark("draining", "dead", LONGEST_STEP_MS)),
      pods: [],
    },
    { kind: "condemn", cause: "dead" },
  ],
  [
    "a pod is back",
    { remote: disabled, job: aJob({}, mark("draining", "dead", AGENT_POLL_MS)) },
    { kind: "hand-over" },
  ],
  [
    "the drain's",
    { remote: disabled, job: aJob({ pods: vanished }, mark("draining", "surplus", LONGEST_STEP_MS)), pods: [] },
    leave("draining"),
  ],
  ["condemned by the drain", { remote: disabled, job: aJob({}, mark("condemned", "surplus")) }, leave("draining")],
  ["condemned", { remote: disabled, job: aJob({}, mark("condemned", "dead")), pods: [] }, { kind: "finish" }],
];

const ours = { entry: { disable: { by: "a process before" } } };
const hands: readonly Row[] = [
  ["held", { remote: disabled }, leave("held")],
  [
    "held, its Job is gone",
    { remote: disabled, job: null, pods: [], lasting: { jobless: LONGEST_STEP_MS, disabledAndIdle: LONGEST_STEP_MS } },
    leave("held"),
  ],
  [
    "disabled by us, its Job went",
    {
      remote: disabled,
      job: null,
      pods: [],
      ...ours,
      lasting: { jobless: SILENCE_MS - 1, disabledAndIdle: SILENCE_MS },
    },
    leave("not-proven-dead"),
  ],
  [
    "the same, quiet for long",
    {
      remote: aRemote({ status: "DISABLED", stateUpdatedAt: NOW - SILENCE_MS - 1_000 }),
      job: null,
      pods: [],
      ...ours,
      lasting: { jobless: SILENCE_MS, disabledAndIdle: SILENCE_MS },
    },
    { kind: "remove-registration", cause: "dead" },
  ],
  [
    "the same, its state has changed since",
    { remote: disabled, job: null, pods: [], ...ours, lasting: { jobless: SILENCE_MS, disabledAndIdle: SILENCE_MS } },
    leave("not-proven-dead"),
  ],
  [
    "the same, a step is shown",
    {
      remote: aRemote({ status: "DISABLED", busy: "busy" }),
      job: null,
      pods: [],
      ...ours,
      lasting: { jobless: LONGEST_STEP_MS, disabled: LONGEST_STEP_MS },
    },
    leave("not-proven-dead"),
  ],
  [
    "another version's mark",
    { remote: offline(LONGEST_STEP_MS), job: aJob({ annotations: { [DRAIN_ANNOTATION]: '{"v":9}' } }), pods: [] },
    leave("mark-not-understood"),
  ],
  [
    "another version's mark, no registration",
    { remote: null, job: aJob({ annotations: { [DRAIN_ANNOTATION]: "?" } }), pods: [] },
    leave("mark-not-understood"),
  ],
  ["somebody else's", { remote: aRemote({ name: "mine", labels: ["linux"] }), job: null, pods: [] }, leave("not-ours")],
];

const SEEN = { unregistered: REPLICA_LAG_MS + 1 };
const unregistered: readonly Row[] = [
  ["not shown yet", { remote: null, job: aJob({ pods: NEVER }), pods: [] }, leave("too-young")],
  ["not shown for a moment", { remote: null, lasting: { unregistered: REPLICA_LAG_MS } }, leave("too-young")],
  ["its agent runs", { remote: null, lasting: SEEN }, { kind: "note-unregistered" }],
  ["noted", { remote: null, job: goneSince(LONGEST_STEP_MS - 1), lasting: SEEN }, leave("containers-still-running")],
  [
    "longer than any step ago",
    { remote: null, job: goneSince(LONGEST_STEP_MS), lasting: SEEN },
    { kind: "remove-job" },
  ],
  [
    "as long as this process has seen it",
    { remote: null, job: goneSince(0), lasting: { unregistered: LONGEST_STEP_MS } },
    { kind: "remove-job" },
  ],
  ["its agent has stopped", { remote: null, pods: [restartingAgent], lasting: SEEN }, { kind: "remove-job" }],
  [
    "its pod vanished",
    { remote: null, job: aJob({ pods: vanished }), pods: [], lasting: SEEN },
    { kind: "note-unregistered" },
  ],
  ["no pod was made", { remote: null, job: aJob({ pods: NEVER }), pods: [], lasting: SEEN }, { kind: "remove-job" }],
  ["condemned", { remote: null, job: aJob({}, mark("condemned", "surplus")) }, { kind: "remove-job" }],
  ["its Job is going", { remote: null, job: aJob({ deleting: true }, mark("condemned", "surplus")) }, leave("going")],
];

describe.each([
  ["never connected", never],
  ["dead", dead],
  ["hands", hands],
  ["without registration", unregistered],
])("%s", (_what, rows) => {
  test.each(rows)("%s", (_case, sides, step) => {
    expect(cleanStep(aRunner(sides), VIEW)).toEqual(step);
  });
});

test("without Bitbucket's time nothing has an age", () => {
  const blind = { ...VIEW, serverTime: undefined };
  const steps = [...never, ...dead].map(([what, sides]): [string, CleanStep] => [
    what,
    cleanStep(aRunner(sides), blind),
  ]);
  const aged = [
    "alone",
    "awaited for too long",
    "no pod, silent",
    "its Job failed, no pod is left",
    "seen so for long enough",
  ];
  for (const [what, step] of steps) if (aged.includes(what)) expect(step).toMatchObject({ kind: "leave" });
});

test("nothing is noted without Bitbucket's time: what this process sees counts alone", () => {
  const blind = { ...VIEW, serverTime: undefined };
  const runner = aRunner({ remote: null, lasting: SEEN });
  expect(cleanStep(runner, blind)).toEqual(leave("containers-still-running"));
});

test("a registration without Job proves nothing while a namespace cannot be read", () => {
  const half = { ...VIEW, sawAllNamespaces: false };
  for (const remote of [old, offline(LONGEST_STEP_MS)])
    expect(cleanStep(aRunner({ remote, job: null, pods: [], secret: null }), half)).toEqual(leave("cannot-tell"));
  expect(cleanStep(aRunner({ remote: offline(SILENCE_MS), job: aJob({ pods: vanished }), pods: [] }), half)).toEqual({
    kind: "disable",
  });
});
