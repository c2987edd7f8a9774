import { randomFaults } from "../simulator/faults.ts";
import type { VirtualClock } from "../simulator/virtual-clock.ts";
import type { ScenarioName } from "../simulator/workload/scenario.ts";
import { buildScenario } from "../simulator/workload/scenarios.ts";
import { seededRandom } from "../support/random.ts";
import type { SimulatedInstallation } from "./installation.ts";
import { planWorkload, runWorkloads } from "./workload.ts";

/** What is waited for. */
interface Awaited {
  /** In words, for who waits in vain. */
  readonly what: string;
  readonly isSo: () => boolean;
  readonly withinMs: number;
  /** How much time passes between two looks; default: a second. */
  readonly stepMs?: number;
}

/**
 * Lets time pass until something is so.
 *
 * @returns how long it took, in milliseconds.
 * @throws {Error} when it still is not so in the end.
 */
export async function passTimeUntil(clock: VirtualClock, awaited: Awaited): Promise<number> {
  const { what, isSo, withinMs, stepMs = 1_000 } = awaited;
  const begunAt = clock.now();
  while (!isSo()) {
    if (clock.now() - begunAt >= withinMs) throw new Error(`${what}: still not so after ${withinMs} ms`);
    await clock.advance(stepMs);
  }
  return clock.now() - begunAt;
}

/** A scenario, and how long it is played. */
interface Play {
  readonly scenario: ScenarioName;
  /** Of simulated time. */
  readonly runMs: number;
  /** The same seed gives the same pipelines. */
  readonly seed: number;
}

/**
 * Plays a scenario in the repositories of all groups from now on, with what goes wrong in it, and lets its time pass. It is fitted so that, if
 * at all possible, everything has come to rest at the end.
 */
export async function playScenario(installation: SimulatedInstallation, play: Play): Promise<void> {
  const { scenario, runMs, seed } = play;
  const { bitbucket, clock, places } = installation;
  const { faults } = buildScenario(scenario, { labels: [], random: seededRandom(seed) });
  installation.faults = { bitbucket: randomFaults(installation.fork(), faults) };
  const ending = new AbortController();
  const plan = planWorkload(scenario, runMs);
  const working = runWorkloads({ scenario, plan, places, seed }, { world: bitbucket, clock }, ending.signal);
  await clock.advance(runMs);
  ending.abort();
  await working;
}
