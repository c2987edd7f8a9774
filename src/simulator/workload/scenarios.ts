import type { Random } from "../../support/random.ts";
import type { StepSpec } from "../bitbucket/pipelines.ts";
import type { FaultRates } from "../faults.ts";
import { arrivals, drawDurationMs } from "./arrivals.ts";
import type { Scenario, ScenarioName, TimedPipeline } from "./scenario.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

const BURST_AT_MS = MINUTE_MS;
const BURST_STEPS = 14;
/** Long enough for the runners to reach ten while steps are left, short enough to be back at one within half an hour. */
const BURST_STEP_MS = [240 * SECOND_MS, 420 * SECOND_MS] as const;
const BURST_LENGTH_MS = 30 * MINUTE_MS;

const BRIEF_AT_MS = 5 * SECOND_MS;
const BRIEF_STEP_MS = [5 * SECOND_MS, 10 * SECOND_MS] as const;
/** One runner alone gets through ten runners' steps in two minutes; a cool-down of five and a drain follow. */
const BRIEF_LENGTH_MS = 10 * MINUTE_MS;

const STEADY_PER_HOUR = 60;
const STEADY_STEP_MS = [60 * SECOND_MS, 240 * SECOND_MS] as const;

/** Pipelines an hour, for each hour of the day. */
const DAY_PER_HOUR = [0.5, 0.5, 0.5, 0.5, 0.5, 1, 2, 6, 14, 24, 28, 24, 12, 16, 26, 28, 24, 16, 8, 4, 2, 1, 1, 0.5];
const DAY_STEP_MS = [60 * SECOND_MS, 900 * SECOND_MS] as const;

const FAULT_RATES: FaultRates = {
  lostRequest: 0.02,
  lostReply: 0.03,
  lateRequest: 0.01,
  serverError: 0.05,
  tooManyRequests: 0.02,
  slow: 0.05,
};

/**
 * A scenario for steps that want `labels`: the same random numbers give the same pipelines.
 *
 * @param options.lengthMs for day, steady and idle: how much of them; a day begins at midnight and repeats.
 * @param options.steps for burst, brief and faults: how many steps come at once.
 */
export function buildScenario(
  name: ScenarioName,
  options: {
    readonly labels: readonly string[];
    readonly random: Random;
    readonly lengthMs?: number;
    readonly steps?: number;
  },
): Scenario {
  const { labels, random, lengthMs, steps = BURST_STEPS } = options;
  switch (name) {
    case "burst":
      return { name, lengthMs: BURST_LENGTH_MS, pipelines: burst(labels, random, steps), faults: {} };
    case "brief":
      return { name, lengthMs: BRIEF_LENGTH_MS, pipelines: brief(labels, random, steps), faults: {} };
    case "faults":
      return { name, lengthMs: BURST_LENGTH_MS, pipelines: burst(labels, random, steps), faults: FAULT_RATES };
    case "day": {
      const length = lengthMs ?? 24 * HOUR_MS;
      return { name, lengthMs: length, pipelines: day(labels, random, length), faults: {} };
    }
    case "steady": {
      const length = lengthMs ?? HOUR_MS;
      return { name, lengthMs: length, pipelines: steady(labels, random, length), faults: {} };
    }
    case "idle":
      return { name, lengthMs: lengthMs ?? BURST_LENGTH_MS, pipelines: [], faults: {} };
  }
}

function burst(labels: readonly string[], random: Random, steps: number): TimedPipeline[] {
  return singleSteps(steps, BURST_AT_MS, (i) => ({
    name: `burst ${i}`,
    labels,
    durationMs: drawDurationMs(random, BURST_STEP_MS),
  }));
}

function brief(labels: readonly string[], random: Random, steps: number): TimedPipeline[] {
  return singleSteps(steps, BRIEF_AT_MS, (i) => ({
    name: `brief ${i}`,
    labels,
    durationMs: drawDurationMs(random, BRIEF_STEP_MS),
  }));
}

/** Each a pipeline of its own, all at once. */
function singleSteps(count: number, atMs: number, step: (number: number) => StepSpec): TimedPipeline[] {
  return Array.from({ length: count }, (_, i) => ({ atMs, pipeline: { steps: [step(i + 1)] } }));
}

function steady(labels: readonly string[], random: Random, lengthMs: number): TimedPipeline[] {
  return arrivals(random, lengthMs, () => STEADY_PER_HOUR).map((atMs) => ({
    atMs,
    pipeline: { steps: [{ name: "build", labels, durationMs: drawDurationMs(random, STEADY_STEP_MS) }] },
  }));
}

/** Build, then some tests side by side, then now and then a deployment. */
function day(labels: readonly string[], random: Random, lengthMs: number): TimedPipeline[] {
  const perHour = (timeMs: number) => DAY_PER_HOUR[Math.floor(timeMs / HOUR_MS) % 24] ?? 0;
  const step = (name: string) => ({ name, labels, durationMs: drawDurationMs(random, DAY_STEP_MS) });
  return arrivals(random, lengthMs, perHour).map((atMs) => {
    const build = step("build");
    const tests = Array.from({ length: Math.floor(random.next() * 4) }, (_, i) => step(`test ${i + 1}`));
    const deploy = random.next() < 0.2 ? [step("deploy")] : [];
    return { atMs, pipeline: { steps: [build, ...(tests.length > 0 ? [tests] : []), ...deploy] } };
  });
}
