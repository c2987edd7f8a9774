import { describe, expect, onTestFinished, test } from "vitest";
import type { BudgetView } from "../bitbucket/port.ts";
import type { Scope } from "../domain/scope.ts";
import { VirtualClock } from "../simulator/virtual-clock.ts";
import { seededRandom } from "../support/random.ts";
import { type Rest, ScopeQueue, type WakeReason } from "./scope-queue.ts";

const SECOND = 1_000;
const INTERVAL = 15 * SECOND;
const SCOPE: Scope = { workspace: { uuid: "{6321d246-a40a-4776-8497-372a41771e65}", slug: "one" } };
const OTHER: Scope = { workspace: { uuid: "{11111111-1111-4111-8111-111111111111}", slug: "other" } };
const AMPLE: BudgetView = { capacity: 680, left: 680, pausedUntil: 0 };

/** A queue under a virtual clock, whose visits take no time unless `visitMs` says so; ends with the test. */
function aQueue({
  pacing = "adaptive",
  budget = () => AMPLE,
  visitMs = 0,
  rest,
}: {
  readonly pacing?: "adaptive" | "fixed";
  readonly budget?: () => BudgetView;
  readonly visitMs?: number;
  readonly rest?: () => Rest | "retired";
} = {}) {
  const clock = new VirtualClock(0);
  const stop = new AbortController();
  const visits: { readonly scope: Scope; readonly at: number; readonly wokenBy: readonly WakeReason[] }[] = [];
  const constants = { pacing, pollingIntervalMs: 600 * SECOND };
  const deps = { bitbucket: { budget } as never, clock, random: seededRandom(1), stopping: stop.signal };
  const queue = new ScopeQueue(deps, async (scope, wokenBy) => {
    visits.push({ scope, at: clock.now(), wokenBy: [...wokenBy] });
    if (visitMs > 0) await clock.sleep(visitMs);
    return rest?.() ?? { constants, wantedMs: INTERVAL };
  });
  onTestFinished(async () => {
    stop.abort();
    await queue.ended();
  });
  const at = (index: number) => visits[index]?.at ?? Number.NaN;
  return { queue, clock, stop, visits, at };
}

describe("a scope that rests", () => {
  test("is visited again after the interval", async () => {
    const { queue, clock, visits, at } = aQueue();
    queue.add(SCOPE);
    await clock.advance(20 * SECOND);
    expect(visits).toHaveLength(2);
    expect(at(1)).toBeGreaterThan(0.9 * INTERVAL);
    expect(at(1)).toBeLessThanOrEqual(INTERVAL);
  });

  test("can be woken: the next visit comes within a second, and then the interval holds again", async () => {
    const { queue, clock, visits, at } = aQueue();
    queue.add(SCOPE);
    await clock.advance(5 * SECOND);
    expect(queue.wake(SCOPE, "hint")).toBe(true);
    await clock.advance(1 * SECOND);
    expect(visits.map(({ wokenBy }) => wokenBy)).toEqual([[], ["hint"]]);
    await clock.advance(13 * SECOND);
    expect(visits).toHaveLength(2);
    await clock.advance(2 * SECOND);
    expect(visits).toHaveLength(3);
    expect(at(2) - at(1)).toBeGreaterThan(0.9 * INTERVAL);
  });

  test("makes one visit of many wake-ups", async () => {
    const { queue, clock, visits } = aQueue();
    queue.add(SCOPE);
    await clock.advance(5 * SECOND);
    for (let i = 0; i < 1_000; i += 1) {
      queue.wake(SCOPE, i % 2 === 0 ? "hint" : "cluster-change");
      await clock.advance(0.1);
    }
    await clock.advance(2 * SECOND);
    expect(visits.map(({ wokenBy }) => wokenBy.toSorted())).toEqual([[], ["cluster-change", "hint"]]);
  });

  test("is woken alone", async () => {
    const { queue, clock, visits } = aQueue();
    queue.add(SCOPE);
    queue.add(OTHER);
    await clock.advance(5 * SECOND);
    queue.wake(OTHER, "cluster-change");
    await clock.advance(2 * SECOND);
    expect(visits.map(({ scope }) => scope)).toEqual([SCOPE, OTHER, OTHER]);
  });
});

test("a wake-up during a visit makes one more soon after it", async () => {
  const { queue, clock, visits, at } = aQueue({ visitMs: 4 * SECOND });
  queue.add(SCOPE);
  await clock.advance(1 * SECOND);
  queue.wake(SCOPE, "hint");
  queue.wake(SCOPE, "hint");
  await clock.advance(8 * SECOND);
  expect(visits.map(({ wokenBy }) => wokenBy)).toEqual([[], ["hint"]]);
  expect(at(1)).toBeGreaterThan(4 * SECOND);
  expect(at(1)).toBeLessThanOrEqual(5 * SECOND);
});

