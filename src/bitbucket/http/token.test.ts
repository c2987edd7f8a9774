import { describe, expect, test } from "vitest";
import {
  aConsumer,
  json,
  rejection,
  scriptedBitbucket,
  settle,
  silence,
  unaborted,
} from "../../../test/support/scripted-bitbucket.ts";
import { type HttpResponse, TransportError, textResponse } from "../../http/transport.ts";
import { VirtualClock } from "../../simulator/virtual-clock.ts";
import { silentLog } from "../../support/log.ts";
import { seededRandom } from "../../support/random.ts";
import { NoCallbackUrl, RateLimited, UnexpectedResponse, WrongClientCredentials } from "../errors.ts";
import { sendOnceOver } from "./send-once.ts";
import { tokenAuthorization } from "./token.ts";

function consumer(answer: (count: number) => HttpResponse | Promise<HttpResponse>) {
  const clock = new VirtualClock(1_000_000);
  let count = 0;
  const server = scriptedBitbucket(() => {
    count += 1;
    return answer(count);
  });
  const sendOnce = sendOnceOver({ send: server.send, clock, deadlineMs: 30_000, log: silentLog });
  const authorization = tokenAuthorization({
    credentials: aConsumer,
    tokenUrl: "https://bitbucket.test/site/oauth2/access_token",
    sendOnce,
    clock,
    random: seededRandom(1),
    log: silentLog,
  });
  return { clock, authorization, received: server.received, asked: () => count };
}

const token = (count: number) => json(200, { access_token: `token-${count}`, expires_in: 7_200, scopes: "account" });

