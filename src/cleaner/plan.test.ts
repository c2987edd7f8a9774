import { describe, expect, test } from "vitest";
import { aJob, aPendingPod, aPod, aRemote, aRunner, aSecret, NOW } from "../../test/support/runners.ts";
import type { Runner } from "../domain/runner.ts";
import { LEFTOVER_AGE_MS, LONGEST_STEP_MS } from "../domain/times.ts";
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
  remote: aRemote({ status: "UNREGISTERED", connected: false, createdAt: NOW - LEFTOVER_AGE_MS - 1 }),
  pods: [aPendingPod()],
  secret: null,
});

function aScopeSnapshot(runners: readonly Runner[], changes: Partial<ScopeSnapshot> = {}): ScopeSnapshot {
  return {
    now: NOW,
    listing: { flavour: "internal", runners: [], begunAt: NOW, serverTime: NOW },
    runners,
    ownerless: [],
    namespaces: ["default"],
    podlessSince: new Map(),
    ...changes,
  };
}

describe("planCleanUp", () => {
  test("takes one step for each runner that needs one, and says why the others are left", () => {
    const { steps, left, secrets } = planCleanUp(aScopeSnapshot([healthy, neverConnected]));
    expect(steps.map(({ runner, step }) => [runner.uuid, step.kind])).toEqual([[neverConnected.uuid, "void-secret"]]);
    expect(left).toEqual([{ runner: healthy, why: "healthy" }]);
    expect(secrets).toEqual([]);
  });

  test("removes Secrets that belong to nothing once no creation can be under way", () => {
    const young = aSecret({ name: "young", createdAt: NOW - LEFTOVER_AGE_MS });
    const old = aSecret({ name: "old", createdAt: NOW - LEFTOVER_AGE_MS - 1 });
    expect(planCleanUp(aScopeSnapshot([], { ownerless: [young, old] })).secrets).toEqual([old]);
  });

  test("knows from pass to pass how long a runner has had no pod", () => {
    const silent = aRunner({ remote: aRemote({ status: "UNHEALTHY" }), pods: [] });
    const state = new ScopeState();
    state.notePodless([silent], NOW - LONGEST_STEP_MS);
    state.notePodless([silent], NOW);
    const kinds = () =>
      planCleanUp(aScopeSnapshot([silent], { podlessSince: state.podlessSince })).steps.map(({ step }) => step.kind);
    expect(kinds()).toEqual(["disable"]);

    state.notePodless([{ ...silent, pods: [aPod()] }], NOW);
    state.notePodless([silent], NOW);
    expect(kinds()).toEqual([]);
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
});
