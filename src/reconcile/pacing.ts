import type { BudgetView } from "../bitbucket/port.ts";
import type { Constants } from "../domain/settings.ts";
import type { Random } from "../support/random.ts";

const HOUR_MS = 3_600_000;
/** Below this part of the budget, passes slow down. */
const COMFORTABLE = 0.4;
/**
 * How fast what is left may be spent then, in times an hour. At 2 it settles where two thirds of the budget are in use, and what passes
 * do besides listing still finds room.
 */
const SPENDING = 2;
/** Passes are spread by this part of their interval, so that scopes and installations do not march in step. */
const JITTER = 0.05;

/** What the next pass's time depends on. */
export interface Pace {
  readonly constants: Pick<Constants, "pacing" | "pollingIntervalMs">;
  /** The interval to keep while the budget is comfortable (adaptive pacing). */
  readonly wantedMs: number;
  readonly budget: BudgetView;
  /** Scopes that this process lists: each pass costs about one request a scope. */
  readonly scopes: number;
  /** By the monotonic clock. */
  readonly now: number;
  /** Since the last pass began. */
  readonly elapsedMs: number;
}

/**
 * Milliseconds until a scope's next pass. `fixed` keeps the original's interval, after each pass; `adaptive` takes it as an upper bound
 * and otherwise goes as fast as wanted, from the start of one pass to the start of the next (at least half of it is rest), until the
 * request budget runs low: then the less is left, the slower, so that it never runs out for long. A pause that Bitbucket asked for is
 * waited out.
 */
export function nextPassInMs({ constants, wantedMs, budget, scopes, now, elapsedMs }: Pace, random: Random): number {
  const pauseMs = Math.max(0, budget.pausedUntil - now);
  if (constants.pacing === "fixed") return Math.max(constants.pollingIntervalMs, pauseMs);

  const { left, capacity } = budget;
  const thriftyMs = left < COMFORTABLE * capacity ? (HOUR_MS * scopes) / (SPENDING * Math.max(1, left)) : 0;
  const longestMs = Math.max(constants.pollingIntervalMs, (HOUR_MS * scopes) / Math.max(1, capacity));
  const intervalMs = Math.min(Math.max(wantedMs, thriftyMs), longestMs);
  const spreadMs = intervalMs * (1 - JITTER * random.next());
  return Math.max(spreadMs - elapsedMs, spreadMs / 2, pauseMs);
}