describe("a wake-up", () => {
  test("does not shorten a pause that Bitbucket asked for", async () => {
    const { queue, clock, visits, at } = aQueue({ budget: () => ({ ...AMPLE, pausedUntil: 60 * SECOND }) });
    queue.add(SCOPE);
    await clock.advance(5 * SECOND);
    queue.wake(SCOPE, "hint");
    await clock.advance(60 * SECOND);
    expect(visits).toHaveLength(2);
    expect(at(1)).toBe(60 * SECOND);
  });

  test("spends nothing of a budget that has run low", async () => {
    const { queue, clock, visits } = aQueue({ budget: () => ({ ...AMPLE, left: 60 }) });
    queue.add(SCOPE);
    for (let s = 0; s < 20; s += 1) {
      await clock.advance(1 * SECOND);
      queue.wake(SCOPE, "hint");
    }
    expect(visits).toHaveLength(1);
  });

  test.each([5, 590])("after %i s does not change the original's timing", async (seconds) => {
    const { queue, clock, visits, at } = aQueue({ pacing: "fixed" });
    queue.add(SCOPE);
    await clock.advance(seconds * SECOND);
    queue.wake(SCOPE, "hint");
    await clock.advance((601 - seconds) * SECOND);
    expect(visits).toHaveLength(2);
    expect(at(1)).toBe(600 * SECOND);
  });

  test.each([60, 300])(
    "never makes a visit later than it would have come without it, with %i requests left",
    async (left) => {
      const secondVisitAt = async (...wakeUpsS: readonly number[]) => {
        const { queue, clock, at } = aQueue({ budget: () => ({ ...AMPLE, left }) });
        queue.add(SCOPE);
        for (const atS of wakeUpsS) {
          await clock.runUntil(atS * SECOND);
          queue.wake(SCOPE, "hint");
        }
        await clock.runUntil(120 * SECOND);
        return at(1);
      };
      const undisturbed = await secondVisitAt();
      for (const atS of [1, 7, 14, 25]) expect(await secondVisitAt(atS)).toBeLessThanOrEqual(undisturbed);
    },
  );

  test("for a scope that nobody visits is refused", () => {
    expect(aQueue().queue.wake(SCOPE, "hint")).toBe(false);
  });
});

test("a scope that is added twice is visited once", async () => {
  const { queue, clock, visits } = aQueue();
  queue.add(SCOPE);
  queue.add({ workspace: { ...SCOPE.workspace, slug: "renamed" } });
  await clock.advance(1 * SECOND);
  expect(visits).toHaveLength(1);
});

test("each scope is a part of what the budget must last for", async () => {
  const gapMs = async (...scopes: readonly Scope[]) => {
    const { queue, clock, at } = aQueue({ budget: () => ({ ...AMPLE, left: 100 }) });
    for (const scope of scopes) queue.add(scope);
    await clock.advance(120 * SECOND);
    return at(scopes.length);
  };
  const alone = await gapMs(SCOPE);
  expect(await gapMs(SCOPE, OTHER)).toBeGreaterThan(1.8 * alone);
});

test("a wake-up is forgotten once its visit has begun", async () => {
  const { queue, clock, visits } = aQueue();
  queue.add(SCOPE);
  await clock.advance(5 * SECOND);
  queue.wake(SCOPE, "hint");
  await clock.advance(20 * SECOND);
  expect(visits.map(({ wokenBy }) => wokenBy)).toEqual([[], ["hint"], []]);
});

test.each([0, 1])("a process that stops ends the rest at once, woken or not (%i)", async (wakeUps) => {
  const { queue, clock, stop, visits } = aQueue();
  queue.add(SCOPE);
  await clock.advance(2 * SECOND);
  for (let i = 0; i < wakeUps; i += 1) queue.wake(SCOPE, "hint");
  await clock.advance(10);
  stop.abort();
  await queue.ended();
  expect(visits).toHaveLength(1);
  expect(clock.now()).toBe(2 * SECOND + 10);
});

test("nothing is added once the process stops", async () => {
  const { queue, clock, stop, visits } = aQueue();
  stop.abort();
  queue.add(SCOPE);
  await clock.advance(60 * SECOND);
  expect(visits).toEqual([]);
});

test("a retired scope is visited no more, until it is added again", async () => {
  const { queue, clock, visits } = aQueue({ rest: () => "retired" });
  queue.add(SCOPE);
  await clock.advance(60 * SECOND);
  expect(visits).toHaveLength(1);
  expect(queue.wake(SCOPE, "hint")).toBe(false);
  queue.add(SCOPE);
  await clock.advance(1);
  expect(visits).toHaveLength(2);
});

test("ends when the process stops, after the visit that is under way", async () => {
  const { queue, clock, stop, visits } = aQueue({ visitMs: 4 * SECOND });
  queue.add(SCOPE);
  await clock.advance(1 * SECOND);
  stop.abort();
  const ended = queue.ended();
  await clock.advance(4 * SECOND);
  await ended;
  expect(visits).toHaveLength(1);
});
