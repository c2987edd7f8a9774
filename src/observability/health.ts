/** Whether the process is well, and if not, why. */
export interface Verdict {
  readonly ok: boolean;
  /** Empty when it is. One sentence each, with the next step where there is one. */
  readonly reasons: readonly string[];
}

/** What the probes ask, and what the loop tells. */
export interface Health {
  /** The loop came round, whatever became of the pass. `intervalMs`: the longest time between passes, in world time. */
  turned(intervalMs: number): void;
  /** A pass over everything was done, or tried to its end. */
  passed(): void;
  configuration(good: boolean): void;
  /** Bitbucket answered a request with these credentials, or turned them away. */
  credentials(state: "accepted" | "refused"): void;

  /** The loop still turns. False asks Kubernetes for a restart. */
  live(): Verdict;
  /** The process does its work: it has had a good configuration, it has passed once, and Bitbucket takes its credentials. */
  ready(): Verdict;
}

/** A loop that has not turned for less than this is never called dead. */
const PATIENCE_MS = 5 * 60_000;
/** Nor one that has not turned for less than this many of its intervals. */
const INTERVALS = 3;

/**
 * @param worldNow World time, in which the loop's intervals are.
 * @param wallNow Any real time in milliseconds (monotonic is best), in which requests time out and probes come: in a world that runs faster, a loop that waits for one slow reply is not dead.
 */
export function createHealth(worldNow: () => number, wallNow: () => number): Health {
  let turned = { world: worldNow(), wall: wallNow() };
  let intervalMs = 0;
  let hadGoodConfiguration = false;
  let hasPassed = false;
  let credentials: "accepted" | "refused" | "untried" = "untried";
  return {
    turned(longestMs) {
      turned = { world: worldNow(), wall: wallNow() };
      intervalMs = longestMs;
    },
    passed() {
      hasPassed = true;
    },
    configuration(good) {
      hadGoodConfiguration ||= good;
    },
    credentials(state) {
      credentials = state;
    },
    live() {
      const silentMs = wallNow() - turned.wall;
      const dead = silentMs > PATIENCE_MS && worldNow() - turned.world > INTERVALS * intervalMs;
      return verdict([dead && `The loop has not turned for ${Math.round(silentMs / 1_000)} s.`]);
    },
    ready() {
      return verdict([
        !hadGoodConfiguration && "No valid configuration yet: see the log, or run the command validate.",
        !hasPassed && "The first pass is not done yet.",
        credentials === "untried" && "Bitbucket has not accepted the credentials yet.",
        credentials === "refused" && "Bitbucket refuses the credentials: see the log for the cause.",
      ]);
    },
  };
}

function verdict(reasons: readonly (string | false)[]): Verdict {
  const given = reasons.filter((reason) => reason !== false);
  return { ok: given.length === 0, reasons: given };
}
