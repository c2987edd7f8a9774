import { expect, test } from "vitest";
import { aRemote, NOW } from "../../test/support/runners.ts";
import { ATTEMPT_SETTLES_MS } from "../domain/times.ts";
import { systemClock } from "../support/clock.ts";
import { seededRandom } from "../support/random.ts";
import { GroupState } from "./group-state.ts";

/** What is unresolved of one attempt that was sent at {@link NOW}, after a listing that was begun some time after it and shows these names. */
function unresolvedAfter(laterMs: number, ...names: readonly string[]): number {
  const state = new GroupState(systemClock(), seededRandom(1));
  state.leaveUnresolved("Runner group 1 [abcdefgh-lost]", NOW);
  const begunAt = NOW + laterMs;
  const runners = names.map((name) => aRemote({ name }));
  state.settle({ runners, begunAt, serverTime: begunAt, flavour: "internal" });
  return state.unresolved;
}

test.each([
  [1, "a listing lacks it that was begun too early", ATTEMPT_SETTLES_MS - 1, []],
  [0, "a listing lacks it that was begun late enough", ATTEMPT_SETTLES_MS, []],
  [0, "any listing shows it", 0, ["Runner group 1 [abcdefgh-lost]"]],
  [1, "a listing shows another one", 0, ["Runner group 1 [abcdefgh-else]"]],
] as const)("a registration whose reply was lost: %i unresolved when %s", (unresolved, _what, laterMs, names) => {
  expect(unresolvedAfter(laterMs, ...names)).toBe(unresolved);
});
