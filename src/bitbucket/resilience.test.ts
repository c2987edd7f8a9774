import { describe, expect, test } from "vitest";
import {
  ANY_TIME,
  type Answer,
  aConsumer,
  aRepositoryScope,
  aRunnerResource,
  aWorkspaceScope,
  json,
  rejection,
  restOptions,
  scriptedBitbucket,
  settle,
  silence,
  unaborted,
} from "../../test/support/scripted-bitbucket.ts";
import type { RequestEnded } from "../domain/events.ts";
import { TransportError, textResponse } from "../http/transport.ts";
import { VirtualClock } from "../simulator/virtual-clock.ts";
import type { Log } from "../support/log.ts";
import { BreakerOpen, BudgetSpent, RateLimited, ServerFault, UnexpectedResponse, Unreachable } from "./errors.ts";
import { type RestOptions, restBitbucket } from "./rest.ts";

const NOW = 1_000_000;
const runner = { uuid: "{1}", name: "n", labels: ["linux"] };
const empty = () => json(200, { values: [] });
const reset = () => Promise.reject(new TransportError("connection reset", "maybe"));

function adapter(
  answer: (count: number, request: Parameters<Answer>[0]) => ReturnType<Answer>,
  options: Partial<RestOptions> = {},
) {
  const clock = new VirtualClock(NOW);
  let count = 0;
  const { send, received } = scriptedBitbucket((request) => answer((count += 1), request));
  const bitbucket = restBitbucket(restOptions(clock, send, options));
  const list = (scope = aWorkspaceScope) => settle(clock, bitbucket.list(scope, unaborted));
  return { clock, bitbucket, received, list };
}

describe("retries", () => {
  test.each([
    ["a fault", () => textResponse(502, {}, "")],
    ["a broken connection", reset],
    ["a body that breaks off", () => ({ ...empty(), body: breakingOff() })],
    ["a body without end", () => ({ ...empty(), body: endless() })],
  ])("a read survives two times %s", async (_what, failure) => {
    const { list, received } = adapter((count) => (count < 3 ? failure() : empty()));
    expect((await list()).runners).toEqual([]);
    expect(received).toHaveLength(3);
  });

  test("and gives up after the third", async () => {
    const { list, received } = adapter(() => textResponse(500, {}, "boom"));
    expect(await rejection(list())).toMatchObject({ status: 500, message: expect.stringContaining("boom") as unknown });
    expect(received).toHaveLength(3);
  });

  test.each<[string, (bitbucket: ReturnType<typeof restBitbucket>) => Promise<unknown>]>([
    ["get", (bitbucket) => bitbucket.get(aWorkspaceScope, "{1}", unaborted)],
    ["disable", (bitbucket) => bitbucket.disable(aWorkspaceScope, runner, ANY_TIME, unaborted)],
    ["enable", (bitbucket) => bitbucket.enable(aWorkspaceScope, runner, ANY_TIME, unaborted)],
    ["remove", (bitbucket) => bitbucket.remove(aWorkspaceScope, "{1}", ANY_TIME, unaborted)],
    ["resolve", (bitbucket) => bitbucket.resolve({ workspace: "acme" }, unaborted)],
  ])("%s may be sent twice, and is", async (_what, call) => {
    const { clock, bitbucket, received } = adapter((count) =>
      count === 1 ? reset() : json(200, { ...aRunnerResource("{1}"), slug: "acme" }),
    );
    await settle(clock, call(bitbucket));
    expect(received).toHaveLength(2);
  });

  test.each([400, 403, 404, 409])("what is refused (%i) is not sent again", async (status) => {
    const { list, received } = adapter(() => textResponse(status, {}, ""));
    await rejection(list());
    expect(received).toHaveLength(1);
  });

  test("what cannot be read is not asked for again", async () => {
    const { list, received } = adapter(() => textResponse(200, {}, "<html>"));
    expect(await rejection(list())).toBeInstanceOf(UnexpectedResponse);
    expect(received).toHaveLength(1);
  });

  test("waits as long as a fault asks for, unless that is long", async () => {
    const patient = adapter((count) => (count === 1 ? textResponse(503, { "retry-after": "9" }, "") : empty()));
    expect((await patient.list()).begunAt).toBeGreaterThanOrEqual(NOW + 9_000);
    const later = adapter(() => textResponse(503, { "retry-after": "11" }, ""));
    expect(await rejection(later.list())).toBeInstanceOf(ServerFault);
    expect(later.received).toHaveLength(1);
  });

  test("begunAt is when the listing that succeeded was begun", async () => {
    const { clock, bitbucket } = adapter((count) => (count === 1 ? silence() : empty()));
    const { begunAt } = await settle(clock, bitbucket.list(aWorkspaceScope, unaborted));
    expect(begunAt).toBeGreaterThan(NOW + 30_000);
  });
});

