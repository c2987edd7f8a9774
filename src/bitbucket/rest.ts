import type { RequestEnded } from "../domain/events.ts";
import type { Flavour } from "../domain/remote-runner.ts";
import type { Scope } from "../domain/scope.ts";
import type { Send } from "../http/transport.ts";
import type { Clock } from "../support/clock.ts";
import { parseJson } from "../support/json.ts";
import type { Log } from "../support/log.ts";
import type { Random } from "../support/random.ts";
import { BitbucketError } from "./errors.ts";
import { fixedAuthorization } from "./http/authorization.ts";
import { Breakers } from "./http/breaker.ts";
import { type BudgetSettings, RequestBudget } from "./http/budget.ts";
import { type ApiRequest, bitbucketClient, isSuccess, requestName, Sendings } from "./http/client.ts";
import { isAboutScope } from "./http/failures.ts";
import { allValues, PAGE_LENGTH } from "./http/paging.ts";
import { RateLimit } from "./http/rate-limit.ts";
import { type ApiResponse, sendOnceOver } from "./http/send-once.ts";
import { tokenAuthorization } from "./http/token.ts";
import type { Bitbucket, Credentials } from "./port.ts";
import { type Flavours, isInternalRefusal, pinnedFlavour, probedFlavours } from "./runners/flavour.ts";
import { type PagedListing, untilTwoAgree } from "./runners/paged-listing.ts";
import { registrationFrom } from "./runners/registration.ts";
import { routesBelow } from "./runners/routes.ts";
import { RunnerReader, runnerResource } from "./runners/runner-reader.ts";
import { scopeResolver } from "./runners/scope-resolver.ts";
import {
  askAboutRunner,
  askForListing,
  type FlavouredResponse,
  type RequestFor,
  scopedRequest,
} from "./runners/scoped-requests.ts";
import { statusChanges } from "./runners/status-change.ts";

/** Bitbucket Cloud's API. */
export const DEFAULT_API_URL = "https://api.bitbucket.org";
const DEFAULT_TOKEN_URL = "https://bitbucket.org/site/oauth2/access_token";

/** How to talk to Bitbucket Cloud. */
export interface RestOptions {
  readonly send: Send;
  /** Its time is what the budget's hour, pauses, back-off and deadlines are counted in. */
  readonly clock: Clock;
  readonly random: Random;
  readonly credentials: Credentials;
  /** Default {@link DEFAULT_API_URL}; `/2.0/…` and `/internal/…` are appended. */
  readonly apiUrl?: string | undefined;
  /** Default {@link DEFAULT_TOKEN_URL}; asked by OAuth consumers only. */
  readonly tokenUrl?: string | undefined;
  readonly flavour: "auto" | Flavour;
  readonly budget: BudgetSettings;
  readonly log: Log;
  /** Hears of every request's end, token requests too. Must not throw. */
  readonly onRequest?: ((event: RequestEnded) => void) | undefined;
}

/** No request takes longer, by the clock, from its sending to the end of its response's body. */
const REQUEST_DEADLINE_MS = 30_000;

/** Whether a response about one runner says that there is none. */
function isAboutRunner(response: ApiResponse): boolean {
  return response.status === 404 && !isAboutScope(response);
}

