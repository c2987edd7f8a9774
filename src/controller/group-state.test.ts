import { describe, expect, test } from "vitest";
import { aPendingPod, aRemote, aRunner, NOW } from "../../test/support/runners.ts";
import type { Lasting } from "../domain/lasting.ts";
import { ATTEMPT_SETTLES_MS, LEFTOVER_AGE_MS } from "../domain/times.ts";
import { VirtualClock } from "../simulator/virtual-clock.ts";
import { systemClock } from "../support/clock.ts";
import { seededRandom } from "../support/random.ts";
import { GroupState } from "./group-state.ts";

/** What is unresolved of one attempt that was sent at {@link NOW}, after so many listings that were begun some time after it and show these names. */
function unresolvedAfter(listings: number, laterMs: number, ...names: readonly string[]): number {
  const state = new GroupState(systemClock(), seededRandom(1));
  state.leaveUnresolved("Runner group 1 [abcdefgh-lost]", NOW);
  const begunAt = NOW + laterMs;
  const runners = names.map((name) => aRemote({ name }));
  for (let i = 0; i < listings; i += 1) state.settle({ runners, begunAt });
  return state.unresolved;
}

test.each([
  [1, "listings lack it that were begun too early", 9, ATTEMPT_SETTLES_MS - 1, []],
  [1, "one listing lacks it that was begun late enough", 1, ATTEMPT_SETTLES_MS, []],
  [0, "two listings lack it that were begun late enough", 2, ATTEMPT_SETTLES_MS, []],
  [0, "any listing shows it", 1, 0, ["Runner group 1 [abcdefgh-lost]"]],
  [1, "a listing shows another one", 1, 0, ["Runner group 1 [abcdefgh-else]"]],
] as const)(
  "a registration whose reply was lost: %i unresolved when %s",
  (unresolved, _what, listings, laterMs, names) => {
    expect(unresolvedAfter(listings, laterMs, ...names)).toBe(unresolved);
  },
);

describe("runners that never come up", () => {
  const waiting = (lasting: Partial<Lasting> = { registered: LEFTOVER_AGE_MS }) =>
    aRunner({ remote: aRemote({ status: "UNREGISTERED", connected: false }), pods: [aPendingPod()], lasting });

  test("each one that is given up makes the next one wait longer, until one comes up", async () => {
    const clock = new VirtualClock(NOW);
    const state = new GroupState(clock, seededRandom(1));
    const waits: number[] = [];
    for (let i = 0; i < 3; i += 1) {
      state.noteStarts([waiting()]);
      state.noteStarts([]);
      waits.push(state.creationRetryAt - NOW);
    }
    expect(waits[0]).toBeGreaterThanOrEqual(30_000);
    expect(waits[2]).toBeGreaterThan((waits[0] ?? 0) * 1.9);
    state.noteStarts([aRunner()]);
    expect(state.creationRetryAt).toBe(0);
  });

  test("one that goes while it is new is no sign of anything", () => {
    const state = new GroupState(new VirtualClock(NOW), seededRandom(1));
    state.noteStarts([waiting({})]);
    state.noteStarts([]);
    expect(state.creationRetryAt).toBe(0);
  });
});
