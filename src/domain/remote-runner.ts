/** A runner's registration as Bitbucket shows it. Times are milliseconds since the epoch by Bitbucket's clock. */
export interface RemoteRunner {
  /** With braces, as Bitbucket sends it. */
  readonly uuid: string;
  readonly name: string;
  readonly labels: readonly string[];
  readonly status: RunnerStatus;
  /** Kept from new steps (a disable, whatever `status` says). */
  readonly cordoned: boolean;
  /** Whether a step runs on it; "unknown" where the API does not say. */
  readonly busy: Busy;
  /** The agent connected at least once (Bitbucket shows its version, or a status that only a connected agent gets). */
  readonly connected: boolean;
  /** Undefined when Bitbucket does not say: such a runner is never old. */
  readonly createdAt: number | undefined;
  /** When its status last changed; undefined when Bitbucket does not say. */
  readonly stateUpdatedAt: number | undefined;
}

/** Statuses that Bitbucket documents; another one is kept apart as OTHER, which proves nothing. */
export type RunnerStatus = "UNREGISTERED" | "ONLINE" | "OFFLINE" | "DISABLED" | "ENABLED" | "UNHEALTHY" | "OTHER";

export type Busy = "busy" | "idle" | "unknown";

/** Which of Bitbucket's two runner APIs a reading came from: only the internal one shows steps reliably. */
export type Flavour = "internal" | "public";

/** Every runner of a scope, from a listing that reached its last page. */
export interface RunnerListing {
  readonly flavour: Flavour;
  readonly runners: readonly RemoteRunner[];
  /** This flavour of the API shows steps in this scope: a runner without one is idle. */
  readonly showsSteps: boolean;
  /** When the listing was begun, by this process's monotonic clock: what happened later may be missing from it. */
  readonly begunAt: number;
  /**
   * Bitbucket's own clock when it answered the first page (its `Date` header, whole seconds): ages are counted from it. Undefined when the
   * reply has none: then nothing has an age.
   */
  readonly serverTime: number | undefined;
}

/** One runner read directly; `runner` is undefined when Bitbucket answered 404. */
export interface RunnerReading {
  readonly flavour: Flavour;
  readonly runner: RemoteRunner | undefined;
  /** As in {@link RunnerListing}. */
  readonly begunAt: number;
  readonly serverTime: number | undefined;
}
