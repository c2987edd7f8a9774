import type { HttpRequest } from "../../http/transport.ts";
import { type Clock, reasonOf } from "../../support/clock.ts";
import type { Random } from "../../support/random.ts";
import { type BitbucketError, LookExpired } from "../errors.ts";
import type { Authorization } from "./authorization.ts";
import type { BreakerPermit, Breakers } from "./breaker.ts";
import type { Purpose, RequestBudget } from "./budget.ts";
import { redacting } from "./error-body.ts";
import { responseFailure, type Target } from "./failures.ts";
import { askedWaitMs, type RateLimit } from "./rate-limit.ts";
import { withRetries } from "./retry.ts";
import type { ApiResponse, NoResponse, SendOnce } from "./send-once.ts";

/** Where a request goes. */
export interface Route {
  /** The path with parameter names in place of values: for metrics, breakers and messages. */
  readonly template: string;
  /** Absolute. */
  readonly url: string;
}

/** A request to Bitbucket's API. */
export interface ApiRequest {
  readonly method: HttpRequest["method"];
  readonly route: Route;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Whose share of the budget it draws on, and whose breaker it trips; undefined for look-ups of names. */
  readonly scope: string | undefined;
  readonly purpose: Purpose;
  /** For messages. */
  readonly target: Target;
  /** By the monotonic clock: the look that justifies it is too old from then on. Checked right before each sending. */
  readonly notAfter?: number;
  /** Of the write that it is a part of. */
  readonly sendings?: Sendings;
}

/** The sendings of one write, over all flavours and forms of the request that it takes. */
export class Sendings {
  /** One of them was not answered, or by something in between: it may have reached Bitbucket, and may still. */
  mayStillArrive = false;
}

/** The outcome of one sending. */
export type Outcome =
  /** A response for the caller to judge: any status but 401, 429 and 5xx. */
  { readonly kind: "response"; readonly response: ApiResponse } | Failed;

/** A failure whatever was asked: no response, 401, 429 or 5xx. */
interface Failed {
  readonly kind: "failed";
  readonly error: BitbucketError;
  /** False: Bitbucket did not carry it out, for certain. */
  readonly mayHaveActed: boolean;
  /** Refused for its token, and there is another one that may be better. */
  readonly isWorthAnotherToken: boolean;
  /** Just before it was sent, by the monotonic clock. */
  readonly sentAt: number;
}

/** Sends requests to Bitbucket's API: past rate limit, breaker and budget, and with authentication. */
export interface BitbucketClient {
  /**
   * Sends once, whatever comes of it: the outcome is the result.
   *
   * @throws {BitbucketError} when it was certainly not sent. @throws the signal's reason when it aborted before.
   */
  once(request: ApiRequest, signal: AbortSignal): Promise<Outcome>;
  /**
   * Sends what may be sent twice; again when no response came, Bitbucket failed, or the token had expired.
   *
   * @returns a response, be it a refusal. @throws {BitbucketError} for 401, 429, 5xx, no response, and what was not sent. @throws the
   * signal's reason when it aborts.
   */
  ask(request: ApiRequest, signal: AbortSignal): Promise<ApiResponse>;
  /** The error behind a response that is not the wanted one. */
  failure(request: ApiRequest, response: ApiResponse): BitbucketError;
}

/** What a client works with: one of each for a credential and a process. */
export interface ClientDependencies {
  readonly sendOnce: SendOnce;
  readonly authorization: Authorization;
  readonly rateLimit: RateLimit;
  readonly breakers: Breakers;
  readonly budget: RequestBudget;
  readonly clock: Clock;
  readonly random: Random;
}

/** "GET /2.0/workspaces/{workspace}": names a request in messages, and its breaker. */
export function requestName(request: Pick<ApiRequest, "method" | "route">): string {
  return `${request.method} ${request.route.template}`;
}

/** Whether Bitbucket did what was asked. */
export function isSuccess(response: ApiResponse): boolean {
  return response.status >= 200 && response.status <= 299;
}

/** A client whose every request goes one way: authorization, gates, one sending, and what the response teaches. */
export function bitbucketClient(dependencies: ClientDependencies): BitbucketClient {
  const { sendOnce, authorization, rateLimit, breakers, budget, clock } = dependencies;

  const failure = (request: ApiRequest, response: ApiResponse): BitbucketError =>
    responseFailure(response, {
      request: requestName(request),
      credentials: authorization.kind,
      redact: redacting(() => authorization.secrets()),
      target: request.target,
    });

  const once = async (request: ApiRequest, signal: AbortSignal): Promise<Outcome> => {
    if (signal.aborted) throw reasonOf(signal);
    const header = await authorization.header(signal);
    if (signal.aborted) throw reasonOf(signal);
    if (request.notAfter !== undefined && clock.monotonic() > request.notAfter)
      throw new LookExpired(requestName(request), request.sendings?.mayStillArrive ?? false);
    const permit = passGates(request);
    const result = await sendOnce(httpRequest(request, header), request.route.template, signal);
    const outcome =
      "error" in result ? learnFromSilence(result, permit, signal) : learnFromResponse(request, header, result, permit);
    if (outcome.kind === "failed" && outcome.mayHaveActed && request.sendings) request.sendings.mayStillArrive = true;
    return outcome;
  };

  /** Nothing may wait between the gates and the sending: what they allow is allowed now. */
  const passGates = (request: ApiRequest): BreakerPermit => {
    rateLimit.refuseWhilePaused();
    const permit = breakers.enter(requestName(request), request.scope);
    try {
      budget.take(request.scope, request.purpose);
    } catch (error) {
      permit.abandoned();
      throw error;
    }
    return permit;
  };

  const learnFromSilence = ({ error, sentAt }: NoResponse, permit: BreakerPermit, signal: AbortSignal): Failed => {
    if (signal.aborted) permit.abandoned();
    else permit.failed(error);
    return { kind: "failed", error, mayHaveActed: error.sent !== "no", isWorthAnotherToken: false, sentAt };
  };

  const learnFromResponse = (
    request: ApiRequest,
    header: string,
    response: ApiResponse,
    permit: BreakerPermit,
  ): Outcome => {
    const { status, sentAt } = response;
    if (status !== 401) authorization.accepted(header);
    const failed = { kind: "failed", mayHaveActed: false, isWorthAnotherToken: false, sentAt } as const;
    if (status >= 500) {
      const error = failure(request, response);
      permit.failed(error);
      return { ...failed, error, mayHaveActed: true };
    }
    permit.succeeded();
    if (status === 429) {
      return { ...failed, error: rateLimit.pushedBack(sentAt, askedWaitMs(response.headers)) };
    }
    rateLimit.served(sentAt);
    if (status === 401) {
      const error = failure(request, response);
      return { ...failed, error, isWorthAnotherToken: authorization.refused(header) };
    }
    return { kind: "response", response };
  };

  const askOnce = async (request: ApiRequest, signal: AbortSignal): Promise<ApiResponse> => {
    const first = await once(request, signal);
    const outcome = first.kind === "failed" && first.isWorthAnotherToken ? await once(request, signal) : first;
    if (outcome.kind === "failed") throw outcome.error;
    return outcome.response;
  };

  return {
    once,
    ask: (request, signal) => withRetries(() => askOnce(request, signal), dependencies, signal),
    failure,
  };
}

function httpRequest({ method, route, body }: ApiRequest, authorization: string): HttpRequest {
  return {
    method,
    url: route.url,
    headers: {
      authorization,
      accept: "application/json",
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  };
}
