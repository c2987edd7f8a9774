import { describe, expect, test } from "vitest";
import { VirtualClock } from "../../simulator/virtual-clock.ts";
import { silentLog } from "../../support/log.ts";
import { BreakerOpen, ServerFault } from "../errors.ts";
import { Breakers } from "./breaker.ts";

const fault = new ServerFault("GET /things", 500, "database is on fire", 0);

function breakers() {
  const clock = new VirtualClock(0);
  return { clock, breakers: new Breakers(clock, { next: () => 1 }, silentLog) };
}

function isOpen(all: Breakers, request = "GET /things", scope = "a"): boolean {
  try {
    all.enter(request, scope).abandoned();
    return false;
  } catch (error) {
    expect(error).toBeInstanceOf(BreakerOpen);
    return true;
  }
}

function fail(all: Breakers, times: number): void {
  for (let i = 0; i < times; i += 1) all.enter("GET /things", "a").failed(fault);
}

describe("Breakers", () => {
  test("opens after five failures in a row, not after four and a success", () => {
    const { breakers: all } = breakers();
    fail(all, 4);
    all.enter("GET /things", "a").succeeded();
    fail(all, 4);
    expect(isOpen(all)).toBe(false);
    fail(all, 1);
    expect(isOpen(all)).toBe(true);
  });

  test("stops neither another scope nor another endpoint", () => {
    const { breakers: all } = breakers();
    fail(all, 5);
    expect(isOpen(all)).toBe(true);
    expect(isOpen(all, "GET /things", "b")).toBe(false);
    expect(isOpen(all, "POST /things", "a")).toBe(false);
  });

  test("says why, and when it goes on", () => {
    const { breakers: all } = breakers();
    fail(all, 5);
    expect(() => all.enter("GET /things", "a")).toThrow(/GET \/things failed several times .*database is on fire/);
    expect(() => all.enter("GET /things", "a")).toThrow(expect.objectContaining({ until: 10_000, cause: fault }));
  });

  test("lets one trial through, whose success closes it", async () => {
    const { clock, breakers: all } = breakers();
    fail(all, 5);
    await clock.advance(10_000);
    const trial = all.enter("GET /things", "a");
    expect(isOpen(all)).toBe(true);
    trial.succeeded();
    fail(all, 4);
    expect(isOpen(all)).toBe(false);
  });

  test("rests longer after each failed trial, a minute at most", async () => {
    const { clock, breakers: all } = breakers();
    fail(all, 5);
    const restsMs: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      const from = clock.now();
      while (isOpen(all)) await clock.advance(1_000);
      restsMs.push(clock.now() - from);
      all.enter("GET /things", "a").failed(fault);
    }
    expect(restsMs).toEqual([10_000, 20_000, 40_000, 60_000, 60_000]);
  });

  test("a trial that was given up makes way for another", async () => {
    const { clock, breakers: all } = breakers();
    fail(all, 5);
    await clock.advance(10_000);
    all.enter("GET /things", "a").abandoned();
    expect(isOpen(all)).toBe(false);
  });

  test("failures of what was sent before it opened do not lengthen the rest; a success closes it", () => {
    const { breakers: all } = breakers();
    const [early, late] = [all.enter("GET /things", "a"), all.enter("GET /things", "a")];
    fail(all, 5);
    early.failed(fault);
    expect(() => all.enter("GET /things", "a")).toThrow(expect.objectContaining({ until: 10_000 }));
    late.succeeded();
    expect(isOpen(all)).toBe(false);
  });
});
