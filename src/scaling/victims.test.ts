import { describe, expect, test } from "vitest";
import { aContainer, aJob, anEndedPod, aPod, aRemote, aRunner, NOW } from "../../test/support/runners.ts";
import type { Runner } from "../domain/runner.ts";
import { CREATOR_GIVES_UP_MS } from "../domain/times.ts";
import { chooseReturning, chooseUnhealthy, chooseVictims } from "./victims.ts";

const uuid = (n: number) => `{00000000-0000-4000-8000-00000000000${n}}`;
const MINUTE = 60_000;
const COOL_DOWN = 5 * MINUTE;

function runner(n: number, ageMs: number, changes: Parameters<typeof aRemote>[0] = {}, drainSince?: number): Runner {
  const drain =
    drainSince === undefined ? undefined : ({ state: "draining", cause: "surplus", since: drainSince } as const);
  return aRunner({
    remote: aRemote({ uuid: uuid(n), createdAt: NOW - ageMs, ...changes }),
    job: aJob({ runnerUuid: uuid(n) }, drain),
    pods: [aPod({ runnerUuid: uuid(n) })],
  });
}

const choosing = (...runners: readonly Runner[]) => ({
  runners,
  coolDownMs: COOL_DOWN,
  listing: { serverTime: NOW },
});
const names = (runners: readonly Runner[]) => runners.map((one) => one.uuid);

describe("chooseVictims", () => {
  test("the cool-down comes before the choice: young runners do not hide older ones", () => {
    const runners = [runner(1, MINUTE), runner(2, 6 * MINUTE), runner(3, 9 * MINUTE)];
    expect(names(chooseVictims(choosing(...runners), 1))).toEqual([uuid(3)]);
    expect(names(chooseVictims(choosing(...runners), 3))).toEqual([uuid(3), uuid(2)]);
  });

  test.each([
    ["busy", runner(1, 9 * MINUTE, { busy: "busy" })],
    ["unknown", runner(1, 9 * MINUTE, { busy: "unknown" })],
    ["held", runner(1, 9 * MINUTE, { status: "DISABLED" })],
    ["draining already", runner(1, 9 * MINUTE, {}, NOW)],
    ["starting", runner(1, 9 * MINUTE, { status: "UNREGISTERED", connected: false })],
    ["two pods", aRunner({ pods: [aPod(), aPod({ uid: "2" })] })],
    [
      "a container that waits",
      aRunner({
        pods: [aPod({ containers: [aContainer({ state: "waiting" })] })],
      }),
    ],
    ["going with its Job", aRunner({ job: aJob({ deleting: true }) })],
    ["one whose pod is well although its Job has ended", aRunner({ job: aJob({ state: "failed" }) })],
    ["not yet adopted", aRunner({ remote: aRemote({ name: "original" }), job: aJob({ labels: {} }) })],
  ] as const)("never one that is %s", (_what, one) => {
    expect(chooseVictims(choosing(one), 5)).toEqual([]);
  });

  test("a pod that has ended beside the healthy one, such as an evicted one, is no second agent", () => {
    const job = aJob({ pods: { active: 1, succeeded: 0, failed: 1 } });
    const evicted = aRunner({ job, pods: [anEndedPod(), aPod()] });
    expect(chooseVictims(choosing(evicted), 5)).toEqual([evicted]);
  });

  test("a runner is old enough when its cool-down is over, and never before a creator has given up", () => {
    const justOver = runner(1, COOL_DOWN + 1_000);
    expect(chooseVictims(choosing(justOver), 1)).toEqual([justOver]);
    const young = { ...choosing(runner(1, CREATOR_GIVES_UP_MS - 1)), coolDownMs: 0 };
    expect(chooseVictims(young, 1)).toEqual([]);
  });

  test("no surplus, no victim", () => {
    expect(chooseVictims(choosing(runner(1, 9 * MINUTE)), 0)).toEqual([]);
    expect(chooseVictims(choosing(runner(1, 9 * MINUTE)), -3)).toEqual([]);
  });
});

test("an unhealthy runner with a healthy pod is drained, unless it may be busy", () => {
  expect(names(chooseUnhealthy(choosing(runner(1, 9 * MINUTE, { status: "UNHEALTHY" }))))).toEqual([uuid(1)]);
  expect(chooseUnhealthy(choosing(runner(1, 9 * MINUTE, { status: "UNHEALTHY", busy: "unknown" })))).toEqual([]);
  const unhealthy = aRemote({ status: "UNHEALTHY" });
  for (const sides of [{ job: aJob({ deleting: true }) }, { job: aJob({ state: "failed" }) }, { job: null }] as const)
    expect(chooseUnhealthy(choosing(aRunner({ remote: unhealthy, ...sides })))).toEqual([]);
});

test("idle draining runners return before busy ones, the youngest drain first", () => {
  const off = { status: "DISABLED" } as const;
  const runners = [
    runner(1, 9 * MINUTE, { ...off, busy: "busy" }, NOW),
    runner(2, 9 * MINUTE, off, NOW - 5),
    runner(3, 9 * MINUTE, off, NOW - 1),
  ];
  expect(names(chooseReturning(runners, 2))).toEqual([uuid(3), uuid(2)]);
  expect(names(chooseReturning(runners, 9))).toEqual([uuid(3), uuid(2), uuid(1)]);
});

test("one that drains as unhealthy does not return: it would serve nobody, and be drained again", () => {
  const drain = { state: "draining", cause: "unhealthy", since: NOW } as const;
  const unhealthy = aRunner({ remote: aRemote({ status: "DISABLED" }), job: aJob({}, drain) });
  expect(chooseReturning([unhealthy], 1)).toEqual([]);
});
