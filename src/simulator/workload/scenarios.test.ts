import { describe, expect, test } from "vitest";
import { seededRandom } from "../../support/random.ts";
import { arrivals } from "./arrivals.ts";
import { SCENARIO_NAMES, type Scenario } from "./scenario.ts";
import { buildScenario } from "./scenarios.ts";

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const LABELS = ["self.hosted", "gke.runner"];

function stepsOf(scenario: Scenario) {
  return scenario.pipelines.flatMap(({ pipeline }) => pipeline.steps.flat());
}

describe.each(SCENARIO_NAMES)("scenario %s", (name) => {
  test("is the same for the same seed", () => {
    const build = (seed: number) => buildScenario(name, { labels: LABELS, random: seededRandom(seed) });
    expect(build(3)).toEqual(build(3));
  });

  test("is in order, within its length, and asks for the given labels", () => {
    const scenario = buildScenario(name, { labels: LABELS, random: seededRandom(3) });
    const times = scenario.pipelines.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    for (const atMs of times) expect(atMs).toBeLessThan(scenario.lengthMs);
    for (const { labels } of stepsOf(scenario)) expect(labels).toEqual(LABELS);
  });
});

test("a burst is ten runners' worth of steps at once, and fits into half an hour", () => {
  const scenario = buildScenario("burst", { labels: LABELS, random: seededRandom(1) });
  const steps = stepsOf(scenario);
  expect(steps.length).toBeGreaterThan(10);
  expect(new Set(scenario.pipelines.map(({ atMs }) => atMs))).toEqual(new Set([60 * SECOND]));
  for (const { durationMs } of steps) {
    expect(durationMs).toBeGreaterThanOrEqual(240 * SECOND);
    expect(durationMs).toBeLessThanOrEqual(420 * SECOND);
  }
  expect(scenario.lengthMs).toBe(1_800 * SECOND);
});

test("a brief load is over within minutes even when a single runner has all of it", () => {
  const scenario = buildScenario("brief", { labels: LABELS, random: seededRandom(1) });
  const durations = stepsOf(scenario).map(({ durationMs }) => durationMs);
  expect(durations.length).toBeGreaterThan(10);
  expect(new Set(scenario.pipelines.map(({ atMs }) => atMs))).toEqual(new Set([5 * SECOND]));
  expect(durations.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(150 * SECOND);
  expect(scenario.lengthMs).toBe(600 * SECOND);
});

test("faults are the same burst, with faults", () => {
  const build = (name: "burst" | "faults") => buildScenario(name, { labels: LABELS, random: seededRandom(1) });
  expect(build("faults").pipelines).toEqual(build("burst").pipelines);
  expect(Object.keys(build("faults").faults)).not.toEqual([]);
  expect(build("burst").faults).toEqual({});
});

test("a day is busy at work and quiet at night", () => {
  const { pipelines } = buildScenario("day", { labels: LABELS, random: seededRandom(1) });
  const between = (from: number, to: number) =>
    pipelines.filter(({ atMs }) => atMs >= from * HOUR && atMs < to * HOUR).length;
  expect(between(9, 17)).toBeGreaterThan(10 * between(0, 6));
});

test("arrivals follow their rate", () => {
  const times = arrivals(seededRandom(1), 1_000 * HOUR, (timeMs) => (timeMs < 500 * HOUR ? 2 : 6));
  const early = times.filter((timeMs) => timeMs < 500 * HOUR).length;
  expect(early / 500).toBeCloseTo(2, 0);
  expect((times.length - early) / 500).toBeCloseTo(6, 0);
});