describe("tokenAuthorization", () => {
  test("asks with Basic and the client-credentials grant, and keeps what it got", async () => {
    const { authorization, received } = consumer(token);
    expect(await authorization.header(unaborted)).toBe("Bearer token-1");
    expect(await authorization.header(unaborted)).toBe("Bearer token-1");
    expect(received).toHaveLength(1);
    expect(received[0]).toMatchObject({
      method: "POST",
      host: "bitbucket.test",
      path: "/site/oauth2/access_token",
      body: "grant_type=client_credentials",
    });
    expect(received[0]?.headers).toMatchObject({
      authorization: `Basic ${btoa("client-id:client-secret-text")}`,
      "content-type": "application/x-www-form-urlencoded",
    });
  });

  test("renews five minutes before the end", async () => {
    const { clock, authorization } = consumer(token);
    await authorization.header(unaborted);
    await clock.advance(6_900_000 - 1);
    expect(await authorization.header(unaborted)).toBe("Bearer token-1");
    await clock.advance(1);
    expect(await authorization.header(unaborted)).toBe("Bearer token-2");
  });

  test("a short-lived token is used for most of its life", async () => {
    const { clock, authorization } = consumer((count) => json(200, { access_token: `t${count}`, expires_in: 100 }));
    await authorization.header(unaborted);
    await clock.advance(89_999);
    expect(await authorization.header(unaborted)).toBe("Bearer t1");
    await clock.advance(1);
    expect(await authorization.header(unaborted)).toBe("Bearer t2");
  });

  test("many who wait share one renewal", async () => {
    const { authorization, asked } = consumer(token);
    const headers = await Promise.all(Array.from({ length: 20 }, () => authorization.header(unaborted)));
    expect(new Set(headers)).toEqual(new Set(["Bearer token-1"]));
    expect(asked()).toBe(1);
  });

  test("one waiter's abort leaves the others theirs; the last one's ends the request", async () => {
    let answer: (response: HttpResponse) => void = () => undefined;
    const { authorization, received } = consumer(() => new Promise((resolve) => (answer = resolve)));
    const first = new AbortController();
    const aborted = rejection(authorization.header(first.signal));
    const other = authorization.header(unaborted);
    await Promise.resolve();
    first.abort(new Error("shutting down"));
    expect(await aborted).toEqual(new Error("shutting down"));
    expect(received[0]?.signal?.aborted).toBe(false);
    answer(token(1));
    expect(await other).toBe("Bearer token-1");

    const lonely = consumer(silence);
    const last = new AbortController();
    const gone = rejection(lonely.authorization.header(last.signal));
    await Promise.resolve();
    last.abort(new Error("shutting down"));
    await gone;
    expect(lonely.received[0]?.signal?.aborted).toBe(true);
  });

  test("a refused token that was good before is worth another; a fresh one is not", async () => {
    const { authorization } = consumer(token);
    const first = await authorization.header(unaborted);
    authorization.accepted(first);
    expect(authorization.refused(first)).toBe(true);
    const second = await authorization.header(unaborted);
    expect(second).toBe("Bearer token-2");
    expect(authorization.refused(second)).toBe(false);
    expect(await authorization.header(unaborted)).toBe("Bearer token-3");
  });

  test("a late refusal of an old token does not cost the new one", async () => {
    const { authorization, asked } = consumer(token);
    const first = await authorization.header(unaborted);
    authorization.accepted(first);
    authorization.refused(first);
    await authorization.header(unaborted);
    expect(authorization.refused(first)).toBe(true);
    expect(await authorization.header(unaborted)).toBe("Bearer token-2");
    expect(asked()).toBe(2);
  });

  test("tries again when no answer comes", async () => {
    const { clock, authorization } = consumer((count) => {
      if (count < 3) throw new TransportError("connection reset", "maybe");
      return token(count);
    });
    expect(await settle(clock, authorization.header(unaborted))).toBe("Bearer token-3");
  });

  test("a refusal is final for a few seconds, then asked about again", async () => {
    const { clock, authorization, asked } = consumer((count) =>
      count === 1 ? json(400, { error: "invalid_client", error_description: "no" }) : token(count),
    );
    expect(await rejection(authorization.header(unaborted))).toBeInstanceOf(WrongClientCredentials);
    expect(await rejection(authorization.header(unaborted))).toBeInstanceOf(WrongClientCredentials);
    expect(asked()).toBe(1);
    await clock.advance(5_000);
    expect(await authorization.header(unaborted)).toBe("Bearer token-2");
  });

  test("while the old token is good, a renewal that fails is no failure", async () => {
    const { clock, authorization, asked } = consumer((count) => (count === 1 ? token(1) : json(503, "")));
    await authorization.header(unaborted);
    await clock.advance(6_900_000);
    expect(await settle(clock, authorization.header(unaborted))).toBe("Bearer token-1");
    expect(asked()).toBe(4);
    expect(await authorization.header(unaborted)).toBe("Bearer token-1");
    expect(asked()).toBe(4);
    await clock.advance(300_000);
    expect(await rejection(settle(clock, authorization.header(unaborted)))).toMatchObject({ status: 503 });
  });

  test("honours the token endpoint's own rate limit", async () => {
    const { clock, authorization, asked } = consumer((count) =>
      count === 1 ? textResponse(429, { "retry-after": "90" }, "slow down") : token(count),
    );
    expect(await rejection(authorization.header(unaborted))).toMatchObject({ pausedUntil: 1_090_000 });
    await clock.advance(89_999);
    expect(await rejection(authorization.header(unaborted))).toBeInstanceOf(RateLimited);
    expect(asked()).toBe(1);
    await clock.advance(1);
    expect(await authorization.header(unaborted)).toBe("Bearer token-2");
  });

  test.each([
    ["without token", json(200, { token_type: "bearer" })],
    ["not JSON", textResponse(200, {}, "<html>Sign in</html>")],
  ])("a success %s is no success", async (_what, response) => {
    const { authorization } = consumer(() => response);
    expect(await rejection(authorization.header(unaborted))).toBeInstanceOf(UnexpectedResponse);
  });

  test("no secret gets into a message, even when the server echoes it", async () => {
    const echo = `No callback for client-secret-text ${btoa("client-id:client-secret-text")}`;
    const { authorization } = consumer(() => json(400, { error: "invalid_request", error_description: echo }));
    const failure = await rejection(authorization.header(unaborted));
    expect(failure).toBeInstanceOf(NoCallbackUrl);
    expect(String(failure)).toMatch(/No callback for \[redacted\] \[redacted\]$/);
  });
});
