import { describe, expect, test } from "vitest";
import {
  type Answer,
  aConsumer,
  aWorkspaceScope,
  json,
  rejection,
  restOptions,
  scriptedBitbucket,
  settle,
  silence,
  unaborted,
} from "../../../test/support/scripted-bitbucket.ts";
import { type HttpResponse, TransportError, textResponse } from "../../http/transport.ts";
import { VirtualClock } from "../../simulator/virtual-clock.ts";
import { BreakerOpen, BudgetSpent, RateLimited, RunnerLimitReached, Unreachable } from "../errors.ts";
import { type RestOptions, restBitbucket } from "../rest.ts";

const NOW = 1_000_000;
const runner = { name: "group [abc-1]", labels: ["self.hosted", "linux", "gke.runner"] };
const made = { uuid: "{1}", oauth_client: { id: "id-1", secret: "runner-secret-text", token_endpoint: "x" } };

function registering(answer: Answer, options: Partial<RestOptions> = {}) {
  const clock = new VirtualClock(NOW);
  const { send, received } = scriptedBitbucket(answer);
  const bitbucket = restBitbucket(restOptions(clock, send, options));
  return {
    clock,
    bitbucket,
    register: (signal = unaborted) => settle(clock, bitbucket.register(aWorkspaceScope, runner, signal)),
    posts: () => received.filter(({ method, path }) => method === "POST" && path.endsWith("/runners")),
  };
}

