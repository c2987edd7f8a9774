import type { Pipelines, Step, StepOutcome } from "../simulator/bitbucket/pipelines.ts";
import { quantile } from "./statistics.ts";

/** What became of the steps so far. */
export interface StepCounts {
  /** Waiting for a runner. */
  readonly queued: number;
  readonly running: number;
  /** Came to their own end, whatever it was. */
  readonly done: number;
  /** Died with their runner, or found none in time. */
  readonly aborted: number;
  /** Undefined before the first step got a runner. */
  readonly waits: Waits | undefined;
}

/** How long steps waited for their runner, of those that got one, by quantile. */
export interface Waits {
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** How a step stands: its outcome once it has one. */
export type StepState = StepOutcome | "waiting" | "running";

/** Counts the steps as they are now. */
export function countSteps(pipelines: Pipelines): StepCounts {
  const steps = pipelines.steps();
  const count = (which: (step: Step) => boolean) => steps.filter(which).length;
  return {
    queued: pipelines.queue.length,
    running: count((step) => step.startedAt !== undefined && step.outcome === undefined),
    done: count(({ outcome }) => outcome === "successful" || outcome === "failed"),
    aborted: count(({ outcome }) => outcome === "killed" || outcome === "expired"),
    waits: waitsOf(steps),
  };
}

/** How many steps are in each state; states that no step is in are left out. */
export function stepsByState(pipelines: Pipelines): Readonly<Partial<Record<StepState, number>>> {
  const counts: Partial<Record<StepState, number>> = {};
  for (const { outcome, startedAt } of pipelines.steps()) {
    const state = outcome ?? (startedAt === undefined ? "waiting" : "running");
    counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
}

/** How long each step waited for its runner, in milliseconds, of those that got one. */
export function stepWaitsMs(steps: readonly Step[]): readonly number[] {
  return steps.flatMap(({ queuedAt, startedAt }) =>
    queuedAt === undefined || startedAt === undefined ? [] : [startedAt - queuedAt],
  );
}

function waitsOf(steps: readonly Step[]): Waits | undefined {
  const all = stepWaitsMs(steps);
  if (all.length === 0) return undefined;
  const at = (share: number) => quantile(all, share);
  return { p50Ms: at(0.5), p90Ms: at(0.9), p99Ms: at(0.99), maxMs: at(1) };
}
