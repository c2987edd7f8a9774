import { describe, expect, test } from "vitest";
import { anEndedPod, aPendingPod, aPod } from "../../test/support/runners.ts";
import type { ContainerRecord } from "../domain/cluster-objects.ts";
import { areAgentsStopped, areContainersEnded, hasOneHealthyPod, neverStarted } from "./pods.ts";

const agent = (changes: Partial<ContainerRecord> = {}): ContainerRecord => ({
  name: "runner",
  role: "agent",
  state: "running",
  everStarted: true,
  ...changes,
});
const init = (changes: Partial<ContainerRecord> = {}) => agent({ name: "init", role: "init", ...changes });
const helper = (changes: Partial<ContainerRecord> = {}) => agent({ name: "docker", role: "helper", ...changes });

describe("one healthy pod", () => {
  test.each([
    [true, "one that runs", [aPod()]],
    [true, "beside one that has ended", [anEndedPod(), aPod()]],
    [true, "whose init container has ended", [aPod({ containers: [init({ state: "terminated" }), agent()] })]],
    [false, "none", []],
    [false, "only one that has ended", [anEndedPod()]],
    [false, "two", [aPod(), aPod({ uid: "2" })]],
    [false, "beside one that waits for a node", [aPod(), aPendingPod()]],
    [false, "one that is being deleted", [aPod({ deleting: true })]],
    [false, "one that waits for a node", [aPendingPod()]],
    [false, "one that nobody hears of", [aPod({ phase: "Unknown" })]],
    [false, "one of whose containers nothing is reported", [aPod({ containers: [] })]],
    [false, "one of which only init containers are reported", [aPod({ containers: [init()] })]],
    [false, "one whose agent has ended", [aPod({ containers: [agent({ state: "terminated" }), helper()] })]],
    [false, "one whose helper has ended", [aPod({ containers: [agent(), helper({ state: "terminated" })] })]],
  ] as const)("%s: %s", (healthy, _what, pods) => {
    expect(hasOneHealthyPod(pods)).toBe(healthy);
  });
});

describe("ended containers", () => {
  test.each([
    [true, "no pod", []],
    [true, "a pod that failed", [anEndedPod()]],
    [true, "a pod that succeeded", [{ ...anEndedPod(), phase: "Succeeded" }]],
    [false, "a pod that runs although its containers have ended", [{ ...anEndedPod(), phase: "Running" }]],
    [false, "a pod that failed, with a container that is reported as running", [aPod({ phase: "Failed" })]],
    [false, "one that has ended and one that has not", [anEndedPod(), aPod()]],
  ] as const)("%s: %s", (ended, _what, pods) => {
    expect(areContainersEnded(pods)).toBe(ended);
  });
});

test.each([
  // never started, stopped now, the agent
  [true, true, agent({ state: "waiting", everStarted: false })],
  [false, true, agent({ state: "waiting" })],
  [false, true, agent({ state: "terminated" })],
  [false, false, agent()],
] as const)(
  "an agent that never started: %s; that is stopped: %s; whatever runs beside it: %j",
  (never, stopped, one) => {
    const pods = [aPod({ containers: [init(), one, helper()] })];
    expect(neverStarted(pods)).toBe(never);
    expect(areAgentsStopped(pods)).toBe(stopped);
  },
);

test("one agent of several is enough", () => {
  const waiting = aPod({ containers: [agent({ state: "waiting", everStarted: false })] });
  expect(neverStarted([waiting, aPod()])).toBe(false);
  expect(areAgentsStopped([waiting, aPod()])).toBe(false);
});
