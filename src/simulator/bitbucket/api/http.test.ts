import { describe, expect, test } from "vitest";
import { basic, bitbucketWorld, CONSUMER } from "../../../../test/support/bitbucket-world.ts";
import { TransportError } from "../../../http/transport.ts";

const RUNNERS = "/pipelines-config/runners";
const WORKSPACE = "/2.0/workspaces/woodpecker";

test.each([403, 404, 410] as const)("/internal may answer every call with %i", async (status) => {
  const { ask, world } = bitbucketWorld({ internal: status });
  expect((await ask("GET", `/internal/workspaces/woodpecker${RUNNERS}`)).status).toBe(status);
  expect((await ask("GET", WORKSPACE + RUNNERS)).status).toBe(200);
  world.behaviour.internal = "served";
  expect((await ask("GET", `/internal/workspaces/woodpecker${RUNNERS}`)).status).toBe(200);
});

describe("rights", () => {
  const listing = ["GET", WORKSPACE + RUNNERS] as const;
  const posting = ["POST", WORKSPACE + RUNNERS] as const;
  const app = "/2.0/repositories/woodpecker/app";
  const seed = [
    "read:repository:bitbucket",
    "read:workspace:bitbucket",
    "read:runner:bitbucket",
    "write:runner:bitbucket",
  ];

  test.each([
    // kind, granted, method, path, status, required
    ["consumer", ["runner"], ...listing, 200, undefined],
    ["consumer", ["runner:write"], ...listing, 200, undefined],
    ["consumer", ["account", "repository"], ...listing, 403, ["runner"]],
    ["consumer", ["runner"], ...posting, 403, ["runner:write"]],
    ["consumer", [], "GET", WORKSPACE, 200, undefined],
    ["consumer", [], "GET", app, 403, ["repository"]],
    ["consumer", ["pipeline:write"], "GET", `${app}/pipelines`, 200, undefined],
    ["consumer", [], "GET", "/2.0/user", 403, ["account"]],
    ["token", seed, ...listing, 200, undefined],
    ["token", seed, "GET", WORKSPACE, 200, undefined],
    ["token", seed, "GET", app, 200, undefined],
    ["token", seed, ...posting, 400, undefined],
    ["token", seed, "GET", `${app}/pipelines`, 403, ["read:pipeline:bitbucket"]],
    ["token", ["write:runner:bitbucket"], ...listing, 403, ["read:runner:bitbucket"]],
    ["token", ["read:runner:bitbucket"], ...posting, 403, ["read:runner:bitbucket", "write:runner:bitbucket"]],
    ["token", ["read:user:bitbucket"], "GET", "/2.0/user", 200, undefined],
  ] as const)("of a %s with %j: %s %s → %i", async (kind, scopes, method, path, status, required) => {
    const { ask, world } = bitbucketWorld();
    world.credentials.addApiToken({ email: "a@b.example", token: "api-token", scopes, admin: true });
    world.credentials.addAccessToken({ name: "t", token: "access", scopes, admin: true });
    const authorization = kind === "token" ? basic("a@b.example", "api-token") : "Bearer access";
    const answer = await ask(method, path, { authorization });
    expect(answer.status).toBe(status);
    if (required !== undefined) {
      const message = "Your credentials lack one or more required privilege scopes.";
      expect(answer.json).toEqual({ type: "error", error: { message, detail: { required, granted: scopes } } });
    }
  });

  test("without administration reach places and pipelines, but no runners", async () => {
    const { ask, world } = bitbucketWorld();
    world.credentials.change("default", { admin: false });
    for (const path of [WORKSPACE, app, `${app}/pipelines`]) expect((await ask("GET", path)).status).toBe(200);
    const { status, json } = await ask(...listing);
    expect(status).toBe(403);
    expect(json).not.toHaveProperty("error.detail");
  });

  test.each([
    ["none", ""],
    ["an unknown token", "Bearer unknown"],
    ["an unknown account", basic("x@y.example", "token")],
    ["an account with another token", basic("a@b.example", "other")],
    ["an app password", basic("username", "app-password")],
    ["nonsense", "Basic %%%"],
  ])("with %s for credentials are none: 401", async (_, authorization) => {
    const { ask, world } = bitbucketWorld();
    world.credentials.addApiToken({ email: "a@b.example", token: "api-token", scopes: [], admin: true });
    const { status, json } = await ask("GET", WORKSPACE, { authorization });
    expect(status).toBe(401);
    expect(json).toMatchObject({ type: "error", error: { message: expect.any(String) as string } });
  });

  test("end when the credential is revoked, or its tokens expire", async () => {
    const { ask, world } = bitbucketWorld();
    world.credentials.revoke("default");
    expect((await ask("GET", WORKSPACE)).status).toBe(401);
    const body = "grant_type=client_credentials";
    const authorization = basic(CONSUMER.id, CONSUMER.secret);
    const granted = await ask("POST", "https://bitbucket.org/site/oauth2/access_token", { authorization, body });
    const bearer = `Bearer ${(granted.json as { access_token: string }).access_token}`;
    expect((await ask("GET", WORKSPACE, { authorization: bearer })).status).toBe(200);
    world.credentials.expireIssuedTokens();
    expect((await ask("GET", WORKSPACE, { authorization: bearer })).status).toBe(401);
  });

  test("end at the workspaces and the repository that a credential sees", async () => {
    const { ask, world, workspace, repository } = bitbucketWorld();
    world.addRepository(workspace, { slug: "other" });
    world.credentials.change("default", { workspaces: ["elsewhere"] });
    expect((await ask("GET", WORKSPACE)).status).toBe(404);
    world.credentials.change("default", { workspaces: ["woodpecker"], repositoryUuid: repository.uuid });
    expect((await ask("GET", app + RUNNERS)).status).toBe(200);
    expect((await ask("GET", `/2.0/repositories/woodpecker/other${RUNNERS}`)).status).toBe(404);
    expect((await ask(...listing)).status).toBe(403);
  });
});

