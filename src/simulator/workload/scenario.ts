import type { PipelineSpec } from "../bitbucket/pipelines.ts";
import type { FaultRates } from "../faults.ts";

/** A pipeline and when it starts, counted from the workload's start. */
export interface TimedPipeline {
  readonly atMs: number;
  readonly pipeline: PipelineSpec;
}

/** A load as data: what starts when, and what goes wrong meanwhile. Times are world time. */
export interface Scenario {
  readonly name: ScenarioName;
  /** How long it takes until its last step has surely ended and the runners are back where they began. */
  readonly lengthMs: number;
  /** In the order of their time. */
  readonly pipelines: readonly TimedPipeline[];
  /** How often calls to Bitbucket fail while it lasts. */
  readonly faults: FaultRates;
}

export const SCENARIO_NAMES = ["burst", "brief", "day", "steady", "idle", "faults"] as const;
export type ScenarioName = (typeof SCENARIO_NAMES)[number];

/** One line of help for each. */
export const SCENARIO_SUMMARIES: Readonly<Record<ScenarioName, string>> = {
  burst: "all steps at once after a minute: up to max and back to min",
  brief: "a few seconds of work for each runner, soon: up and down within minutes, for real time (--speed 1)",
  day: "a working day: quiet nights, a peak in the morning and one in the afternoon",
  steady: "a step every minute or so",
  idle: "no steps at all",
  faults: "the burst, with calls to Bitbucket that are lost, slow or refused",
};