describe("register", () => {
  test.each([200, 201])("a runner that is made (%i)", async (status) => {
    const { register, posts } = registering(() => json(status, made));
    const registration = await register();
    if (registration.kind !== "registered") throw new Error(registration.kind);
    expect(registration).toMatchObject({ uuid: "{1}", oauthClientId: "id-1" });
    expect(registration.oauthClientSecret.reveal()).toBe("runner-secret-text");
    expect(JSON.stringify(registration)).not.toContain("runner-secret-text");
    expect(posts().map(({ path, body }) => [path, JSON.parse(body) as unknown])).toEqual([
      ["/2.0/workspaces/%7Bw-1%7D/pipelines-config/runners", runner],
    ]);
  });

  const answers: [string, "refused" | "unresolved", () => HttpResponse | Promise<HttpResponse>][] = [
    ["400", "refused", () => json(400, { error: { message: "Invalid properties" } })],
    ["401", "refused", () => textResponse(401, {}, "")],
    ["403", "refused", () => textResponse(403, {}, "")],
    ["404", "refused", () => textResponse(404, {}, "")],
    ["408", "unresolved", () => textResponse(408, {}, "")],
    ["409", "refused", () => textResponse(409, {}, "")],
    ["410", "refused", () => textResponse(410, {}, "")],
    ["429", "refused", () => textResponse(429, {}, "Rate limit for this resource has been exceeded")],
    ["302", "unresolved", () => textResponse(302, {}, "")],
    ["500", "unresolved", () => textResponse(500, {}, "")],
    ["504", "unresolved", () => textResponse(504, {}, "<html></html>")],
    ["no connection", "refused", () => Promise.reject(new TransportError("refused", "no"))],
    ["a broken connection", "unresolved", () => Promise.reject(new TransportError("reset", "maybe"))],
    ["a failure of unknown kind", "unresolved", () => Promise.reject(new Error("?"))],
    ["silence", "unresolved", silence],
    ["a body that breaks off", "unresolved", () => ({ ...json(200, made), body: breakingOff() })],
    ["no uuid", "unresolved", () => json(200, { ...made, uuid: undefined })],
    ["no secret", "unresolved", () => json(200, { ...made, oauth_client: { id: "id-1" } })],
    ["no OAuth client", "unresolved", () => json(200, { uuid: "{1}" })],
    ["half of the JSON", "unresolved", () => textResponse(200, {}, JSON.stringify(made).slice(0, -5))],
    ["an empty 204", "unresolved", () => textResponse(204, {}, "")],
  ];

  test.each(answers)("%s → %s, and never sent again", async (_what, kind, answer) => {
    const { register, posts } = registering(answer);
    const registration = await register();
    expect(registration.kind).toBe(kind);
    if (registration.kind === "unresolved") expect(registration.sentAt).toBe(NOW);
    expect(posts()).toHaveLength(1);
    expect(JSON.stringify(registration)).not.toContain("runner-secret-text");
    if (registration.kind !== "registered") expect(String(registration.error)).not.toContain("runner-secret-text");
  });

  test("the limit of runners has a name", async () => {
    const { register } = registering(() => json(400, { error: { message: "Runner limit exceeded." } }));
    expect(await register()).toMatchObject({ kind: "refused", error: expect.any(RunnerLimitReached) as unknown });
  });

  test("a refused token is not tried again with another, but renewed for the next attempt", async () => {
    let tokens = 0;
    const { register, posts, bitbucket } = registering(
      ({ host, headers, method }) => {
        if (host === "bitbucket.org") return json(200, { access_token: `t-${(tokens += 1)}` });
        if (method === "GET") return json(200, { values: [] });
        return headers.authorization === "Bearer t-1" ? textResponse(401, {}, "") : json(200, made);
      },
      { credentials: aConsumer },
    );
    await bitbucket.list(aWorkspaceScope, unaborted);
    expect((await register()).kind).toBe("refused");
    expect(posts()).toHaveLength(1);
    expect((await register()).kind).toBe("registered");
    expect(tokens).toBe(2);
  });

  test("what is never sent is refused: pause, budget, breaker, no token", async () => {
    const paused = registering(() => textResponse(429, {}, ""));
    await paused.register();
    expect(await paused.register()).toMatchObject({ kind: "refused", error: expect.any(RateLimited) as unknown });
    expect(paused.posts()).toHaveLength(1);

    const spent = registering(() => json(200, made), { budget: { requestsPerHour: 2, share: 0.85 } });
    await spent.register();
    expect(await spent.register()).toMatchObject({ kind: "refused", error: expect.any(BudgetSpent) as unknown });
    expect(spent.posts()).toHaveLength(1);

    const failing = registering(() => textResponse(500, {}, ""));
    for (let i = 0; i < 5; i += 1) expect((await failing.register()).kind).toBe("unresolved");
    expect(await failing.register()).toMatchObject({ kind: "refused", error: expect.any(BreakerOpen) as unknown });
    expect(failing.posts()).toHaveLength(5);

    const unauthorised = registering(() => Promise.reject(new TransportError("reset", "maybe")), {
      credentials: aConsumer,
    });
    expect(await unauthorised.register()).toMatchObject({ kind: "refused", error: expect.any(Unreachable) as unknown });
    expect(unauthorised.posts()).toHaveLength(0);
  });

  test("an abort before it is sent is the abort; one after leaves it unresolved", async () => {
    const stopped = new AbortController();
    stopped.abort(new Error("shutting down"));
    const before = registering(() => json(200, made));
    expect(await rejection(before.register(stopped.signal))).toEqual(new Error("shutting down"));
    expect(before.posts()).toHaveLength(0);

    const stopping = new AbortController();
    const after = registering(() => {
      stopping.abort(new Error("shutting down"));
      return silence();
    });
    expect(await after.register(stopping.signal)).toMatchObject({ kind: "unresolved", sentAt: NOW });
  });

  test("a token that a refusal echoes is not in the error", async () => {
    const { register } = registering(
      ({ host }) =>
        host === "bitbucket.org" ? json(200, { access_token: "token-text" }) : json(401, { error: "bad token-text" }),
      { credentials: aConsumer },
    );
    const registration = await register();
    expect(registration.kind === "refused" && registration.error.message).toMatch(/: bad \[redacted\]$/);
  });

  test("410 on the internal API makes the next attempt look for another", async () => {
    let internal = true;
    const { register, posts } = registering(
      ({ path, method }) => {
        if (!path.startsWith("/internal")) return json(200, made);
        return internal && method === "GET" ? json(200, { values: [] }) : textResponse(410, {}, "");
      },
      { flavour: "auto" },
    );
    expect((await register()).kind).toBe("refused");
    internal = false;
    expect((await register()).kind).toBe("registered");
    expect(posts().map(({ path }) => path.split("/")[1])).toEqual(["internal", "2.0"]);
  });
});

async function* breakingOff(): AsyncIterable<string> {
  yield JSON.stringify(made).slice(0, 30);
  throw new TransportError("connection reset while reading", "maybe");
}
