import { setMaxListeners } from "node:events";
import type { Credentials } from "../../src/bitbucket/port.ts";
import type { RestOptions } from "../../src/bitbucket/rest.ts";
import type { Scope } from "../../src/domain/scope.ts";
import { type HttpRequest, type HttpResponse, type Send, textResponse } from "../../src/http/transport.ts";
import type { Clock } from "../../src/support/clock.ts";
import { silentLog } from "../../src/support/log.ts";
import { seededRandom } from "../../src/support/random.ts";
import { Secret } from "../../src/support/secret.ts";

/** A request as a scripted server sees it. */
export interface Received {
  readonly method: HttpRequest["method"];
  readonly host: string;
  /** With query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal | undefined;
}

export type Answer = (request: Received) => HttpResponse | Promise<HttpResponse>;

/** A server made of one function; keeps what it was asked. */
export function scriptedBitbucket(answer: Answer): { readonly send: Send; readonly received: Received[] } {
  const received: Received[] = [];
  return {
    received,
    send: async ({ method, url, headers, body, signal }) => {
      const { host, pathname, search } = new URL(url);
      const request = { method, host, path: pathname + search, headers, body: body ?? "", signal };
      received.push(request);
      return answer(request);
    },
  };
}

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  return textResponse(status, { "content-type": "application/json", ...headers }, JSON.stringify(body));
}

/** A server that never answers, and does not even notice when the caller gives up. */
export function silence(): Promise<HttpResponse> {
  return new Promise(() => undefined);
}

/** Lets time pass, a little at a time, until the promise settles. */
export async function settle<T>(clock: { advance(ms: number): Promise<void> }, promise: Promise<T>): Promise<T> {
  let settled = false;
  const watched = promise.finally(() => {
    settled = true;
  });
  watched.catch(() => undefined);
  for (let steps = 0; steps < 10_000; steps += 1) {
    await clock.advance(0);
    if (settled) return watched;
    await clock.advance(100);
  }
  throw new Error("did not settle within 1,000 s of the clock's time");
}

/** What a promise rejected with; fails when it did not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("expected a rejection");
}

const anAccessToken: Credentials = { kind: "access-token", token: new Secret("access-token-text") };
export const anApiToken: Credentials = {
  kind: "api-token",
  email: "admin@example.com",
  token: new Secret("api-token-text"),
};
export const aConsumer: Extract<Credentials, { kind: "oauth-consumer" }> = {
  kind: "oauth-consumer",
  clientId: "client-id",
  clientSecret: new Secret("client-secret-text"),
};

/** Options for an adapter on a virtual clock, generous in everything that a test does not look at. */
export function restOptions(clock: Clock, send: Send, rest: Partial<RestOptions> = {}): RestOptions {
  return {
    send,
    clock,
    random: seededRandom(1),
    credentials: anAccessToken,
    flavour: "public",
    budget: { requestsPerHour: 100_000, share: 1 },
    log: silentLog,
    ...rest,
  };
}

export const aWorkspaceScope: Scope = { workspace: { uuid: "{w-1}", slug: "acme" } };
export const aRepositoryScope: Scope = { ...aWorkspaceScope, repository: { uuid: "{r-1}", slug: "shop" } };

/** A signal that never aborts, however many listen. */
export const unaborted: AbortSignal = new AbortController().signal;
setMaxListeners(0, unaborted);

/** A runner resource as Bitbucket's documentation shows it. */
export function aRunnerResource(uuid: string, state: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    type: "pipeline_runner",
    uuid,
    name: `name of ${uuid}`,
    labels: ["self.hosted", "linux", "gke.runner"],
    state: { status: "ONLINE", updated_on: "2026-11-23T09:00:00.123456789Z", cordoned: false, ...state },
    created_on: "2026-11-23T08:00:00.000000001Z",
    updated_on: "2026-11-23T09:00:00.000000001Z",
    oauth_client: { id: "oauth-id", audience: "api.example.com" },
  };
}

/** A look that never grows too old. */
export const ANY_TIME = Number.POSITIVE_INFINITY;
