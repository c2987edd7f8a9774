import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import {
  aRunnerResource,
  aWorkspaceScope,
  rejection,
  restOptions,
  unaborted,
} from "../../test/support/scripted-bitbucket.ts";
import { type Connection, undiciSend } from "../http/undici.ts";
import { anchoredClock, monotonicMs } from "../support/clock.ts";
import { Unreachable } from "./errors.ts";
import { restBitbucket } from "./rest.ts";

const fixture = (name: string) => readFileSync(new URL(`../http/fixtures/${name}`, import.meta.url), "utf8");
const runner = { name: "group [abc-1]", labels: ["self.hosted", "linux"] };
const made = JSON.stringify({ uuid: "{1}", oauth_client: { id: "id-1", secret: "runner-secret-text" } });
const page = JSON.stringify({ values: [aRunnerResource("{1}")] });

const closers: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** An adapter that talks to a real server; the world runs five times as fast, so that its back-off does not hold the tests up. */
function adapter(apiUrl: string, connection: Partial<Connection> = {}) {
  const { send, close } = undiciSend({
    connectTimeoutMs: 5_000,
    headersTimeoutMs: 5_000,
    bodyTimeoutMs: 5_000,
    connections: 4,
    ...connection,
  });
  closers.push(close);
  const clock = anchoredClock({ epochMs: Date.UTC(2026, 10, 23), monotonicMs: monotonicMs(), speed: 5 });
  const bitbucket = restBitbucket(restOptions(clock, send, { apiUrl }));
  return {
    list: () => bitbucket.list(aWorkspaceScope, unaborted),
    register: () => bitbucket.register(aWorkspaceScope, runner, unaborted),
  };
}

async function serving(listener: RequestListener) {
  let requests = 0;
  const port = await listening(
    createServer((request, response) => {
      requests += 1;
      listener(request, response);
    }),
  );
  return { apiUrl: `http://127.0.0.1:${port}`, requests: () => requests };
}

describe("over HTTP", () => {
  test("a listing and a registration", async () => {
    const { apiUrl } = await serving((request, response) => response.end(request.method === "POST" ? made : page));
    const { list, register } = adapter(apiUrl);
    const listing = await list();
    expect(listing.runners.map(({ uuid }) => uuid)).toEqual(["{1}"]);
    // The server's own clock, from its Date header, not the adapter's.
    expect(Math.abs((listing.serverTime ?? 0) - Date.now())).toBeLessThan(60_000);
    expect((await register()).kind).toBe("registered");
  });

  const faults: [string, Partial<Connection>, RequestListener][] = [
    ["headers that do not come", { headersTimeoutMs: 200 }, () => undefined],
    ["a connection that is dropped", {}, (request) => void request.socket.destroy()],
    [
      "a body that is cut",
      {},
      (_request, response) => {
        response.writeHead(200, { "content-length": made.length });
        response.write(made.slice(0, 20), () => response.socket?.destroy());
      },
    ],
    [
      "a body that stops",
      { bodyTimeoutMs: 200 },
      (_request, response) => void response.writeHead(200).write(made.slice(0, 20)),
    ],
  ];

  test.each(faults)("%s: a registration is unresolved and not repeated", async (_what, connection, listener) => {
    const { apiUrl, requests } = await serving(listener);
    expect((await adapter(apiUrl, connection).register()).kind).toBe("unresolved");
    expect(requests()).toBe(1);
  });

  test.each(faults)("%s: a listing is asked for again", async (_what, connection, listener) => {
    let count = 0;
    const { apiUrl, requests } = await serving((request, response) =>
      (count += 1) === 1 ? listener(request, response) : response.end(page),
    );
    expect((await adapter(apiUrl, connection).list()).runners).toHaveLength(1);
    expect(requests()).toBe(2);
  });

  test("nobody there: a registration is refused, a listing unreachable", async () => {
    const server = createServer();
    const port = await listening(server);
    server.close();
    await once(server, "close");
    const { list, register } = adapter(`http://127.0.0.1:${port}`);
    expect((await register()).kind).toBe("refused");
    expect(await rejection(list())).toBeInstanceOf(Unreachable);
  });

  test("over TLS with an authority of the user's own, through a proxy", async () => {
    const secure = createTlsServer(
      { cert: fixture("server.pem"), key: fixture("server-key.pem") },
      (_request, response) => response.end(page),
    );
    const port = await listening(secure);
    const tunnels: string[] = [];
    const proxy = createServer();
    proxy.on("connect", (request, socket) => {
      tunnels.push(request.url ?? "");
      const target = connect(port, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        target.pipe(socket).pipe(target);
      });
      for (const end of [socket, target]) {
        end.on("error", () => undefined);
        closers.push(() => end.destroy());
      }
    });
    const through = { httpsProxy: `http://127.0.0.1:${await listening(proxy)}` };
    const apiUrl = "https://api.bitbucket.test";
    const trusting = { proxy: through, ca: fixture("authority.pem"), serverName: "localhost" };

    expect((await adapter(apiUrl, trusting).list()).runners).toHaveLength(1);
    expect(tunnels).toEqual(["api.bitbucket.test:443"]);
    expect((await adapter(apiUrl, { proxy: through }).register()).kind).toBe("refused");
  });
});
