import { expect, test } from "vitest";
import { BitbucketError } from "../../bitbucket/errors.ts";
import type { Bitbucket, Registration } from "../../bitbucket/port.ts";
import { type HttpRequest, textResponse } from "../../http/transport.ts";
import { Secret } from "../../support/secret.ts";
import { createRedactor } from "./redaction.ts";
import { rememberingBitbucket, rememberingSend } from "./remembering.ts";

test.each([
  ["Bearer token-of-a-service-account", "token-of-a-service-account"],
  ["Basic bm90OmJhc2ljYWxseQ", "bm90OmJhc2ljYWxseQ"],
])("what a request authenticates with is masked from then on: %s", async (authorization, secret) => {
  const redactor = createRedactor();
  const sent: HttpRequest[] = [];
  const send = rememberingSend(async (request) => {
    sent.push(request);
    return textResponse(200, {}, "");
  }, redactor);
  const request = { method: "GET", url: "http://x/", headers: { authorization } } as const;
  expect(redactor.redact(`got ${secret}`)).toBe(`got ${secret}`);
  await send(request);
  expect(sent).toEqual([request]);
  expect(redactor.redact(`got ${secret}`)).toBe("got [redacted]");
});

test("a request without credentials is sent as it is", async () => {
  const send = rememberingSend(async () => textResponse(204, {}, ""), createRedactor());
  expect((await send({ method: "GET", url: "http://x/", headers: {} })).status).toBe(204);
});

/** A Bitbucket that answers a registration, and everything else with its name and what it was given. */
function answering(registration: Registration): Bitbucket {
  const echo =
    (name: string) =>
    (...given: unknown[]) =>
      Promise.resolve([name, ...given] as never);
  return {
    resolve: echo("resolve"),
    list: echo("list"),
    get: echo("get"),
    register: async () => registration,
    disable: echo("disable"),
    enable: echo("enable"),
    remove: echo("remove"),
    recallSteps: () => undefined,
    budget: () => ({ capacity: 1, left: 1, pausedUntil: 0 }),
  };
}

const scope = { workspace: { uuid: "{w}", slug: "w" } };
const { signal } = new AbortController();
const ANY_TIME = Number.POSITIVE_INFINITY;

test("a new runner's secret is masked from then on", async () => {
  const redactor = createRedactor();
  const oauthClientSecret = new Secret("of-the-new-runner");
  const registration = { kind: "registered", uuid: "{r}", oauthClientId: "id", oauthClientSecret } as const;
  const bitbucket = rememberingBitbucket(answering(registration), redactor);
  expect(await bitbucket.register(scope, { name: "n", labels: [] }, signal)).toBe(registration);
  expect(redactor.redact("x of-the-new-runner")).toBe("x [redacted]");
});

test("a refusal passes as it is, and so does everything else", async () => {
  const refused = { kind: "refused", error: new BitbucketError("no", "do") } as const;
  const bitbucket = rememberingBitbucket(answering(refused), createRedactor());
  const runner = { uuid: "{r}", name: "n", labels: [] };
  expect(await bitbucket.register(scope, runner, signal)).toBe(refused);
  expect(await bitbucket.list(scope, signal)).toEqual(["list", scope, signal]);
  expect(await bitbucket.get(scope, "{r}", signal)).toEqual(["get", scope, "{r}", signal]);
  expect(await bitbucket.resolve({ workspace: "w" }, signal)).toEqual(["resolve", { workspace: "w" }, signal]);
  expect(await bitbucket.disable(scope, runner, ANY_TIME, signal)).toEqual([
    "disable",
    scope,
    runner,
    ANY_TIME,
    signal,
  ]);
  expect(await bitbucket.enable(scope, runner, ANY_TIME, signal)).toEqual(["enable", scope, runner, ANY_TIME, signal]);
  expect(await bitbucket.remove(scope, "{r}", ANY_TIME, signal)).toEqual(["remove", scope, "{r}", ANY_TIME, signal]);
  expect(bitbucket.budget().capacity).toBe(1);
});
