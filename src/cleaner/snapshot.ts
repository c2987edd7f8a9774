import type { SecretRecord } from "../domain/cluster-objects.ts";
import type { RunnerListing } from "../domain/remote-runner.ts";
import type { Runner } from "../domain/runner.ts";

/** All that the clean-up of a scope may look at. */
export interface ScopeSnapshot {
  /** When it was taken: milliseconds since the epoch, by this process's clock. */
  readonly now: number;
  readonly listing: RunnerListing;
  /** Ours alone. */
  readonly runners: readonly Runner[];
  /** Secrets that carry our mark although no Job and no registration of their runner was listed. */
  readonly ownerless: readonly SecretRecord[];
  /** Where runners of ours are or may have been made. */
  readonly namespaces: readonly string[];
  /** Since when each runner has been seen without a pod, by uuid. */
  readonly podlessSince: ReadonlyMap<string, number>;
}
