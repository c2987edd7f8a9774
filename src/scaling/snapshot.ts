import type { ManagedGroup } from "../domain/managed-group.ts";
import type { RunnerListing } from "../domain/remote-runner.ts";
import type { Runner } from "../domain/runner.ts";

/** All that a decision about a group may look at. */
export interface GroupSnapshot {
  /** When it was taken, by this process's monotonic clock. */
  readonly now: number;
  readonly group: ManagedGroup;
  /** Every runner that counts as the group's, on either plane. */
  readonly runners: readonly Runner[];
  /** The API's flavour, and Bitbucket's clock when it answered. */
  readonly listing: Pick<RunnerListing, "flavour" | "serverTime">;
  /** Runners in the scope, no matter whose. */
  readonly scopeSize: number;
  /** Registration attempts whose outcome nobody knows yet. */
  readonly unresolved: number;
  /** Queued steps; undefined when not known. */
  readonly demand: number | undefined;
  /** A runner younger than this is not scaled down. */
  readonly coolDownMs: number;
  /** Registrations that the request budget still allows. */
  readonly affordable: number;
  /** Creations failed lately: the next try is not before this time, by the monotonic clock. */
  readonly creationRetryAt: number;
}
