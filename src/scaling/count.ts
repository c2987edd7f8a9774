import type { Numbers } from "../domain/decision.ts";
import type { Runner } from "../domain/runner.ts";

/** What a group's runners come to, for the strategy. */
export function countRunners(
  runners: readonly Runner[],
  limits: { readonly min: number; readonly max: number },
  unresolved: number,
  demand: number | undefined,
): Numbers {
  const count = (phase: Runner["phase"]) => runners.filter((runner) => runner.phase === phase).length;
  const starting = count("starting");
  const idle = count("idle");
  const busy = count("busy");
  const total = starting + idle + busy;
  return {
    min: limits.min,
    max: limits.max,
    supply: { starting, idle, busy, total },
    unknown: count("unknown"),
    draining: count("draining"),
    live: runners.filter((runner) => runner.phase !== "foreign").length + unresolved,
    demand,
    busyRatio: total === 0 ? undefined : busy / total,
  };
}
