import type { HttpRequest } from "../../http/transport.ts";
import { type Clock, reasonOf } from "../../support/clock.ts";
import type { Random } from "../../support/random.ts";
import { type BitbucketError, RateLimited } from "../errors.ts";
import type { Route } from "../runners/routes.ts";
import type { Authorization } from "./authorization.ts";
import type { Breakers, Passage } from "./breaker.ts";
import type { Purpose, RequestBudget } from "./budget.ts";
import { redacting } from "./error-body.ts";
import { replyFailure, type Target } from "./failures.ts";
import type { Pause } from "./rate-limit.ts";
import { withRetries } from "./retry.ts";
import { retryAfterMs } from "./retry-after.ts";
import type { Attempt, Lost, Reply } from "./send-once.ts";

/** A request to Bitbucket's API. */
export interface Call {
  readonly method: HttpRequest["method"];
  readonly route: Route;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Whose share of the budget it draws on, and whose breaker it trips; undefined for look-ups of names. */
  readonly scope: string | undefined;
  readonly purpose: Purpose;
  /** For messages. */
  readonly target: Target;
}

/** Sends requests to Bitbucket's API, past pause, breaker and budget, with authentication. */
export interface Client {
  /**
   * Sends once, whatever comes of it: the outcome is the result.
   *
   * @throws {BitbucketError} when it was certainly not sent. @throws the signal's reason when it aborted before.
   */
  once(call: Call, signal: AbortSignal): Promise<Reply | Lost>;
  /**
   * Sends what may be sent twice, again when no reply came, Bitbucket failed, or the token had expired.
   *
   * @returns a reply, be it a refusal. @throws {BitbucketError} for 401, 429, 5xx, no reply, and what was not sent. @throws the signal's
   * reason when it aborts.
   */
  ask(call: Call, signal: AbortSignal): Promise<Reply>;
  /** The error behind a reply that is not the wanted one. */
  failure(call: Call, reply: Reply): BitbucketError;
}

/** What every request has to pass. */
export interface Gates {
  readonly attempt: Attempt;
  readonly authorization: Authorization;
  readonly pause: Pause;
  readonly breakers: Breakers;
  readonly budget: RequestBudget;
  readonly clock: Clock;
  readonly random: Random;
}

/** "GET /2.0/workspaces/{workspace}": names a request in messages, and its breaker. */
export function requestName(call: Pick<Call, "method" | "route">): string {
  return `${call.method} ${call.route.template}`;
}

export function isSuccess(reply: Reply): boolean {
  return reply.status >= 200 && reply.status <= 299;
}

export function clientBehind(gates: Gates): Client {
  const { attempt, authorization, pause, breakers, budget, clock } = gates;

  const failure = (call: Call, reply: Reply): BitbucketError =>
    reply.status === 429
      ? new RateLimited(pause.until || clock.now())
      : replyFailure(reply, {
          request: requestName(call),
          credentials: authorization.kind,
          redact: redacting(() => authorization.secrets()),
          target: call.target,
        });

  /** Nothing may wait between the gates and the sending: what they allow is allowed now. */
  const pass = (call: Call): Passage => {
    pause.refuseWhilePaused();
    const passage = breakers.enter(requestName(call), call.scope);
    try {
      budget.take(call.scope, call.purpose);
    } catch (error) {
      passage.abandoned();
      throw error;
    }
    return passage;
  };

  const learn = (call: Call, reply: Reply | Lost, passage: Passage, signal: AbortSignal) => {
    if ("lost" in reply) {
      if (signal.aborted) passage.abandoned();
      else passage.failed(reply.lost);
    } else if (reply.status >= 500) passage.failed(failure(call, reply));
    else {
      passage.succeeded();
      if (reply.status === 429) pause.pushedBack(reply.sentAt, retryAfterMs(reply.headers));
      else pause.served(reply.sentAt);
    }
  };

  /** Sends once, and says whether it may help to send the same with another token. */
  const exchange = async (call: Call, signal: AbortSignal) => {
    if (signal.aborted) throw reasonOf(signal);
    const header = await authorization.header(signal);
    if (signal.aborted) throw reasonOf(signal);
    const passage = pass(call);
    const reply = await attempt(
      {
        method: call.method,
        url: call.route.url,
        headers: {
          authorization: header,
          accept: "application/json",
          ...(call.body !== undefined && { "content-type": "application/json" }),
        },
        ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
      },
      call.route.template,
      signal,
    );
    learn(call, reply, passage, signal);
    if ("lost" in reply) return { reply, renewable: false };
    if (reply.status !== 401) authorization.accepted(header);
    return { reply, renewable: reply.status === 401 && authorization.refused(header) };
  };

  const askOnce = async (call: Call, signal: AbortSignal): Promise<Reply> => {
    const first = await exchange(call, signal);
    const { reply } = first.renewable ? await exchange(call, signal) : first;
    if ("lost" in reply) throw reply.lost;
    if (reply.status === 401 || reply.status === 429 || reply.status >= 500) throw failure(call, reply);
    return reply;
  };

  return {
    once: async (call, signal) => (await exchange(call, signal)).reply,
    ask: (call, signal) => withRetries(() => askOnce(call, signal), gates, signal),
    failure,
  };
}
