import { describe, expect, test } from "vitest";
import { aReading } from "../../test/support/readings.ts";
import { aJob, aPendingPod, aPod, aRemote, aRunner, aSecret, NOW } from "../../test/support/runners.ts";
import type { Runner } from "../domain/runner.ts";
import { LEFTOVER_AGE_MS } from "../domain/times.ts";
import { planCleanUp } from "./plan.ts";
import { ScopeState } from "./scope-pass.ts";
import type { ScopeSnapshot } from "./snapshot.ts";

const OTHER = "{00000000-0000-4000-8000-000000000002}";
const healthy = aRunner({
  remote: aRemote({ uuid: OTHER }),
  job: aJob({ runnerUuid: OTHER }),
  pods: [aPod({ runnerUuid: OTHER })],
});
const neverConnected = aRunner({
  remote: aRemote({ status: "UNREGISTERED", connected: false, createdAt: NOW - LEFTOVER_AGE_MS - 1_001 }),
  pods: [aPendingPod()],
  secret: null,
});

function aScopeSnapshot(runners: readonly Runner[], changes: Partial<ScopeSnapshot> = {}): ScopeSnapshot {
  return { reading: aReading({ runners }), runners, ownerless: [], lone: 0, vacant: [], ...changes };
}

describe("planCleanUp", () => {
  test("takes one step for each runner that needs one, and says why the others are left", () => {
    const { steps, left, secrets } = planCleanUp(aScopeSnapshot([healthy, neverConnected]));
    expect(steps.map(({ runner, step }) => [runner.uuid, step.kind])).toEqual([[neverConnected.uuid, "void-secret"]]);
    expect(left).toEqual([{ runner: healthy, why: "healthy" }]);
    expect(secrets).toEqual([]);
  });

  test("removes the Secrets that nothing has belonged to for long", () => {
    const lone = aSecret({ name: "lone" });
    expect(planCleanUp(aScopeSnapshot([], { ownerless: [lone] })).secrets).toEqual([lone]);
  });

  test("concludes nothing from a missing Job where a namespace could not be read", () => {
    const jobless = aRunner({ remote: aRemote({ status: "OFFLINE", stateUpdatedAt: 0 }), job: null, pods: [] });
    const half = aReading({ unreadable: new Map([["secret-ops", new Error("403")]]) });
    expect(planCleanUp(aScopeSnapshot([jobless], { reading: half })).left).toEqual([
      { runner: jobless, why: "cannot-tell" },
    ]);
  });
});

describe("ScopeState", () => {
  test("tells a reason for leaving a runner alone once, until it changes", () => {
    const state = new ScopeState();
    const left = (why: "draining" | "held") => [{ runner: healthy, why }];
    expect(state.noteLeft(left("draining"))).toHaveLength(1);
    expect(state.noteLeft(left("draining"))).toHaveLength(0);
    expect(state.noteLeft(left("held"))).toHaveLength(1);
    expect(state.noteLeft([])).toHaveLength(0);
    expect(state.noteLeft(left("held"))).toHaveLength(1);
  });

  test("a Secret is ownerless when it has been so for as long as a creation may take", () => {
    const state = new ScopeState();
    const at = (ms: number) => ({ begunAt: ms, endedAt: ms });
    const [one, two] = [aSecret({ uid: "1" }), aSecret({ uid: "2" })];
    expect(state.longOwnerless([one], at(0))).toEqual([]);
    expect(state.longOwnerless([one, two], at(LEFTOVER_AGE_MS))).toEqual([one]);
    expect(state.longOwnerless([two], at(LEFTOVER_AGE_MS + 1))).toEqual([]);
    expect(state.longOwnerless([one, two], at(2 * LEFTOVER_AGE_MS))).toEqual([two]);
  });

  test("a Job that is not believed is told of once", () => {
    const state = new ScopeState();
    const copy = aJob({ uid: "copy" });
    expect(state.noteUnbelieved([copy])).toEqual([copy]);
    expect(state.noteUnbelieved([copy])).toEqual([]);
    expect(state.noteUnbelieved([])).toEqual([]);
    expect(state.noteUnbelieved([copy])).toEqual([copy]);
  });
});
