import { describe, expect, test } from "vitest";
import { aContainer, aJob, anEndedPod, aPendingPod, aPod } from "../../test/support/runners.ts";
import type { ContainerRecord, PodRecord } from "../domain/cluster-objects.ts";
import { agentsOf, hasEndedForGood, helperDown, neverStarted } from "./agents.ts";

const ended = (exitCode: number): ContainerRecord => aContainer({ state: "terminated", exitCode });
const docker = aContainer({ name: "docker", role: "helper" });
const init = aContainer({ name: "init", role: "init", state: "terminated", exitCode: 0 });
const waiting = aContainer({ state: "waiting", everStarted: false });
const counting = (active: number, failed = 0) => aJob({ pods: { active, succeeded: 0, failed } });

describe("agentsOf", () => {
  test.each<[string, ReturnType<typeof aJob> | undefined, readonly PodRecord[], number, number, boolean]>([
    // job, pods                                       possible, unaccounted, well
    ["one that runs", counting(1), [aPod()], 1, 0, true],
    ["an evicted one beside its successor", counting(1, 1), [anEndedPod(), aPod()], 1, 0, true],
    ["none was made", counting(0), [], 0, 0, false],
    ["one that waits for a node", counting(1), [aPendingPod()], 1, 0, false],
    ["one that is going", counting(0, 1), [aPod({ deleting: true })], 1, 0, false],
    ["one that vanished, and its successor", counting(1, 1), [aPod()], 2, 1, false],
    ["one that vanished, none followed", counting(0, 1), [], 1, 1, false],
    ["one that the Job counts and the listing lacks", counting(1), [], 1, 1, false],
    ["one that failed, its end reported", counting(0, 1), [anEndedPod()], 0, 0, false],
    ["one that failed, its agent still shown as running", counting(0, 1), [aPod({ phase: "Failed" })], 1, 0, false],
    ["two", counting(2), [aPod(), aPod({ uid: "2" })], 2, 0, false],
    ["another Job's, with the same uuid", counting(1), [aPod(), aPod({ uid: "2", jobUid: "copy" })], 2, 0, false],
    ["its Job is gone", undefined, [], 0, 0, false],
  ])("%s", (_what, job, pods, possible, unaccounted, isWell) => {
    expect(agentsOf(job, pods)).toMatchObject({ possible, unaccounted, isWell });
  });

  test("its health is the agent's, whatever runs beside it", () => {
    const pod = aPod({ containers: [init, aContainer(), { ...docker, state: "terminated", exitCode: 1 }] });
    expect(agentsOf(counting(1), [pod]).isWell).toBe(true);
    for (const containers of [[docker], [init], [], [waiting, docker], [ended(1), docker]])
      expect(agentsOf(counting(1), [aPod({ containers })]).isWell).toBe(false);
    expect(agentsOf(counting(1), [aPod({ phase: "Unknown" })]).isWell).toBe(false);
  });

  test("an agent that nobody accounts for may have run", () => {
    expect(agentsOf(counting(0, 1), []).everStarted).toBe(true);
    expect(agentsOf(counting(1), [aPod({ containers: [waiting] })]).everStarted).toBe(false);
  });
});

describe("hasEndedForGood", () => {
  test.each<[boolean, string, Partial<PodRecord>]>([
    [true, "exit 0 is not started again", { containers: [ended(0), docker] }],
    [false, "exit 1 is", { containers: [ended(1), docker] }],
    [true, "never is never", { restartPolicy: "Never", containers: [ended(1), docker] }],
    [false, "always is always", { restartPolicy: "Always", containers: [ended(0)] }],
    [false, "it waits to be started again", { containers: [aContainer({ state: "waiting" })] }],
    [true, "its pod has ended", { phase: "Failed", containers: [ended(1)] }],
    [true, "its pod has ended before it began", { phase: "Failed", containers: [waiting] }],
    [false, "its pod was declared failed, and nobody reported its end", { phase: "Failed" }],
    [false, "nothing is reported", { containers: [] }],
  ])("%s: %s", (isEnd, _what, changes) => {
    expect(hasEndedForGood(aPod(changes))).toBe(isEnd);
  });
});

describe("helperDown", () => {
  const beside = (helper: Partial<ContainerRecord>) => [aPod({ containers: [aContainer(), { ...docker, ...helper }] })];
  test.each([
    [false, {}],
    [false, { state: "waiting", reason: "ContainerCreating" }],
    [true, { state: "waiting", reason: "ImagePullBackOff" }],
    [true, { state: "terminated", exitCode: 137, reason: "OOMKilled" }],
  ] as const)("%s: %j", (isDown, changes) => {
    expect(helperDown(beside(changes)) !== undefined).toBe(isDown);
  });

  test("says nothing where the agent itself is not well", () => {
    const dead = { ...docker, state: "terminated" } as const;
    expect(helperDown([aPod({ containers: [waiting, dead] })])).toBeUndefined();
    expect(helperDown([aPod({ containers: [aContainer(), dead] }), aPod({ uid: "2" })])).toBeUndefined();
  });
});

test.each([
  [true, [init, waiting, docker]],
  [false, [aContainer({ state: "waiting" })]],
  [false, [ended(1)]],
  [false, [aContainer()]],
])("an agent that never started: %s; whatever runs beside it: %j", (never, containers) => {
  expect(neverStarted([aPod({ containers })])).toBe(never);
  expect(neverStarted([aPod({ containers }), aPod({ containers: [ended(0)] })])).toBe(false);
});