describe("deadline", () => {
  test("a server that says nothing is given up after 30 s, even when the transport does not heed its signal", async () => {
    const { clock, bitbucket, received } = adapter(silence);
    const outcome = rejection(bitbucket.list(aWorkspaceScope, unaborted));
    await clock.advance(29_999);
    expect(received[0]?.signal?.aborted).toBe(false);
    await clock.advance(1);
    expect(received[0]?.signal?.aborted).toBe(true);
    const failure = await settle(clock, outcome);
    expect(failure).toBeInstanceOf(Unreachable);
    expect(String(failure)).toContain("no complete reply within 30 s");
  });

  test("covers the body too", async () => {
    const { list } = adapter((count) => (count === 1 ? { ...empty(), body: hanging() } : empty()));
    expect((await list()).begunAt).toBeGreaterThan(NOW + 30_000);
  });
});

describe("abort", () => {
  test.each([
    ["before anything is sent", 0],
    ["while a reply is awaited", 1_000],
    ["between two tries", 30_100],
  ])("%s: rejects with the reason at once", async (_what, afterMs) => {
    const { clock, bitbucket, received } = adapter(silence);
    const stop = new AbortController();
    if (afterMs === 0) stop.abort(new Error("shutting down"));
    const outcome = rejection(bitbucket.list(aWorkspaceScope, stop.signal));
    await clock.advance(afterMs);
    stop.abort(new Error("shutting down"));
    expect(await outcome).toEqual(new Error("shutting down"));
    expect(received).toHaveLength(afterMs === 0 ? 0 : 1);
    await clock.advance(600_000);
    expect(received).toHaveLength(afterMs === 0 ? 0 : 1);
  });

  test("says nothing about the endpoint", async () => {
    const { clock, bitbucket } = adapter((count) => (count <= 10 ? silence() : empty()));
    for (let i = 0; i < 10; i += 1) {
      const stop = new AbortController();
      const outcome = rejection(bitbucket.list(aWorkspaceScope, stop.signal));
      await clock.advance(10);
      stop.abort();
      await outcome;
    }
    expect((await bitbucket.list(aWorkspaceScope, unaborted)).runners).toEqual([]);
  });
});

describe("rate limit", () => {
  const limited = () =>
    textResponse(429, { "content-type": "text/plain" }, "Rate limit for this resource has been exceeded");

  test("a push-back pauses the whole credential: nothing is sent, whatever for", async () => {
    const { clock, bitbucket, received, list } = adapter((count) => (count === 1 ? limited() : empty()));
    expect(await rejection(list())).toBeInstanceOf(RateLimited);
    const { pausedUntil } = bitbucket.budget();
    expect(pausedUntil).toBeGreaterThanOrEqual(NOW + 15_000);
    expect(pausedUntil).toBeLessThanOrEqual(NOW + 30_100);
    expect(await rejection(list(aRepositoryScope))).toMatchObject({ pausedUntil });
    expect(await rejection(bitbucket.remove(aWorkspaceScope, "{1}", ANY_TIME, unaborted))).toBeInstanceOf(RateLimited);
    expect(received).toHaveLength(1);
    await clock.runUntil(pausedUntil);
    expect(bitbucket.budget().pausedUntil).toBe(0);
    await list();
    expect(received).toHaveLength(2);
  });

  test.each([
    ["seconds", { "retry-after": "600" }],
    ["a date", { "retry-after": "Mon, 23 Nov 2026 10:10:00 GMT", date: "Mon, 23 Nov 2026 10:00:00 GMT" }],
  ])("honours Retry-After in %s", async (_what, headers) => {
    const { bitbucket, list } = adapter(() => textResponse(429, headers, ""));
    await rejection(list());
    expect(bitbucket.budget().pausedUntil).toBe(NOW + 600_000);
  });
});

describe("breaker", () => {
  test("an endpoint that keeps failing is left alone, says why, and heals", async () => {
    let broken = true;
    const { clock, bitbucket, received, list } = adapter((_count, { path }) =>
      broken && path.includes("/workspaces/") ? textResponse(500, {}, "boom") : empty(),
    );
    await rejection(list());
    const failure = await rejection(list());
    expect(failure).toBeInstanceOf(BreakerOpen);
    expect(String(failure)).toContain("boom");
    expect(received).toHaveLength(5);
    // Another scope, and another endpoint of this one, go on.
    await list(aRepositoryScope);
    expect(
      await rejection(settle(clock, bitbucket.remove(aWorkspaceScope, "{1}", ANY_TIME, unaborted))),
    ).toBeInstanceOf(ServerFault);

    broken = false;
    await clock.advance(10_000);
    expect((await list()).runners).toEqual([]);
  });
});

