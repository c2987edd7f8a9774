import type { Decision, Numbers, Reason } from "../../domain/decision.ts";
import type { ScalingParameters } from "../../domain/settings.ts";

/**
 * How many runners a group should have, from the share of them that is busy: the original's `percentageRunnersIdle` with its gaps
 * closed. The count includes runners whose busy state is not known; those are never evidence for growing and never victims.
 *
 * A starting runner counts as idle when growing and as busy when shrinking, so a pass never orders the same runner twice and never
 * removes one before it had its chance. Worked numbers: docs/scaling.md.
 */
export function percentageRunnersIdle(parameters: ScalingParameters, numbers: Numbers): Decision {
  const { supply, unknown, demand } = numbers;
  const { min, max } = parameters;
  const serving = supply.total + unknown;
  const decide = (desired: number, reason: Reason): Decision => ({ desired, reason, numbers });
  const grow = (desired: number, reason: Reason) =>
    serving >= max ? decide(serving, "at-max") : decide(Math.min(desired, max), reason);

  if (serving > max) return decide(max, "above-max");
  if (serving < min) return decide(min, "below-min");

  const waiting = demand ?? 0;
  const ready = supply.idle + supply.starting;
  if (waiting > ready) return grow(serving + waiting - ready, "demand-above-supply");
  if (supply.busy > parameters.scaleUpThreshold * supply.total) {
    return grow(unknown + Math.ceil(supply.total * parameters.scaleUpMultiplier), "busy-above-threshold");
  }

  const occupied = supply.busy + supply.starting + unknown;
  if (occupied < parameters.scaleDownThreshold * serving && supply.idle > min) {
    const kept = Math.max(
      min,
      waiting,
      Math.floor(supply.idle * parameters.scaleDownMultiplier),
      idleThatKeepsTheRatio(parameters, numbers),
    );
    if (kept < supply.idle) return decide(serving - (supply.idle - kept), "idle-above-need");
  }
  return decide(serving, "within-thresholds");
}

/** The idle runners that must stay so that shrinking does not itself push the busy share above the scale-up threshold. */
function idleThatKeepsTheRatio(parameters: ScalingParameters, { supply }: Numbers): number {
  if (parameters.scaleUpThreshold <= 0) return supply.idle;
  return Math.ceil(supply.busy / parameters.scaleUpThreshold) - supply.busy - supply.starting;
}
