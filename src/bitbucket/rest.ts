import type { Flavour } from "../domain/remote-runner.ts";
import type { Scope } from "../domain/scope.ts";
import type { Send } from "../http/transport.ts";
import type { Clock } from "../support/clock.ts";
import { parseJson } from "../support/json.ts";
import type { Log } from "../support/log.ts";
import type { Random } from "../support/random.ts";
import { BitbucketError, UnexpectedReply } from "./errors.ts";
import { fixedAuthorization } from "./http/authorization.ts";
import { Breakers } from "./http/breaker.ts";
import { type BudgetSettings, RequestBudget } from "./http/budget.ts";
import { type Call, clientBehind, isSuccess, requestName } from "./http/client.ts";
import { isAboutScope } from "./http/failures.ts";
import { allValues, PAGE_LENGTH } from "./http/paging.ts";
import { Pause } from "./http/rate-limit.ts";
import { attempts, type RequestOutcome } from "./http/send-once.ts";
import { tokenAuthorization } from "./http/token.ts";
import type { Bitbucket, Credentials } from "./port.ts";
import { type Flavours, isInternalRefusal, pinnedFlavour, probedFlavours } from "./runners/flavour.ts";
import { registrationFrom } from "./runners/registration.ts";
import { routesBelow } from "./runners/routes.ts";
import { Readings, runnerResource } from "./runners/runner-reader.ts";
import { scopeResolver } from "./runners/scope-resolver.ts";
import { askOnFlavour, DOUBTS, scopedCall } from "./runners/scoped-requests.ts";
import { statusChanges } from "./runners/status-change.ts";

export const DEFAULT_API_URL = "https://api.bitbucket.org";
const DEFAULT_TOKEN_URL = "https://bitbucket.org/site/oauth2/access_token";

/** How to talk to Bitbucket Cloud. */
export interface RestOptions {
  readonly send: Send;
  /** World time: the budget's hour, pauses, back-off and deadlines are counted in it. */
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
  /** Hears of every request's end, token requests too. */
  readonly onRequest?: ((outcome: RequestOutcome) => void) | undefined;
}

/** No request takes longer, in world time, from its sending to the end of its reply's body. */
const REQUEST_DEADLINE_MS = 30_000;

/** {@link Bitbucket} over its REST API. One per credential and process: pause, budget and token are the credential's. */
export function restBitbucket(options: RestOptions): Bitbucket {
  const { clock, random, log, credentials, onRequest } = options;
  const routes = routesBelow(options.apiUrl ?? DEFAULT_API_URL);
  const tokenUrl = options.tokenUrl ?? DEFAULT_TOKEN_URL;
  const attempt = attempts({ send: options.send, clock, deadlineMs: REQUEST_DEADLINE_MS, log, onRequest });
  const authorization =
    credentials.kind === "oauth-consumer"
      ? tokenAuthorization({ credentials, tokenUrl, attempt, clock, random, log })
      : fixedAuthorization(credentials);
  const budget = new RequestBudget(clock, options.budget);
  const pause = new Pause(clock, random, log);
  const breakers = new Breakers(clock, random, log);
  const client = clientBehind({ attempt, authorization, pause, breakers, budget, clock, random });

  const listCall = (scope: Scope, flavour: Flavour, pageLength: number): Call =>
    scopedCall(scope, "routine", { method: "GET", route: routes.runners(flavour, scope, pageLength) });
  const flavours: Flavours =
    options.flavour === "auto"
      ? probedFlavours({
          probe: (scope, signal) => client.ask(listCall(scope, "internal", 1), signal),
          failureOf: (scope, reply) => client.failure(listCall(scope, "internal", 1), reply),
          clock,
          log,
        })
      : pinnedFlavour(options.flavour);
  const behind = { client, flavours, routes };
  const setStatus = statusChanges(behind);
  const readings = new Readings();

  return {
    resolve: scopeResolver(client, routes, clock),

    async list(scope, signal) {
      const flavour = await flavours.refreshed(scope, signal);
      const listing = (on: Flavour) => listCall(scope, on, PAGE_LENGTH);
      const answered = await askOnFlavour(behind, scope, flavour, DOUBTS.listing, listing, signal);
      const { call, reply } = answered;
      if (!isSuccess(reply)) {
        // Neither flavour reads: what was concluded from the first refusal may have been a missing permission.
        flavours.forget(scope);
        throw client.failure(call, reply);
      }
      const { values, promised } = await allValues(requestName(call), call.route.url, reply, async (url) => {
        const pageCall = { ...call, route: { ...call.route, url } };
        const page = await client.ask(pageCall, signal);
        if (!isSuccess(page)) throw client.failure(pageCall, page);
        return page;
      });
      const runners = values.map((value) => runnerResource(call, value));
      const byUuid = new Map(runners.map((runner) => [runner.uuid, runner]));
      if (promised !== undefined && byUuid.size < promised) {
        throw new UnexpectedReply(requestName(call), "its pages do not add up, it changed while it was read");
      }
      return readings.of(scope, answered, [...byUuid.values()]);
    },

    async get(scope, uuid, signal) {
      const flavour = await flavours.current(scope, signal);
      const reading = (on: Flavour) =>
        scopedCall(scope, "urgent", { method: "GET", route: routes.runner(on, scope, uuid) });
      const answered = await askOnFlavour(behind, scope, flavour, DOUBTS.runner, reading, signal);
      const { call, reply } = answered;
      const isMissing = reply.status === 404 && !isAboutScope(reply);
      if (!isMissing && !isSuccess(reply)) throw client.failure(call, reply);
      const resources = isMissing ? [] : [runnerResource(call, parseJson(reply.text))];
      const { runners, ...rest } = readings.of(scope, answered, resources);
      return { ...rest, runner: runners[0] };
    },

    async register(scope, { name, labels }, signal) {
      try {
        const flavour = await flavours.current(scope, signal);
        const route = routes.registration(flavour, scope);
        const call = scopedCall(scope, "routine", { method: "POST", route, body: { name, labels } });
        const outcome = await client.once(call, signal);
        if (flavour === "internal" && !("lost" in outcome) && isInternalRefusal(outcome)) flavours.forget(scope);
        return registrationFrom(client, call, outcome);
      } catch (error) {
        if (error instanceof BitbucketError) return { kind: "refused", error };
        throw error;
      }
    },

    disable: (scope, runner, signal) => setStatus(scope, runner, "DISABLED", "routine", signal),

    enable: (scope, runner, signal) => setStatus(scope, runner, "ENABLED", "urgent", signal),

    async remove(scope, uuid, signal) {
      const flavour = await flavours.current(scope, signal);
      const removal = (on: Flavour) =>
        scopedCall(scope, "urgent", { method: "DELETE", route: routes.runner(on, scope, uuid) });
      const { call, reply } = await askOnFlavour(behind, scope, flavour, DOUBTS.runner, removal, signal);
      if (reply.status !== 404 && !isSuccess(reply)) throw client.failure(call, reply);
    },

    budget: () => ({ capacity: budget.capacity, left: budget.left(), pausedUntil: pause.until }),
  };
}
