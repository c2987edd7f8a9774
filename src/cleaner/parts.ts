import type { Trouble } from "../domain/report.ts";
import type { Settings } from "../domain/settings.ts";
import type { Worlds } from "../lifecycle/worlds.ts";
import type { LeaveReason } from "../scaling/clean-up.ts";

/** What the cleaner is made of; composed by the command line, and by tests with worlds of their own. */
export interface CleanerParts {
  readonly worlds: Worlds;
  /** The configuration as it is now: the last good one while the file is bad. */
  readonly settings: () => Promise<Settings>;
  readonly reporter: CleanerReporter;
  /** Say what would be done, change nothing. */
  readonly dryRun: boolean;
}

/** Where clean-up passes tell what they saw and did. */
export interface CleanerReporter {
  cleaned(report: CleanReport): void;
  trouble(trouble: Trouble): void;
}

/** One clean-up pass over one scope. */
export interface CleanReport {
  /** Slugs. */
  readonly scope: string;
  /** World time when the pass ended. */
  readonly at: number;
  /** Runners of ours in the scope. */
  readonly runners: number;
  readonly removedRunners: number;
  readonly removedSecrets: number;
  /** Why others were left, and how many. */
  readonly left: Partial<Record<LeaveReason, number>>;
}
