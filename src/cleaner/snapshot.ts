import type { SecretRecord } from "../domain/cluster-objects.ts";
import type { Runner } from "../domain/runner.ts";
import type { ScopeReading } from "../domain/scope-reading.ts";

/** All that the clean-up of a scope may look at. */
export interface ScopeSnapshot {
  readonly reading: ScopeReading;
  /** Ours alone. */
  readonly runners: readonly Runner[];
  /** Secrets that carry our mark although no Job and no registration of their runner has been listed for long. */
  readonly ownerless: readonly SecretRecord[];
  /** How many such Secrets there are, those that are new included. */
  readonly lone: number;
  /** Namespaces of the ledger in which nothing of ours has been for long, and no group is. */
  readonly vacant: readonly string[];
}
