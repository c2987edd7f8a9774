import { describe, expect, test } from "vitest";
import { aManagedGroup, aSnapshot } from "../../test/support/groups.ts";
import { aJob, aPod, aRemote, aRunner, NOW } from "../../test/support/runners.ts";
import type { Drain } from "../domain/drain.ts";
import type { Runner } from "../domain/runner.ts";
import { planGroup } from "./plan.ts";

const uuid = (n: number) => `{00000000-0000-4000-8000-0000000000${String(n).padStart(2, "0")}}`;
const drainedFor = (ms: number): Drain => ({
  state: "draining",
  cause: "surplus",
  since: NOW - 1_000_000,
  disabledSeen: { flavour: "internal", serverTime: NOW - ms },
});

function runner(n: number, remote: Parameters<typeof aRemote>[0] = {}, drain?: Drain): Runner {
  return aRunner({
    remote: aRemote({ uuid: uuid(n), ...remote }),
    job: aJob({ runnerUuid: uuid(n) }, drain),
    pods: [aPod({ runnerUuid: uuid(n) })],
  });
}

const busy = (n: number) => runner(n, { busy: "busy" });

describe("planGroup", () => {
  test("an empty group gets its warm runner", () => {
    expect(planGroup(aSnapshot([]))).toMatchObject({
      create: 1,
      limits: [],
      drain: [],
      undrain: [],
      adopt: [],
      steps: [],
    });
  });

  test.each([
    ["the unresolved count as live", { unresolved: 10 }, 0, ["unresolved"]],
    ["the scope is full", { scopeSize: 100 }, 0, ["scope-full"]],
    ["the scope is nearly full", { scopeSize: 99, group: aManagedGroup({ min: 3, max: 10 }) }, 1, ["scope-full"]],
    ["the budget is spent", { affordable: 0 }, 0, ["budget"]],
    ["creations failed a moment ago", { creationRetryAt: NOW + 1 }, 0, ["back-off"]],
    ["the back-off is over", { creationRetryAt: NOW }, 1, []],
    ["just enough is left", { affordable: 1, scopeSize: 99, unresolved: 9 }, 1, []],
  ] as const)("nothing above what is allowed: %s", (_what, changes, create, limits) => {
    expect(planGroup(aSnapshot([], changes))).toMatchObject({ create, limits });
  });

  test("runners that are lost or held keep their place under max", () => {
    const runners = [runner(1, { status: "OFFLINE" }), runner(2, { status: "DISABLED" })];
    expect(planGroup(aSnapshot(runners, { group: aManagedGroup({ min: 2, max: 3 }) }))).toMatchObject({
      create: 1,
      limits: ["max"],
    });
  });

  test("draining runners come back before any is created", () => {
    const draining = runner(2, { status: "DISABLED" }, drainedFor(100_000));
    const plan = planGroup(aSnapshot([busy(1), draining, busy(3)]));
    expect(plan).toMatchObject({ create: 0, steps: [] });
    expect(plan.undrain.map((one) => one.uuid)).toEqual([uuid(2)]);
  });

  test("a drained runner is condemned when nobody needs it back", () => {
    const plan = planGroup(aSnapshot([runner(1), runner(2, { status: "DISABLED" }, drainedFor(100_000))]));
    expect(plan.steps.map(({ runner: one, step }) => [one.uuid, step])).toEqual([[uuid(2), "condemn"]]);
  });

  test("a group that left the configuration drains its idle runners and makes none", () => {
    const plan = planGroup(
      aSnapshot([runner(1), busy(2)], { group: { name: "gone", key: "group", settings: undefined } }),
    );
    expect(plan).toMatchObject({ create: 0, decision: { desired: 0, reason: "removed-from-configuration" } });
    expect(plan.drain.map(({ runner: one, cause }) => [one.uuid, cause])).toEqual([[uuid(1), "group-removed"]]);
  });

  test("a lowered max takes idle runners only", () => {
    const plan = planGroup(
      aSnapshot([busy(1), busy(2), runner(3), busy(4)], { group: aManagedGroup({ min: 1, max: 2 }) }),
    );
    expect(plan.decision).toMatchObject({ desired: 2, reason: "above-max" });
    expect(plan.drain.map(({ runner: one }) => one.uuid)).toEqual([uuid(3)]);
  });

  test("runners whose busy state is not reported are neither wanted anew nor in the way", () => {
    const unknown = [runner(1, { busy: "unknown" }), runner(2, { busy: "unknown" })];
    expect(planGroup(aSnapshot(unknown, { group: aManagedGroup({ min: 2, max: 10 }) }))).toMatchObject({
      create: 0,
      drain: [],
    });
    expect(planGroup(aSnapshot(unknown, { group: aManagedGroup({ min: 3, max: 10 }) }))).toMatchObject({
      create: 1,
      drain: [],
    });
  });

  test("a decision tells the part of its supply that is busy, when there is any", () => {
    expect(planGroup(aSnapshot([])).decision.numbers.busyRatio).toBeUndefined();
    expect(planGroup(aSnapshot([busy(1), runner(2)])).decision.numbers.busyRatio).toBe(0.5);
  });

  test("the original's runner is adopted and nothing else is done to it", () => {
    const original = aRunner({ remote: aRemote({ name: "Runner group 1" }), job: aJob({ labels: {} }) });
    expect(planGroup(aSnapshot([original]))).toMatchObject({ adopt: [original], create: 0, drain: [], steps: [] });
  });
});

test("the plan names all that are live: a Job that the deciding list lacks frees no place", () => {
  const jobless = aRunner({ remote: aRemote({ uuid: uuid(7), status: "OFFLINE" }), job: null, pods: [] });
  const foreign = runner(8, { name: "mine", labels: ["linux"] });
  expect(planGroup(aSnapshot([busy(1), busy(2), jobless, foreign])).live).toEqual([uuid(1), uuid(2), uuid(7)]);
});
