import type { Bitbucket } from "../bitbucket/port.ts";
import type { Cluster } from "../kubernetes/port.ts";
import type { Clock } from "../support/clock.ts";
import type { Log } from "../support/log.ts";
import type { Random } from "../support/random.ts";

/** Both planes and what it takes to act on them. */
export interface Worlds {
  readonly bitbucket: Bitbucket;
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** This installation's mark (domain/mark.ts). */
  readonly installation: string;
}
