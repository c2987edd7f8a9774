import { request } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import {
  type HttpRequest,
  type HttpResponse,
  readText,
  type Send,
  TransportError,
  textResponse,
} from "../../http/transport.ts";
import { undiciSend } from "../../http/undici.ts";
import { type ServedApi, serve } from "./http-server.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Served {
  readonly api: ServedApi;
  readonly seen: HttpRequest[];
  readonly errors: Error[];
  readonly client: Send;
}

/** A server in front of `answer`, and a client for it. */
async function served(answer: (request: HttpRequest) => HttpResponse | Promise<HttpResponse>): Promise<Served> {
  const seen: HttpRequest[] = [];
  const errors: Error[] = [];
  const api = await serve(
    async (incoming) => {
      seen.push(incoming);
      return answer(incoming);
    },
    { host: "127.0.0.1", port: 0, onError: (error) => errors.push(error) },
  );
  const timeouts = { connectTimeoutMs: 5_000, headersTimeoutMs: 5_000, bodyTimeoutMs: 0, connections: 1 };
  const { send, close } = undiciSend(timeouts);
  cleanups.push(() => api.close(), close);
  return { api, seen, errors, client: send };
}

const get = (api: ServedApi, path: string): HttpRequest => ({ method: "GET", url: api.url + path, headers: {} });

describe("a served API", () => {
  test("sees method, URL, lower-case headers and the body; its status, headers and date reach the client", async () => {
    const date = "Sun, 01 Mar 2026 08:00:00 GMT";
    const { api, seen, client } = await served(() => textResponse(201, { date, "content-type": "text/x" }, "größer"));

    const reply = await client({
      method: "POST",
      url: `${api.url}/a%7Bb%7D?c=d&c=e`,
      headers: { "x-mixed": "Value" },
      body: "größe",
    });

    expect(reply).toMatchObject({ status: 201, headers: { date, "content-type": "text/x" } });
    expect(await readText(reply)).toBe("größer");
    expect(seen).toMatchObject([
      { method: "POST", url: `${api.url}/a%7Bb%7D?c=d&c=e`, headers: { "x-mixed": "Value" }, body: "größe" },
    ]);
    expect(seen[0]?.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\//);
  });

  test("keeps connections open between requests", async () => {
    const { api, client } = await served(() => textResponse(200, {}, "x"));
    for (let i = 0; i < 3; i += 1) {
      const reply = await client(get(api, "/"));
      expect(await readText(reply)).toBe("x");
      expect(reply.headers.connection).toBe("keep-alive");
    }
  });

  test("streams: a piece arrives before the next one is made", async () => {
    let more: (text: string | undefined) => void = () => undefined;
    const body = (async function* () {
      for (let piece: string | undefined = "first"; piece !== undefined; ) {
        yield piece;
        piece = await new Promise<string | undefined>((resolve) => (more = resolve));
      }
    })();
    const { api, client } = await served(() => ({ status: 200, headers: {}, body }));
    const pieces = (await client(get(api, "/")))?.body[Symbol.asyncIterator]();
    expect(await pieces.next()).toMatchObject({ value: "first" });
    more("second");
    expect(await pieces.next()).toMatchObject({ value: "second" });
    more(undefined);
    expect(await pieces.next()).toMatchObject({ done: true });
  });

  test("headers of a stream arrive before its first piece", async () => {
    const body = (async function* () {
      await new Promise<never>(() => undefined);
      yield "never";
    })();
    const { api, client } = await served(() => ({ status: 200, headers: { "x-now": "1" }, body }));
    expect((await client(get(api, "/"))).headers["x-now"]).toBe("1");
  });

  test("a client that leaves aborts its request and ends its stream", async () => {
    let aborted: () => void = () => undefined;
    const serverSawIt = new Promise<void>((resolve) => (aborted = resolve));
    const { api, client, errors } = await served(({ signal }) => ({
      status: 200,
      headers: {},
      body: (async function* () {
        yield "first";
        await new Promise<void>((_, reject) =>
          signal?.addEventListener("abort", () => {
            aborted();
            reject(new TransportError("left", "maybe"));
          }),
        );
      })(),
    }));
    const abort = new AbortController();
    const reply = await client({ ...get(api, "/"), signal: abort.signal });
    const pieces = reply.body[Symbol.asyncIterator]();
    await pieces.next();
    abort.abort();
    await expect(pieces.next()).rejects.toThrow(TransportError);
    await serverSawIt;
    expect(errors).toEqual([]);
  });

  test("a reply that the simulation loses is a broken connection, not an answer", async () => {
    const { api, client, errors } = await served(() => {
      throw new TransportError("lost", "maybe");
    });
    await expect(client(get(api, "/"))).rejects.toMatchObject({ name: "TransportError", sent: "maybe" });
    expect(errors).toEqual([]);
  });

  test("a fault of the simulation is told to its owner, and no more than that to the client", async () => {
    const { api, client, errors } = await served(() => {
      throw new Error("a secret thing broke");
    });
    const reply = await client(get(api, "/"));
    expect(reply.status).toBe(500);
    expect(await readText(reply)).not.toContain("secret");
    expect(errors.map(({ message }) => message)).toEqual(["a secret thing broke"]);
  });

  test.each([
    ["a method that no API has", "OPTIONS", "", 405],
    ["a body of nine million bytes", "POST", "x".repeat(9_000_000), 413],
  ])("refuses %s", async (_what, method, body, status) => {
    const { api, seen } = await served(() => textResponse(200, {}, ""));
    const code = await new Promise((resolve) => {
      const outgoing = request(api.url, { method }, (reply) => resolve(reply.statusCode));
      outgoing.on("error", () => undefined);
      outgoing.end(body);
    });
    expect(code).toBe(status);
    expect(seen).toEqual([]);
  });

  test("says when its port is taken", async () => {
    const { api } = await served(() => textResponse(200, {}, ""));
    const again = serve(async () => textResponse(200, {}, ""), { host: "127.0.0.1", port: api.port });
    await expect(again).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  test("closes with streams open, and frees its port", async () => {
    const body = (async function* () {
      yield "first";
      await new Promise<never>(() => undefined);
    })();
    const { api, client } = await served(() => ({ status: 200, headers: {}, body }));
    await (await client(get(api, "/"))).body[Symbol.asyncIterator]().next();
    await api.close();
    const again = await serve(async () => textResponse(200, {}, ""), { host: "127.0.0.1", port: api.port });
    await again.close();
  });
});
