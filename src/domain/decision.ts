/** Why a group should have the number of runners it should have. Logs, metrics, API and documentation share these codes. */
export const REASONS = [
  "below-min",
  "demand-above-supply",
  "busy-above-threshold",
  "within-thresholds",
  "idle-above-need",
  "above-max",
  "at-max",
  "removed-from-configuration",
] as const;

export type Reason = (typeof REASONS)[number];

/** How many runners a group should have, why, and the numbers behind it. */
export interface Decision {
  readonly desired: number;
  readonly reason: Reason;
  readonly numbers: Numbers;
}

/** What a decision was made from. */
export interface Numbers {
  readonly min: number;
  readonly max: number;
  readonly supply: Supply;
  /** Runners whose busy state is not reported: neither victims nor evidence. */
  readonly unknown: number;
  readonly draining: number;
  /** Every uuid of the group on either plane, and the unresolved attempts: what `max` limits. */
  readonly live: number;
  /** Queued steps; undefined when not known. */
  readonly demand: number | undefined;
  /** busy ÷ supply; undefined when there is no supply. */
  readonly busyRatio: number | undefined;
}

/** The runners that serve the group or are about to. */
interface Supply {
  readonly starting: number;
  readonly idle: number;
  readonly busy: number;
  readonly total: number;
}

/** Why a group could not get all the runners it should have. */
export const LIMITS = ["max", "scope-full", "budget", "unresolved", "bad-template", "back-off"] as const;

export type Limit = (typeof LIMITS)[number];
