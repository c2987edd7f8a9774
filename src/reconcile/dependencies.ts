import type { Bitbucket } from "../bitbucket/port.ts";
import type { Emit } from "../domain/events.ts";
import type { Settings } from "../domain/settings.ts";
import type { Cluster } from "../kubernetes/port.ts";
import type { Clock } from "../support/clock.ts";
import type { Random } from "../support/random.ts";
import type { JobTemplate } from "../template/port.ts";
import type { Ledgers } from "./ledgers.ts";

/** All that a process works with: made once when it starts, and passed on whole. */
export interface Dependencies {
  readonly bitbucket: Bitbucket;
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: Emit;
  /** This installation's mark (domain/mark.ts). */
  readonly installation: string;
  /** What the installation remembers where only the control plane writes. */
  readonly ledgers: Ledgers;
  /** Tells this process from every other one, its predecessors included: random. */
  readonly identity: string;
  /** The configuration as it is now: the last good one while the file is bad. @throws when there has never been a good one. */
  readonly settings: () => Promise<Settings>;
  /** The job template as it is now. @throws {TemplateError} from its `render` when it is bad. */
  readonly template: () => Promise<JobTemplate>;
  /** Decide and tell, change nothing. */
  readonly dryRun: boolean;
  /** Aborts when nothing new may be begun. */
  readonly stopping: AbortSignal;
  /** Aborts when what is under way is to be given up. */
  readonly signal: AbortSignal;
}
