import type { BitbucketWorld } from "../simulator/bitbucket/world.ts";
import { runWorkload } from "../simulator/workload/run.ts";
import type { Scenario, ScenarioName } from "../simulator/workload/scenario.ts";
import { buildScenario } from "../simulator/workload/scenarios.ts";
import type { Clock } from "../support/clock.ts";
import { type Random, seededRandom } from "../support/random.ts";
import type { GroupPlace } from "./places.ts";

/** How a scenario is fitted into a run. Times are simulated. */
export interface WorkloadPlan {
  /** How much of it; undefined: as long as it is by itself. */
  readonly lengthMs: number | undefined;
  /** How often, one after the other. */
  readonly rounds: number;
  /** From the start until the last step has surely ended and the runners are back where they began; Infinity when that is never. */
  readonly restsAfterMs: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** A day's pipelines begin at midnight; nobody wants to watch the night first. */
const DAY_BEGINS_MS = 7 * HOUR_MS;
/**
 * A burst, and a brief one, has so many steps for each runner that its group may have: enough for all of them to be made, few enough to be
 * over soon.
 */
const STEPS_PER_RUNNER = 1.4;
/** Bursts have a length of their own. */
const ROUND_MS = { burst: 30 * MINUTE_MS, faults: 30 * MINUTE_MS, brief: 10 * MINUTE_MS } as const;
/** What the other scenarios need after their last arrival: the longest pipeline, cool-down and proof. */
const REST_MS = { steady: 15 * MINUTE_MS, day: 75 * MINUTE_MS, idle: 0 } as const;
/** Timers may fire that much early. */
const TOLERANCE_MS = MINUTE_MS / 2;

/**
 * Fits a scenario into a run of `runMs` of simulated time so that, if at all possible, everything has come to rest at its end. Without an end
 * it runs forever.
 */
export function planWorkload(name: ScenarioName, runMs: number | undefined): WorkloadPlan {
  if (runMs === undefined) return { lengthMs: undefined, rounds: Number.POSITIVE_INFINITY, restsAfterMs: Infinity };
  if (name === "burst" || name === "faults" || name === "brief") {
    const rounds = Math.max(1, Math.floor((runMs + TOLERANCE_MS) / ROUND_MS[name]));
    return { lengthMs: undefined, rounds, restsAfterMs: rounds * ROUND_MS[name] - TOLERANCE_MS };
  }
  const restMs = REST_MS[name];
  const lengthMs = runMs >= 2 * restMs ? runMs - restMs : runMs / 2;
  return { lengthMs, rounds: 1, restsAfterMs: lengthMs + restMs - TOLERANCE_MS };
}

/** A scenario in the repositories of several groups. */
interface Workloads {
  readonly scenario: ScenarioName;
  readonly plan: WorkloadPlan;
  readonly places: readonly GroupPlace[];
  readonly seed: number;
}

/** Runs the plan's rounds in every group's repository until they are over or the signal aborts. The same seed gives the same pipelines. */
export async function runWorkloads(
  { scenario: name, plan, places, seed }: Workloads,
  { world, clock }: { readonly world: BitbucketWorld; readonly clock: Clock },
  signal: AbortSignal,
): Promise<void> {
  const randoms = places.map((_, index) => seededRandom(seed + 1_000 * (index + 1)));
  for (let round = 0; round < plan.rounds && !signal.aborted; round += 1) {
    const roundEnds = new Set<number>();
    await Promise.all(
      places.map(async (place, index) => {
        const scenario = scenarioFor(name, plan, place, randoms[index] ?? seededRandom(seed));
        roundEnds.add(clock.now() + scenario.lengthMs);
        await runWorkload(scenario, world, [place.repository], clock, signal);
      }),
    );
    const waitMs = Math.max(0, ...roundEnds) - clock.now();
    if (waitMs > 0) await clock.pause(waitMs, signal);
  }
}

function scenarioFor(name: ScenarioName, { lengthMs }: WorkloadPlan, place: GroupPlace, random: Random): Scenario {
  const { group, runsOn } = place;
  if (name !== "day") {
    const steps = Math.max(1, Math.ceil(group.parameters.max * STEPS_PER_RUNNER));
    return buildScenario(name, { labels: runsOn, random, steps, ...(lengthMs !== undefined && { lengthMs }) });
  }
  const dayMs = lengthMs ?? DAY_MS;
  const whole = buildScenario(name, { labels: runsOn, random, lengthMs: DAY_BEGINS_MS + dayMs });
  const pipelines = whole.pipelines.flatMap(({ atMs, pipeline }) =>
    atMs < DAY_BEGINS_MS ? [] : [{ atMs: atMs - DAY_BEGINS_MS, pipeline }],
  );
  return { ...whole, lengthMs: dayMs, pipelines };
}