describe("budget", () => {
  test("refuses before sending; what finishes things may use the reserve", async () => {
    const { bitbucket, received } = adapter(() => json(200, { ...aRunnerResource("{1}"), values: [] }), {
      budget: { requestsPerHour: 25, share: 1 },
    });
    expect(bitbucket.budget()).toEqual({ capacity: 20, left: 18, pausedUntil: 0 });
    for (let i = 0; i < 18; i += 1) await bitbucket.list(aWorkspaceScope, unaborted);
    expect(bitbucket.budget().left).toBe(0);
    for (const routine of [
      () => bitbucket.list(aWorkspaceScope, unaborted),
      () => bitbucket.disable(aWorkspaceScope, runner, ANY_TIME, unaborted),
    ]) {
      expect(await rejection(routine())).toBeInstanceOf(BudgetSpent);
    }
    await bitbucket.get(aWorkspaceScope, "{1}", unaborted);
    await bitbucket.enable(aWorkspaceScope, runner, ANY_TIME, unaborted);
    expect(await rejection(bitbucket.remove(aWorkspaceScope, "{1}", ANY_TIME, unaborted))).toBeInstanceOf(BudgetSpent);
    expect(received).toHaveLength(20);
  });

  test("counts every try and every page, but no token", async () => {
    const { bitbucket, list } = adapter(
      (count, { host, path }) => {
        if (host === "bitbucket.org") return json(200, { access_token: "t" });
        if (count === 2) return textResponse(500, {}, "");
        return path.includes("page=2") ? empty() : json(200, { values: [], next: "?page=2" });
      },
      { credentials: aConsumer },
    );
    const before = bitbucket.budget().left;
    await list();
    // Both pages twice, and the one that failed.
    expect(bitbucket.budget().left).toBe(before - 5);
  });

  test("a breaker's trial that the budget refuses leaves the trial to another", async () => {
    const { clock, list } = adapter((count) => (count <= 5 ? textResponse(500, {}, "") : empty()), {
      budget: { requestsPerHour: 7, share: 1 },
    });
    await rejection(list());
    await rejection(list());
    await clock.advance(60_000);
    expect(await rejection(list())).toBeInstanceOf(BudgetSpent);
    await clock.advance(3_600_000);
    expect((await list()).runners).toEqual([]);
  });
});

describe("what is told", () => {
  test("every request's end, with its route and never its ids", async () => {
    const outcomes: RequestEnded[] = [];
    const { clock, bitbucket } = adapter(
      (count, { host }) => {
        if (host === "bitbucket.org") return json(200, { access_token: "t" });
        return count === 2 ? reset() : textResponse(204, {}, "");
      },
      { credentials: aConsumer, onRequest: (event) => outcomes.push(event) },
    );
    await settle(clock, bitbucket.remove(aRepositoryScope, "{1}", ANY_TIME, unaborted));
    const route = "/2.0/repositories/{workspace}/{repository}/pipelines-config/runners/{runner}";
    const ended = { type: "request-ended", plane: "bitbucket" };
    expect(outcomes).toEqual([
      { ...ended, route: "/site/oauth2/access_token", method: "POST", status: 200, durationMs: 0 },
      { ...ended, route, method: "DELETE", status: "error", durationMs: 0 },
      { ...ended, route, method: "DELETE", status: 204, durationMs: 0 },
    ]);
  });

  test("no secret in any log line or error, at any level, even when the server echoes it", async () => {
    const told: string[] = [];
    const note = (message: string, fields?: object) => void told.push(`${message} ${JSON.stringify(fields)}`);
    const log: Log = { debug: note, info: note, warn: note, error: note };
    const { clock, bitbucket, list } = adapter(
      (_count, { host, headers, body, path }) => {
        if (host === "bitbucket.org") return json(200, { access_token: "token-text" });
        return textResponse(500, {}, `${headers.authorization} ${body} client-secret-text ${path}`);
      },
      { credentials: aConsumer, log },
    );
    for (let i = 0; i < 3; i += 1) told.push(String(await rejection(list())));
    told.push(JSON.stringify(await settle(clock, bitbucket.register(aWorkspaceScope, runner, unaborted))));
    expect(told.length).toBeGreaterThan(8);
    for (const secret of ["token-text", "client-secret-text", btoa("client-id:client-secret-text")]) {
      expect(told.join("\n")).not.toContain(secret);
    }
  });
});

async function* breakingOff(): AsyncIterable<string> {
  yield '{"values": [';
  throw new TransportError("connection reset while reading", "maybe");
}

async function* endless(): AsyncIterable<string> {
  for (;;) yield "x".repeat(1_000_000);
}

async function* hanging(): AsyncIterable<string> {
  yield "{";
  await new Promise(() => undefined);
}
