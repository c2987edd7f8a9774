import type { ProcessEvent, RequestEnded } from "../domain/events.ts";

/** Whether the process is well, and if not, why. */
export interface Verdict {
  readonly ok: boolean;
  /** Empty when it is. One sentence each, with the next step where there is one. */
  readonly reasons: readonly string[];
}

/** A loop that has been silent for less than this is never called dead. */
const PATIENCE_MS = 5 * 60_000;
/** Nor one that has been silent for less than this many of its intervals. */
const INTERVALS = 3;

/** What the probes ask, gathered from the process's events. */
export class Health {
  readonly #now: () => number;
  readonly #wallNow: () => number;
  #heartbeat: { readonly at: number; readonly wallAt: number; readonly intervalMs: number };
  #hadGoodConfiguration = false;
  #hasPassed = false;
  #credentials: "accepted" | "refused" | "untried" = "untried";

  /**
   * @param now the clock that the loop's intervals are counted by; in a sandbox it may run faster than real time.
   * @param wallNow real time in milliseconds (monotonic is best), in which requests time out and probes come: a loop that waits for one slow
   * reply is not dead, however fast its clock runs.
   */
  constructor(now: () => number, wallNow: () => number) {
    this.#now = now;
    this.#wallNow = wallNow;
    this.#heartbeat = { at: now(), wallAt: wallNow(), intervalMs: 0 };
  }

  hear(event: ProcessEvent): void {
    switch (event.type) {
      case "loop-alive":
        this.#heartbeat = { at: this.#now(), wallAt: this.#wallNow(), intervalMs: event.intervalMs };
        return;
      case "group-pass-done":
      case "clean-up-done":
        this.#hasPassed = true;
        return;
      case "failure":
        // A pass that failed counts as well; before the installation is known there is none.
        this.#hasPassed ||= event.operation !== "identify-installation";
        return;
      case "configuration-read":
        this.#hadGoodConfiguration ||= event.good;
        return;
      case "request-ended":
        this.#credentials = credentialsVerdict(event) ?? this.#credentials;
        return;
      default:
    }
  }

  /** The loop keeps running. False asks Kubernetes for a restart. */
  live(): Verdict {
    const { at, wallAt, intervalMs } = this.#heartbeat;
    const silentMs = this.#wallNow() - wallAt;
    const dead = silentMs > PATIENCE_MS && this.#now() - at > INTERVALS * intervalMs;
    return verdict([dead && `The loop has given no sign of life for ${Math.round(silentMs / 1_000)} s.`]);
  }

  /** The process does its work: it has had a good configuration, it has passed once, and Bitbucket takes its credentials. */
  ready(): Verdict {
    return verdict([
      !this.#hadGoodConfiguration && "No valid configuration yet: see the log, or run the command validate.",
      !this.#hasPassed && "The first pass is not done yet.",
      this.#credentials === "untried" && "Bitbucket has not accepted the credentials yet.",
      this.#credentials === "refused" && "Bitbucket refuses the credentials: see the log for the cause.",
    ]);
  }
}

/**
 * What a reply says of the credentials for Bitbucket; nothing when it failed for another reason. An expired token is refused once, then
 * renewed and accepted.
 */
function credentialsVerdict({ plane, route, status }: RequestEnded): "accepted" | "refused" | undefined {
  if (plane !== "bitbucket" || status === "error") return undefined;
  if (status >= 200 && status < 300) return "accepted";
  // The token endpoint turns consumers away with 400 as well as with 401.
  return status === 401 || (status === 400 && route.includes("access_token")) ? "refused" : undefined;
}

function verdict(reasons: readonly (string | false)[]): Verdict {
  const given = reasons.filter((reason) => reason !== false);
  return { ok: given.length === 0, reasons: given };
}
