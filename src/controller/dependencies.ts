import type { Settings } from "../domain/settings.ts";
import type { Worlds } from "../reconcile/dependencies.ts";
import type { JobTemplate } from "../template/port.ts";
import type { Reporter } from "./reporter.ts";

/** What the controller is made of; composed by the command line, and by tests with worlds of their own. */
export interface ControllerParts {
  readonly worlds: Worlds;
  /** The configuration as it is now: the last good one while the file is bad. */
  readonly settings: () => Promise<Settings>;
  /** The job template as it is now. @throws {TemplateError} from its `render` when it is bad. */
  readonly template: () => Promise<JobTemplate>;
  readonly reporter: Reporter;
  /** Decide and explain, change nothing. */
  readonly dryRun: boolean;
}
