import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { VirtualClock } from "../../simulator/virtual-clock.ts";
import { BudgetSpent } from "../errors.ts";
import { type Purpose, RequestBudget } from "./budget.ts";

const HOUR_MS = 3_600_000;
const controller = { requestsPerHour: 1_000, share: 0.85 };

function takes(budget: RequestBudget, scope: string | undefined, purpose: Purpose = "routine"): boolean {
  try {
    budget.take(scope, purpose);
    return true;
  } catch (error) {
    if (!(error instanceof BudgetSpent)) throw error;
    return false;
  }
}

function takeAll(budget: RequestBudget, scope: string | undefined, purpose: Purpose = "routine"): number {
  let taken = 0;
  while (takes(budget, scope, purpose)) taken += 1;
  return taken;
}

describe("RequestBudget", () => {
  test("has the worked numbers of its documentation", () => {
    const budget = new RequestBudget(new VirtualClock(0), controller);
    expect(budget.capacity).toBe(680);
    expect(budget.left()).toBe(612);
    for (const scope of ["a", "b", "c"]) expect(takes(budget, scope)).toBe(true);
    // The rest of a's own 102, and the pool.
    expect(takeAll(budget, "a")).toBe(101 + 306);
    expect(takeAll(budget, "b")).toBe(101);
    expect(takeAll(budget, "c")).toBe(101);
    expect(budget.left()).toBe(0);
    expect(takeAll(budget, "a", "urgent")).toBe(68);
    expect(takes(budget, "b", "urgent")).toBe(false);
  });

  test("gives one scope everything but the reserve", () => {
    const budget = new RequestBudget(new VirtualClock(0), controller);
    expect(takeAll(budget, "only")).toBe(612);
    expect(takeAll(budget, "only", "urgent")).toBe(68);
  });

  test("the cleaner's share", () => {
    const budget = new RequestBudget(new VirtualClock(0), { requestsPerHour: 1_000, share: 0.15 });
    expect(budget.capacity).toBe(120);
    expect(takeAll(budget, "a")).toBe(108);
    expect(takeAll(budget, "a", "urgent")).toBe(12);
  });

  test("look-ups of names draw on the pool alone", () => {
    const budget = new RequestBudget(new VirtualClock(0), controller);
    takes(budget, "a");
    expect(takeAll(budget, undefined)).toBe(306);
    expect(takeAll(budget, "a")).toBe(305);
  });

  test("urgent requests draw on the scope's own share before the reserve", () => {
    const budget = new RequestBudget(new VirtualClock(0), controller);
    expect(takeAll(budget, "a", "urgent")).toBe(680);
  });

  test("a request counts for an hour, no longer", async () => {
    const clock = new VirtualClock(0);
    const budget = new RequestBudget(clock, controller);
    takeAll(budget, "a", "urgent");
    await clock.advance(HOUR_MS - 1);
    expect(takes(budget, "a", "urgent")).toBe(false);
    await clock.advance(1);
    expect(budget.left()).toBe(612);
    expect(takeAll(budget, "a", "urgent")).toBe(680);
  });

  test("a newcomer gets the first requests that leave the hour", async () => {
    const clock = new VirtualClock(0);
    const budget = new RequestBudget(clock, controller);
    for (let i = 0; i < 100; i += 1) takes(budget, "old");
    await clock.advance(60_000);
    takeAll(budget, "old");
    expect(takes(budget, "new")).toBe(false);
    await clock.advance(HOUR_MS - 60_000);
    expect(takes(budget, "new")).toBe(true);
    expect(takes(budget, "old")).toBe(false);
  });

  test("follows a changed configuration", () => {
    const settings = { requestsPerHour: 1_000, share: 1 };
    const budget = new RequestBudget(new VirtualClock(0), settings);
    takeAll(budget, "a");
    settings.requestsPerHour = 500;
    expect(budget.capacity).toBe(400);
    expect(budget.left()).toBe(0);
    settings.requestsPerHour = 2_000;
    expect(takes(budget, "a")).toBe(true);
  });

  const anyRequest = fc.record({
    afterMs: fc.oneof({ weight: 5, arbitrary: fc.nat(20_000) }, { weight: 1, arbitrary: fc.nat(HOUR_MS) }),
    scope: fc.constantFrom("a", "b", "c", undefined),
    purpose: fc.constantFrom<Purpose>("routine", "urgent"),
    times: fc.nat(40),
  });

  /** The requests of the hour that ends now, counted without the budget's help. */
  function ledger<T>() {
    const entries: { readonly at: number; readonly what: T }[] = [];
    return {
      add: (at: number, what: T) => void entries.push({ at, what }),
      count: (now: number, wanted: (what: T) => boolean) =>
        entries.reduce((count, { at, what }) => (at > now - HOUR_MS && wanted(what) ? count + 1 : count), 0),
    };
  }

  test.prop([fc.integer({ min: 0, max: 200 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.array(anyRequest)])(
    "never goes above its capacity in any rolling hour, nor routine requests into the reserve",
    (requestsPerHour, share, requests) => {
      let now = 0;
      const budget = new RequestBudget({ monotonic: () => now }, { requestsPerHour, share });
      const capacity = Math.floor(requestsPerHour * 0.8 * share);
      const sent = ledger<Purpose>();
      for (const { afterMs, scope, purpose, times } of requests) {
        now += afterMs;
        for (let i = 0; i < times; i += 1) if (takes(budget, scope, purpose)) sent.add(now, purpose);
        // The most that any hour holds, it holds at the moment of a request.
        expect(sent.count(now, () => true)).toBeLessThanOrEqual(capacity);
        expect(sent.count(now, (what) => what === "routine")).toBeLessThanOrEqual(capacity - Math.floor(capacity / 10));
      }
    },
  );

  test.prop([
    fc.integer({ min: 1, max: 6 }),
    fc.array(fc.record({ afterMs: fc.nat(600_000), greedy: fc.nat(5), wants: fc.nat(100) }), { minLength: 1 }),
  ])("every scope gets its guaranteed share, however greedy the others are", (scopes, bursts) => {
    let now = 0;
    const budget = new RequestBudget({ monotonic: () => now }, { requestsPerHour: 200, share: 1 });
    const names = Array.from({ length: scopes }, (_, i) => `scope ${i}`);
    const each = Math.floor(((budget.capacity - Math.floor(budget.capacity / 10)) * 0.5) / scopes);
    const sent = ledger<string>();
    const ask = (scope: string) => {
      const isGuaranteed = sent.count(now, (what) => what === scope) < each;
      const taken = takes(budget, scope);
      if (taken) sent.add(now, scope);
      return taken || !isGuaranteed;
    };
    // All of them are seen at least once an hour: a scope that was silent for longer has no share to keep.
    const askAll = () => names.every((name) => ask(name));
    expect(askAll()).toBe(true);
    for (const { afterMs, greedy, wants } of bursts) {
      now += afterMs;
      for (let i = 0; i < wants; i += 1) ask(names[greedy % scopes] ?? "");
      expect(askAll()).toBe(true);
    }
  });
});
