import { KubernetesError } from "../errors.ts";
import type { Status } from "./status.ts";

/** A request that did not succeed, with what its caller needs to know to go on safely. */
export class RequestError extends KubernetesError {
  /**
   * "refused": the server did not act on it, for certain. "unknown": it may have acted, since no complete response came or the server
   * failed on the way.
   */
  readonly outcome: "refused" | "unknown";
  /** Whether the same request may succeed when it is sent again later: no response, overload, a failing server. */
  readonly transient: boolean;
  /** How long the server asked to be left alone; 0 when it did not. */
  readonly retryAfterMs: number;
  /** What the server said, when it spoke as a Kubernetes API server. */
  readonly said: Status | undefined;
  /** An earlier sending of the same request has an unknown outcome: what it changed may be why this one was refused. */
  readonly earlierOutcomeUnknown: boolean;

  constructor(message: string, remedy: string, facts: RequestErrorFacts) {
    super(message, remedy, {
      ...(facts.cause !== undefined && { cause: facts.cause }),
      ...(facts.status !== undefined && { status: facts.status }),
      ...(facts.said?.reason !== undefined && { reason: facts.said.reason }),
    });
    this.outcome = facts.outcome;
    this.transient = facts.transient;
    this.retryAfterMs = facts.retryAfterMs ?? 0;
    this.said = facts.said;
    this.earlierOutcomeUnknown = facts.earlierOutcomeUnknown ?? false;
  }

  /** The same failure, after an earlier sending whose outcome is unknown. */
  afterUnknownOutcome(): RequestError {
    return new RequestError(this.message, this.remedy, { ...this, cause: this.cause, earlierOutcomeUnknown: true });
  }
}

interface RequestErrorFacts {
  readonly outcome: "refused" | "unknown";
  readonly transient: boolean;
  readonly retryAfterMs?: number;
  readonly status?: number | undefined;
  readonly said?: Status | undefined;
  readonly earlierOutcomeUnknown?: boolean;
  readonly cause?: unknown;
}
