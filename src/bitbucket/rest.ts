import type { Flavour, RemoteRunner } from "../domain/remote-runner.ts";
import { type Scope, scopeKey } from "../domain/scope.ts";
import type { Send } from "../http/transport.ts";
import type { Clock } from "../support/clock.ts";
import type { Log } from "../support/log.ts";
import type { Random } from "../support/random.ts";
import { attempts, type Reply, type RequestOutcome } from "./attempt.ts";
import { fixedAuthorization } from "./authorization.ts";
import { Breakers } from "./breaker.ts";
import { type BudgetSettings, type Purpose, RequestBudget } from "./budget.ts";
import { type Call, clientBehind, isSuccess, requestName } from "./client.ts";
import type { Credentials } from "./credentials.ts";
import { BitbucketError, RunnerGone, UnexpectedReply } from "./errors.ts";
import { isAboutScope, targetOf } from "./failures.ts";
import { type Flavours, isInternalRefusal, pinnedFlavour, probedFlavours } from "./flavour.ts";
import { parseJson } from "./json.ts";
import { allValues, PAGE_LENGTH } from "./paging.ts";
import { Pause } from "./pause.ts";
import type { Bitbucket, Registration } from "./port.ts";
import { registrationFrom } from "./registration.ts";
import { scopeResolver } from "./resolution.ts";
import { hasStep, RunnerResource, remoteRunner } from "./resources.ts";
import { routesBelow } from "./routes.ts";
import { type SettableStatus, StatusSpelling } from "./status-spelling.ts";
import { tokenAuthorization } from "./token.ts";

/** How to talk to Bitbucket Cloud. */
export interface RestOptions {
  readonly send: Send;
  /** World time: the budget's hour, pauses, back-off and deadlines are counted in it. */
  readonly clock: Clock;
  readonly random: Random;
  readonly credentials: Credentials;
  /** Default `https://api.bitbucket.org`; `/2.0/…` and `/internal/…` are appended. */
  readonly apiUrl?: string | undefined;
  /** Default `https://bitbucket.org/site/oauth2/access_token`; asked by OAuth consumers only. */
  readonly tokenUrl?: string | undefined;
  readonly flavour: "auto" | Flavour;
  readonly budget: BudgetSettings;
  readonly log: Log;
  /** Hears of every request's end, token requests too. */
  readonly onRequest?: ((outcome: RequestOutcome) => void) | undefined;
}

/** No request takes longer, in world time, from its sending to the end of its reply's body. */
const REQUEST_DEADLINE_MS = 30_000;

/** Statuses at which a listing on the internal API makes us look whether that is still served; a single runner's 403 or 404 proves less. */
const DOUBTS_OF_LISTING: readonly number[] = [403, 404, 410];
const DOUBTS_OF_RUNNER: readonly number[] = [410];

