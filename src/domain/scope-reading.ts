import type { JobRecord, SecretRecord } from "./cluster-objects.ts";
import type { ReadTime } from "./lasting.ts";
import type { ScopeLedger } from "./ledger.ts";
import type { RunnerListing } from "./remote-runner.ts";
import type { Runner } from "./runner.ts";
import type { Scope } from "./scope.ts";

/** Both planes of one scope, each read completely in this pass and shared by all its groups. */
export interface ScopeReading {
  readonly scope: Scope;
  /** When the pass began, by the wall clock: for people. */
  readonly startedAt: number;
  /** From the beginning of the cluster's reads to the end of Bitbucket's, which came afterwards. */
  readonly took: ReadTime;
  readonly listing: RunnerListing;
  readonly ledger: ScopeLedger;
  /** Every runner on either plane, whoever it belongs to. */
  readonly runners: readonly Runner[];
  /** Ours, where they were asked for: the controller has no use for them. */
  readonly secrets: readonly SecretRecord[];
  /** Where Jobs of ours may be and could be read. */
  readonly namespaces: readonly string[];
  /** Where they may be and could not be read, with the error: nothing is known of what is in them. */
  readonly unreadable: ReadonlyMap<string, Error>;
  /** Jobs that carry our mark and are not believed: copies, and forged ones. */
  readonly unbelieved: readonly JobRecord[];
}
