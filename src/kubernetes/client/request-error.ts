import { KubernetesError } from "../errors.ts";
import type { Status } from "./status.ts";

/** A call that did not succeed, with what its caller needs to know to go on safely. */
export class CallError extends KubernetesError {
  /**
   * "refused": the server did not act on it, for certain. "unknown": it may have acted, since no complete reply came or the server failed
   * on the way.
   */
  readonly outcome: "refused" | "unknown";
  /** Whether the same call may succeed when it is sent again later: no reply, overload, a failing server. */
  readonly transient: boolean;
  /** How long the server asked to be left alone; 0 when it did not. */
  readonly retryAfterMs: number;
  /** What the server said, when it spoke as a Kubernetes API server. */
  readonly said: Status | undefined;
  /** An earlier sending of the same call has an unknown outcome: this refusal may be that one's echo. */
  readonly mayBeEcho: boolean;

  constructor(message: string, remedy: string, facts: CallFacts) {
    super(message, remedy, {
      ...(facts.cause !== undefined && { cause: facts.cause }),
      ...(facts.status !== undefined && { status: facts.status }),
      ...(facts.said?.reason !== undefined && { reason: facts.said.reason }),
    });
    this.outcome = facts.outcome;
    this.transient = facts.transient;
    this.retryAfterMs = facts.retryAfterMs ?? 0;
    this.said = facts.said;
    this.mayBeEcho = facts.mayBeEcho ?? false;
  }

  /** The same failure, after an earlier sending whose outcome is unknown. */
  asPossibleEcho(): CallError {
    return new CallError(this.message, this.remedy, { ...this, cause: this.cause, mayBeEcho: true });
  }
}

interface CallFacts {
  readonly outcome: "refused" | "unknown";
  readonly transient: boolean;
  readonly retryAfterMs?: number;
  readonly status?: number | undefined;
  readonly said?: Status | undefined;
  readonly mayBeEcho?: boolean;
  readonly cause?: unknown;
}