/** {@link Bitbucket} over its REST API. One per credential and process: pause, budget and token are the credential's. */
export function restBitbucket(options: RestOptions): Bitbucket {
  const { clock, random, log, credentials, onRequest } = options;
  const routes = routesBelow(options.apiUrl ?? "https://api.bitbucket.org");
  const tokenUrl = options.tokenUrl ?? "https://bitbucket.org/site/oauth2/access_token";
  const attempt = attempts({ send: options.send, clock, deadlineMs: REQUEST_DEADLINE_MS, log, onRequest });
  const authorization =
    credentials.kind === "oauth-consumer"
      ? tokenAuthorization({ credentials, tokenUrl, attempt, clock, random, log })
      : fixedAuthorization(credentials);
  const budget = new RequestBudget(clock, options.budget);
  const pause = new Pause(clock, random, log);
  const breakers = new Breakers(clock, random, log);
  const client = clientBehind({ attempt, authorization, pause, breakers, budget, clock, random });
  const spelling = new StatusSpelling();
  /** Scopes whose runners showed a step on the public API: there, no step means idle from then on. */
  const showedSteps = new Set<string>();

  const callOn = (scope: Scope, purpose: Purpose, rest: Pick<Call, "method" | "route" | "body">): Call => ({
    ...rest,
    scope: scopeKey(scope),
    purpose,
    target: targetOf(scope),
  });
  const listCall = (scope: Scope, flavour: Flavour, pageLength: number): Call =>
    callOn(scope, "routine", { method: "GET", route: routes.runners(flavour, scope, pageLength) });

  const flavours: Flavours =
    options.flavour === "auto"
      ? probedFlavours({
          probe: (scope, signal) => client.ask(listCall(scope, "internal", 1), signal),
          failureOf: (scope, reply) => client.failure(listCall(scope, "internal", 1), reply),
          clock,
          log,
        })
      : pinnedFlavour(options.flavour);

  /** Asks on the scope's flavour; when the reply casts doubt on that, finds out anew, and asks there. */
  const askOnFlavour = async (
    scope: Scope,
    first: Flavour,
    doubts: readonly number[],
    callFor: (flavour: Flavour) => Call,
    signal: AbortSignal,
  ): Promise<{ flavour: Flavour; call: Call; reply: Reply }> => {
    const call = callFor(first);
    const reply = await client.ask(call, signal);
    if (first === "public" || !doubts.includes(reply.status) || !isInternalRefusal(reply)) {
      return { flavour: first, call, reply };
    }
    flavours.forget(scope);
    const flavour = await flavours.current(scope, signal);
    if (flavour === first) return { flavour, call, reply };
    const otherCall = callFor(flavour);
    return { flavour, call: otherCall, reply: await client.ask(otherCall, signal) };
  };

  const read = (scope: Scope, flavour: Flavour, reply: Reply, resources: readonly RunnerResource[]) => {
    if (flavour === "public" && resources.some(hasStep)) showedSteps.add(scopeKey(scope));
    const showsSteps = flavour === "internal" || showedSteps.has(scopeKey(scope));
    const date = Date.parse(reply.headers.date ?? "");
    const serverTime = Number.isNaN(date) ? reply.sentAt : date;
    const runners: readonly RemoteRunner[] = resources.map((resource) =>
      remoteRunner(resource, { showsSteps, serverTime }),
    );
    return { flavour, begunAt: reply.sentAt, serverTime, runners };
  };

  const setStatus = async (
    scope: Scope,
    runner: Pick<RemoteRunner, "uuid" | "name" | "labels">,
    status: SettableStatus,
    purpose: Purpose,
    signal: AbortSignal,
  ): Promise<void> => {
    const put = (flavour: Flavour): Call =>
      flavour === "internal"
        ? callOn(scope, purpose, {
            method: "PUT",
            route: routes.runnerState(scope, runner.uuid),
            body: { status },
          })
        : callOn(scope, purpose, {
            method: "PUT",
            route: routes.runner("public", scope, runner.uuid),
            body: { name: runner.name, labels: runner.labels, state: { status: spelling.of(status) } },
          });
    const ask = async () => askOnFlavour(scope, await flavours.current(scope, signal), DOUBTS_OF_RUNNER, put, signal);

    let { flavour, call, reply } = await ask();
    if (flavour === "public" && reply.status === 400) {
      spelling.refused();
      ({ flavour, call, reply } = await ask());
    }
    if (reply.status === 404 && !isAboutScope(reply)) throw new RunnerGone(runner.uuid, "");
    if (!isSuccess(reply)) throw client.failure(call, reply);
    if (flavour === "public") spelling.answered(status, reply.text);
  };

  return {
    resolve: scopeResolver(client, routes, clock),

    async list(scope, signal) {
      const { flavour, call, reply } = await askOnFlavour(
        scope,
        await flavours.refreshed(scope, signal),
        DOUBTS_OF_LISTING,
        (on) => listCall(scope, on, PAGE_LENGTH),
        signal,
      );
      if (!isSuccess(reply)) {
        // Neither flavour reads: what was concluded from the first refusal may have been a missing permission.
        flavours.forget(scope);
        throw client.failure(call, reply);
      }
      const values = await allValues(requestName(call), call.route.url, reply, async (url) => {
        const pageCall = { ...call, route: { ...call.route, url } };
        const page = await client.ask(pageCall, signal);
        if (!isSuccess(page)) throw client.failure(pageCall, page);
        return page;
      });
      const byUuid = new Map(values.map((value) => runnerIn(call, value)).map((runner) => [runner.uuid, runner]));
      return read(scope, flavour, reply, [...byUuid.values()]);
    },

    async get(scope, uuid, signal) {
      const { flavour, call, reply } = await askOnFlavour(
        scope,
        await flavours.current(scope, signal),
        DOUBTS_OF_RUNNER,
        (on) => callOn(scope, "urgent", { method: "GET", route: routes.runner(on, scope, uuid) }),
        signal,
      );
      const isMissing = reply.status === 404 && !isAboutScope(reply);
      if (!isMissing && !isSuccess(reply)) throw client.failure(call, reply);
      const { runners, ...reading } = read(
        scope,
        flavour,
        reply,
        isMissing ? [] : [runnerIn(call, parseJson(reply.text))],
      );
      return { ...reading, runner: runners[0] };
    },

    async register(scope, { name, labels }, signal): Promise<Registration> {
      try {
        const flavour = await flavours.current(scope, signal);
        const call = callOn(scope, "routine", {
          method: "POST",
          route: routes.registration(flavour, scope),
          body: { name, labels },
        });
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
      const { call, reply } = await askOnFlavour(
        scope,
        await flavours.current(scope, signal),
        DOUBTS_OF_RUNNER,
        (on) => callOn(scope, "urgent", { method: "DELETE", route: routes.runner(on, scope, uuid) }),
        signal,
      );
      if (reply.status !== 404 && !isSuccess(reply)) throw client.failure(call, reply);
    },

    budget: () => ({ capacity: budget.capacity, left: budget.left(), pausedUntil: pause.until }),
  };
}

function runnerIn(call: Call, value: unknown): RunnerResource {
  const parsed = RunnerResource.safeParse(value);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join(".") ?? "";
  throw new UnexpectedReply(
    requestName(call),
    where === "" ? "no runner in it" : `a runner whose ${where} is not readable`,
  );
}