describe("errors", () => {
  test.each([
    ["an unknown workspace", `/2.0/workspaces/nobody${RUNNERS}`],
    ["an unknown repository", `/2.0/repositories/woodpecker/nothing${RUNNERS}`],
    ["an unknown path", "/2.0/nothing"],
    ["another root", "/3.0/workspaces/woodpecker"],
    ["bad encoding", "/2.0/workspaces/%E0%A4%A"],
    ["an unknown pipeline", "/2.0/repositories/woodpecker/app/pipelines/%7Bx%7D/steps"],
  ])("%s → 404", async (_, path) => {
    const { ask } = bitbucketWorld();
    expect((await ask("GET", path)).status).toBe(404);
  });

  test.each([
    ["typed", { type: "error", error: { message: "Runner not found" } }, undefined],
    ["untyped", { error: { message: "Runner not found" } }, undefined],
    ["string", { error: "Runner not found" }, undefined],
    ["text", undefined, "Runner not found"],
    ["empty", undefined, ""],
  ] as const)("in the shape %s", async (errorShape, json, text) => {
    const { ask } = bitbucketWorld({ errorShape });
    const answer = await ask("GET", `${WORKSPACE}${RUNNERS}/nobody`);
    expect(answer.status).toBe(404);
    expect(answer.json).toEqual(json);
    if (text !== undefined) expect(answer.text).toBe(text);
  });

  test.each([403, 404, 503])("of a suspended scope: %i there and only there", async (status) => {
    const { ask, world, workspace } = bitbucketWorld();
    world.places.suspend(workspace.uuid, status);
    expect((await ask("GET", WORKSPACE + RUNNERS)).status).toBe(status);
    expect((await ask("GET", `/2.0/repositories/woodpecker/app${RUNNERS}`)).status).toBe(200);
    world.places.resume(workspace.uuid);
    expect((await ask("GET", WORKSPACE + RUNNERS)).status).toBe(200);
  });

  test("a request that was aborted before it was sent is not acted upon", async () => {
    const { send, world } = bitbucketWorld();
    const signal = AbortSignal.abort();
    const request = { method: "GET", url: `https://api.bitbucket.org${WORKSPACE}`, headers: {}, signal } as const;
    await expect(send(request)).rejects.toBeInstanceOf(TransportError);
    expect(world.traffic.total()).toBe(0);
  });
});