/** {@link Bitbucket} over its REST API. One per credential and process: rate limit, budget and token are the credential's. */
export function restBitbucket(options: RestOptions): Bitbucket {
  const { clock, random, log, credentials, onRequest } = options;
  const routes = routesBelow(options.apiUrl ?? DEFAULT_API_URL);
  const tokenUrl = options.tokenUrl ?? DEFAULT_TOKEN_URL;
  const sendOnce = sendOnceOver({ send: options.send, clock, deadlineMs: REQUEST_DEADLINE_MS, log, onRequest });
  const authorization =
    credentials.kind === "oauth-consumer"
      ? tokenAuthorization({ credentials, tokenUrl, sendOnce, clock, random, log })
      : fixedAuthorization(credentials);
  const budget = new RequestBudget(clock, options.budget);
  const rateLimit = new RateLimit(clock, random, log);
  const breakers = new Breakers(clock, random, log);
  const client = bitbucketClient({ sendOnce, authorization, rateLimit, breakers, budget, clock, random });

  const listRequest = (scope: Scope, flavour: Flavour, pageLength: number): ApiRequest =>
    scopedRequest(scope, "routine", { method: "GET", route: routes.runners(flavour, scope, pageLength) });
  const flavours: Flavours =
    options.flavour === "auto"
      ? probedFlavours({
          probe: (scope, signal) => client.ask(listRequest(scope, "internal", 1), signal),
          failureOf: (scope, response) => client.failure(listRequest(scope, "internal", 1), response),
          clock,
          log,
        })
      : pinnedFlavour(options.flavour);
  const dependencies = { client, flavours, routes };
  const setStatus = statusChanges(dependencies);
  const reader = new RunnerReader();

  /** One reading of all pages. */
  const readListing = async (scope: Scope, signal: AbortSignal): Promise<PagedListing> => {
    const requestFor = (on: Flavour) => listRequest(scope, on, PAGE_LENGTH);
    const answered = await askForListing(dependencies, scope, requestFor, signal);
    const { request, response } = answered;
    if (!isSuccess(response)) {
      // Neither flavour reads: what was concluded from the first refusal may have been a missing permission.
      flavours.forget(scope);
      throw client.failure(request, response);
    }
    const { values, pages, promised } = await allValues(
      requestName(request),
      request.route.url,
      response,
      async (url) => {
        const pageRequest = { ...request, route: { ...request.route, url } };
        const page = await client.ask(pageRequest, signal);
        if (!isSuccess(page)) throw client.failure(pageRequest, page);
        return page;
      },
    );
    const runners = values.map((value) => runnerResource(request, value));
    const byUuid = new Map(runners.map((runner) => [runner.uuid, runner]));
    const addsUp = promised === undefined || byUuid.size >= promised;
    const listing = reader.read(scope, answered, [...byUuid.values()]);
    return { listing, pages, addsUp, request: requestName(request) };
  };

  /**
   * Asks about one runner. A 404 is believed only where the same API serves the scope's runners right after it: one that was withdrawn
   * answers 404 to everything.
   */
  const askUntilServed = async (
    scope: Scope,
    requestFor: RequestFor,
    signal: AbortSignal,
  ): Promise<FlavouredResponse> => {
    const answered = await askAboutRunner(dependencies, scope, requestFor, signal);
    if (!isAboutRunner(answered.response)) return answered;
    const probe = listRequest(scope, answered.flavour, 1);
    const response = await client.ask(probe, signal);
    if (isSuccess(response)) return answered;
    flavours.forget(scope);
    const flavour = await flavours.current(scope, signal);
    if (flavour === answered.flavour) throw client.failure(probe, response);
    return askAboutRunner(dependencies, scope, requestFor, signal);
  };

  return {
    resolve: scopeResolver(client, routes, clock),

    async list(scope, signal) {
      return untilTwoAgree(() => readListing(scope, signal));
    },

    async get(scope, uuid, signal) {
      const requestFor = (on: Flavour) =>
        scopedRequest(scope, "urgent", { method: "GET", route: routes.runner(on, scope, uuid) });
      const answered = await askUntilServed(scope, requestFor, signal);
      const { request, response } = answered;
      const isMissing = isAboutRunner(response);
      if (!isMissing && !isSuccess(response)) throw client.failure(request, response);
      const resources = isMissing ? [] : [runnerResource(request, parseJson(response.text))];
      const { runners, flavour, begunAt, serverTime } = reader.read(scope, answered, resources);
      return { flavour, begunAt, serverTime, runner: runners[0] };
    },

    async register(scope, { name, labels }, signal) {
      try {
        const flavour = await flavours.current(scope, signal);
        const route = routes.registration(flavour, scope);
        const request = scopedRequest(scope, "routine", { method: "POST", route, body: { name, labels } });
        const outcome = await client.once(request, signal);
        if (flavour === "internal" && outcome.kind === "response" && isInternalRefusal(outcome.response))
          flavours.forget(scope);
        return registrationFrom(client, request, outcome);
      } catch (error) {
        if (error instanceof BitbucketError) return { kind: "refused", error };
        throw error;
      }
    },

    disable: (scope, runner, notAfter, signal) => setStatus(scope, runner, { status: "DISABLED", notAfter }, signal),

    async enable(scope, runner, notAfter, signal) {
      await setStatus(scope, runner, { status: "ENABLED", notAfter }, signal);
    },

    recallSteps: (scope) => reader.recallSteps(scope),

    async remove(scope, uuid, notAfter, signal) {
      const sendings = new Sendings();
      const requestFor = (on: Flavour) =>
        scopedRequest(scope, "urgent", { method: "DELETE", route: routes.runner(on, scope, uuid), notAfter, sendings });
      const { request, response } = await askAboutRunner(dependencies, scope, requestFor, signal);
      if (response.status !== 404 && !isSuccess(response)) throw client.failure(request, response);
    },

    budget: () => ({ capacity: budget.capacity, left: budget.left(), pausedUntil: rateLimit.pausedUntil }),
  };
}
