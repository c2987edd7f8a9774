import type { RemoteRunner, RunnerListing, RunnerReading } from "../domain/remote-runner.ts";
import type { Scope, ScopeRef } from "../domain/scope.ts";
import type { Secret } from "../support/secret.ts";
import type { BitbucketError } from "./errors.ts";

/**
 * What the controller and the cleaner need of Bitbucket. Retries, paging, authentication, the request budget and the choice of API
 * flavour are the adapter's business; every method may throw {@link BitbucketError} and nothing else, but for an aborted signal's reason.
 */
export interface Bitbucket {
  /** The workspace or repository behind a name or uuid. Remembered for the life of the process. */
  resolve(ref: ScopeRef, signal: AbortSignal): Promise<Scope>;

  /** Every runner of the scope, all pages or nothing. */
  list(scope: Scope, signal: AbortSignal): Promise<RunnerListing>;

  /**
   * One runner, read now; 404 on the runner is an answer, 404 on the scope or from an API that is not served any more is an error: a 404 is
   * the runner's only where the same API lists the scope's runners right after it.
   */
  get(scope: Scope, uuid: string, signal: AbortSignal): Promise<RunnerReading>;

  /**
   * Registers a runner with one single POST that is never sent again, whatever comes of it. Does not throw for responses: see
   * {@link Registration}. An abort before it is sent is thrown; one after that leaves it unresolved.
   */
  register(
    scope: Scope,
    runner: { readonly name: string; readonly labels: readonly string[] },
    signal: AbortSignal,
  ): Promise<Registration>;

  /**
   * Keeps the runner from new steps. Believe it only when a read begun later shows it.
   *
   * @param notAfter see {@link Bitbucket.remove}
   */
  disable(scope: Scope, runner: RunnerName, notAfter: number, signal: AbortSignal): Promise<StatusSent>;

  /** Lets the runner take steps again. @param notAfter see {@link Bitbucket.remove} */
  enable(scope: Scope, runner: RunnerName, notAfter: number, signal: AbortSignal): Promise<void>;

  /**
   * Deletes the registration; one that is gone already is fine.
   *
   * @param notAfter by the monotonic clock: the look that justifies the write is too old from then on. It is checked right before each
   * sending, the first one and those that a failure makes necessary.
   * @throws {LookExpired} when it was too late to send it (again).
   */
  remove(scope: Scope, uuid: string, notAfter: number, signal: AbortSignal): Promise<void>;

  /** What an earlier process learnt about the scope: the public API shows steps in it, so that a runner without one is idle there. */
  recallSteps(scope: Scope): void;

  /** Where the request budget stands now. */
  budget(): BudgetView;
}

/** How a change of status was sent: with "earlier-may-arrive" one sending of it was answered, and one before that may arrive at any time. */
export type StatusSent = "answered" | "earlier-may-arrive";

/** What a change of status needs to know of a runner. */
export type RunnerName = Pick<RemoteRunner, "uuid" | "name" | "labels">;

/** How a registration attempt ended. */
export type Registration =
  | {
      readonly kind: "registered";
      readonly uuid: string;
      readonly oauthClientId: string;
      readonly oauthClientSecret: Secret;
    }
  /** Not made, for certain: a clear 4xx, or never sent (budget, breaker, no connection). */
  | { readonly kind: "refused"; readonly error: BitbucketError }
  /**
   * May exist: no response, a 5xx, or a response without uuid or secret. Its name, once listed, settles it. `sentAt`: by the monotonic
   * clock.
   */
  | { readonly kind: "unresolved"; readonly error: BitbucketError; readonly sentAt: number };

/** The request budget at one moment. */
export interface BudgetView {
  /** Requests that this process may send in a rolling hour (its part of the credential's). */
  readonly capacity: number;
  /** Of those, how many are left for reads and registrations now. */
  readonly left: number;
  /** Bitbucket pushed back (429) and asked for, or was given, a pause until then, by the monotonic clock; 0 when it did not. */
  readonly pausedUntil: number;
}

/** What Bitbucket knows this installation by: exactly one of its three ways to authenticate. */
export type Credentials =
  | { readonly kind: "oauth-consumer"; readonly clientId: string; readonly clientSecret: Secret }
  | { readonly kind: "api-token"; readonly email: string; readonly token: Secret }
  | { readonly kind: "access-token"; readonly token: Secret };
