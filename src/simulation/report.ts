import type { Leftovers } from "../simulator/observer/leftovers.ts";
import type { Breach } from "../simulator/observer/observer.ts";
import type { SimulatedInstallation } from "./installation.ts";
import { countSteps, type StepState, stepsByState, type Waits } from "./step-counts.ts";

/** What came of a simulation until now. */
export interface SimulationReport {
  /** Of simulated time. */
  readonly elapsedMs: number;
  readonly steps: Readonly<Partial<Record<StepState, number>>>;
  /** How long steps waited for their runner; undefined when none got one. */
  readonly waits: Waits | undefined;
  /** Jobs that were made for runners. */
  readonly jobs: number;
  /** How long these Jobs stood, from creation to end, added up. */
  readonly runnerHours: number;
  /** That could take steps at the same time. */
  readonly mostRunners: number;
  /** To Bitbucket, by all processes together. */
  readonly requests: number;
  /** Promises of the product that were seen broken. */
  readonly breaches: readonly Breach[];
  /** What is on one side only, now. */
  readonly leftovers: Leftovers;
}

/** Sums up a simulation as it is now. */
export function reportOn(installation: SimulatedInstallation): SimulationReport {
  const { bitbucket, clock, elapsedMs, leftovers, observer, usage } = installation;
  return {
    elapsedMs,
    steps: stepsByState(bitbucket.pipelines),
    waits: countSteps(bitbucket.pipelines).waits,
    jobs: usage.jobsMadeAt.length,
    runnerHours: usage.runnerHours(clock.now()),
    mostRunners: observer.mostRunners,
    requests: bitbucket.traffic.total(),
    breaches: observer.breaches,
    leftovers,
  };
}
