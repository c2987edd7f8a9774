import type { CleanReport, Trouble } from "../domain/report.ts";
import type { Settings } from "../domain/settings.ts";
import type { Worlds } from "../reconcile/dependencies.ts";

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
interface CleanerReporter {
  cleaned(report: CleanReport): void;
  /** The process came round and is alive. @param intervalMs the longest time until it does so again */
  turned(intervalMs: number): void;
  trouble(trouble: Trouble): void;
  /** Nothing of ours is left in a scope that left the configuration. */
  forget(scope: string): void;
}