describe("the rate limit", () => {
  test("of a rolling hour answers 429 as text, without a hint when to come again", async () => {
    const { ask, clock } = bitbucketWorld({ requestsPerHour: 3 });
    const status = async () => (await ask("GET", WORKSPACE)).status;
    expect(await status()).toBe(200);
    await clock.advance(1_800_000);
    expect([await status(), await status(), await status()]).toEqual([200, 200, 429]);
    const { text, headers } = await ask("GET", WORKSPACE);
    expect(text).toBe("Rate limit for this resource has been exceeded");
    expect(headers["content-type"]).toMatch(/^text\/plain/);
    expect(headers).not.toHaveProperty("retry-after");
    await clock.advance(1_800_000);
    expect([await status(), await status()]).toEqual([200, 429]);
  });

  test("holds for each credential by itself, and not for the token endpoint", async () => {
    const { ask, world } = bitbucketWorld({ requestsPerHour: 1 });
    world.credentials.addApiToken({
      email: "a@b.example",
      token: "api-token",
      scopes: ["read:workspace:bitbucket"],
      admin: true,
    });
    const asOther = { authorization: basic("a@b.example", "api-token") };
    expect((await ask("GET", WORKSPACE)).status).toBe(200);
    expect((await ask("GET", WORKSPACE)).status).toBe(429);
    expect((await ask("GET", WORKSPACE, asOther)).status).toBe(200);
    const body = "grant_type=client_credentials";
    for (let i = 0; i < 3; i += 1) {
      const authorization = basic(CONSUMER.id, CONSUMER.secret);
      const granted = await ask("POST", "https://bitbucket.org/site/oauth2/access_token", { authorization, body });
      expect(granted.status).toBe(200);
    }
  });

  test("may cover repositories only, and may tell when to come again", async () => {
    const { ask } = bitbucketWorld({ requestsPerHour: 1, limitCovers: "repositories", retryAfterSeconds: 40 });
    const repository = () => ask("GET", "/2.0/repositories/woodpecker/app");
    expect((await repository()).status).toBe(200);
    const limited = await repository();
    expect(limited.status).toBe(429);
    expect(limited.headers["retry-after"]).toBe("40");
    expect((await ask("GET", WORKSPACE)).status).toBe(200);
  });

  test("is told to access tokens only", async () => {
    const { ask, world } = bitbucketWorld({ requestsPerHour: 5 });
    const near = async () => (await ask("GET", WORKSPACE)).headers["x-ratelimit-nearlimit"];
    const seen = [];
    for (let i = 0; i < 5; i += 1) seen.push(await near());
    expect(seen).toEqual(["false", "false", "false", "false", "true"]);
    world.credentials.addApiToken({ email: "a@b.example", token: "t", scopes: [], admin: true });
    const { headers } = await ask("GET", WORKSPACE, { authorization: basic("a@b.example", "t") });
    expect(Object.keys(headers).filter((name) => name.startsWith("x-ratelimit"))).toEqual([]);
  });
});

test("every reply carries the world's date, runner stamps have nanoseconds", async () => {
  const { ask, clock, workspace, runner } = bitbucketWorld();
  await clock.advance(1_234);
  runner({ workspace }, "r");
  for (const path of [`${WORKSPACE}${RUNNERS}`, "/2.0/nothing", "https://bitbucket.org/site/oauth2/access_token"]) {
    expect((await ask("GET", path)).headers.date).toBe("Mon, 01 Jun 2026 08:00:01 GMT");
  }
  const { text } = await ask("GET", WORKSPACE + RUNNERS);
  expect(text).toMatch(/"created_on":"2026-06-01T08:00:01\.234\d{6}Z"/);
});

test("requests are counted by flavour, route, credential and status", async () => {
  const { ask, world } = bitbucketWorld();
  await ask("GET", WORKSPACE + RUNNERS);
  await ask("GET", WORKSPACE + RUNNERS);
  await ask("GET", `/internal/workspaces/woodpecker${RUNNERS}/nobody`);
  await ask("GET", WORKSPACE, { authorization: "" });
  expect(world.traffic.total()).toBe(4);
  expect(world.traffic.total({ flavour: "public", method: "GET", status: 200, credential: "default" })).toBe(2);
  expect(world.traffic.counts()).toContainEqual({
    flavour: "internal",
    method: "GET",
    route: "workspaces/:workspace/pipelines-config/runners/:runner",
    credential: "default",
    status: 404,
    count: 1,
  });
  expect(world.traffic.total({ status: 401, credential: "" })).toBe(1);
});
