import type { Pipelines, Step } from "../simulator/bitbucket/pipelines.ts";

/** What became of the steps so far. */
export interface StepCounts {
  /** Waiting for a runner. */
  readonly queued: number;
  readonly running: number;
  /** Came to their own end, whatever it was. */
  readonly done: number;
  /** Died with their runner, or found none in time. */
  readonly lost: number;
  /** How long steps waited for their runner, of those that got one. World time. */
  readonly waits: Waits | undefined;
}

interface Waits {
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly maxMs: number;
}

export function countSteps(pipelines: Pipelines): StepCounts {
  const steps = pipelines.steps();
  const count = (which: (step: Step) => boolean) => steps.filter(which).length;
  return {
    queued: pipelines.queue.length,
    running: count((step) => step.startedAt !== undefined && step.outcome === undefined),
    done: count(({ outcome }) => outcome === "successful" || outcome === "failed"),
    lost: count(({ outcome }) => outcome === "killed" || outcome === "expired"),
    waits: waitsOf(steps),
  };
}

function waitsOf(steps: readonly Step[]): Waits | undefined {
  const waits = steps
    .flatMap(({ queuedAt, startedAt }) =>
      queuedAt === undefined || startedAt === undefined ? [] : [startedAt - queuedAt],
    )
    .sort((a, b) => a - b);
  const rank = (share: number) => waits[Math.max(0, Math.ceil(share * waits.length) - 1)] ?? 0;
  return waits.length === 0 ? undefined : { p50Ms: rank(0.5), p90Ms: rank(0.9), maxMs: rank(1) };
}
