import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, createServer as createTcpServer, type Server as TcpServer } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { readText, TransportError } from "./transport.ts";
import { type Connection, undiciSend } from "./undici.ts";

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const authority = readFileSync(fixture("authority.pem"), "utf8");
const cert = readFileSync(fixture("server.pem"), "utf8");
const key = readFileSync(fixture("server-key.pem"), "utf8");

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function port(server: TcpServer): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

async function http(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  closers.push(async () => server.closeAllConnections());
  return `http://127.0.0.1:${await port(server)}`;
}

async function https(listener: RequestListener, options: object = {}): Promise<string> {
  const server = createTlsServer({ cert, key, ...options }, listener);
  closers.push(async () => server.closeAllConnections());
  return `https://127.0.0.1:${await port(server)}`;
}

/** A TCP server that takes connections and says nothing. */
async function mute(): Promise<number> {
  const server = createTcpServer((socket) => {
    socket.on("error", () => undefined);
    closers.push(async () => socket.destroy());
  });
  return port(server);
}

async function closedPort(): Promise<number> {
  const server = createTcpServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: number } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return number;
}

function client(options: Partial<Connection> = {}) {
  const connection = undiciSend({
    connectTimeoutMs: 5_000,
    headersTimeoutMs: 5_000,
    bodyTimeoutMs: 5_000,
    connections: 4,
    ...options,
  });
  closers.push(() => connection.close());
  return {
    send: connection.send,
    get: async (url: string, signal?: AbortSignal) => {
      const response = await connection.send({ method: "GET", url, headers: {}, ...(signal && { signal }) });
      return { ...response, text: await readText(response) };
    },
  };
}

async function failure(promise: Promise<unknown>): Promise<TransportError> {
  const error = await promise.then(
    () => new Error("no failure"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof TransportError)) throw error;
  return error;
}

describe("undiciSend", () => {
  test("sends method, headers and body, and gives status, headers and text", async () => {
    const url = await http((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (piece: string) => (body += piece));
      request.on("end", () => {
        response.writeHead(418, { "X-Two": ["a", "b"], "Content-Type": "text/plain" });
        response.end(`${request.method} ${request.url} ${request.headers.authorization} ${body}`);
      });
    });
    const response = await client().send({
      method: "PUT",
      url: `${url}/a%7Bb%7D?c=d`,
      headers: { authorization: "Bearer x" },
      body: "ü",
    });
    expect(response).toMatchObject({ status: 418, headers: { "x-two": "a, b", "content-type": "text/plain" } });
    expect(await readText(response)).toBe("PUT /a%7Bb%7D?c=d Bearer x ü");
  });

  test("puts characters together that arrive in pieces", async () => {
    const url = await http((_request, response) => {
      const [first, second] = [Buffer.from("✔").subarray(0, 1), Buffer.from("✔").subarray(1)];
      response.write(first, () => response.end(second));
    });
    expect((await client().get(url)).text).toBe("✔");
  });

  test("a body that is too long is not read to its end", async () => {
    const url = await http((_request, response) => response.end("x".repeat(1_000)));
    const response = await client().send({ method: "GET", url, headers: {} });
    expect((await failure(readText(response, 999))).message).toContain("more than 999");
  });
});

describe("what goes wrong", () => {
  test("nobody listens: never sent", async () => {
    const number = await closedPort();
    const error = await failure(client().get(`http://127.0.0.1:${number}/`));
    expect(error.sent).toBe("no");
    expect(error.message).toMatch(/^GET 127\.0\.0\.1:\d+: .*ECONNREFUSED/);
  });

  test("nobody listens on any address of a name: never sent, and says why", async () => {
    const number = await closedPort();
    const error = await failure(client().get(`http://localhost:${number}/`));
    expect(error.sent).toBe("no");
    expect(error.message).toMatch(/ECONNREFUSED .*:\d+ \(ECONNREFUSED\)$|ECONNREFUSED/);
  });

  test("no URL: never sent", async () => {
    expect((await failure(client().get("nowhere"))).sent).toBe("no");
  });

  test("a connection that is not finished in time: never sent", async () => {
    const error = await failure(client({ connectTimeoutMs: 200 }).get(`https://127.0.0.1:${await mute()}/`));
    expect(error).toMatchObject({ sent: "no", message: expect.stringContaining("UND_ERR_CONNECT_TIMEOUT") as unknown });
  });

  test("slow headers: maybe sent", async () => {
    const url = await http(() => undefined);
    const error = await failure(client({ headersTimeoutMs: 200 }).get(url));
    expect(error).toMatchObject({ sent: "maybe", message: expect.stringContaining("HEADERS_TIMEOUT") as unknown });
  });

  test("a connection dropped before the reply: maybe sent", async () => {
    const url = await http((request) => void request.socket.destroy());
    expect((await failure(client().get(url))).sent).toBe("maybe");
  });

  test("a body that stops: maybe sent", async () => {
    const url = await http((_request, response) => void response.writeHead(200).write("begun"));
    const error = await failure(client({ bodyTimeoutMs: 200 }).get(url));
    expect(error).toMatchObject({ sent: "maybe", message: expect.stringContaining("BODY_TIMEOUT") as unknown });
  });

  test("a body that breaks off: maybe sent", async () => {
    const url = await http((_request, response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("half", () => response.socket?.destroy());
    });
    expect((await failure(client().get(url))).sent).toBe("maybe");
  });

  test("an abort ends the request", async () => {
    const asked: AbortController = new AbortController();
    const url = await http(() => asked.abort(new Error("shutting down")));
    const error = await failure(client().get(url, asked.signal));
    expect(error.sent).toBe("maybe");
    expect(error.cause).toEqual(new Error("shutting down"));
  });
});

describe("TLS", () => {
  const hello: RequestListener = (request, response) =>
    response.end("getPeerCertificate" in request.socket ? "hello over TLS" : "hello");

  test("an authority that nobody knows: never sent", async () => {
    expect((await failure(client().get(await https(hello)))).sent).toBe("no");
  });

  test("an authority of the user's own", async () => {
    const url = await https(hello);
    expect((await client({ ca: authority }).get(url)).text).toBe("hello over TLS");
    expect((await client({ ca: [authority] }).get(url)).text).toBe("hello over TLS");
  });

  test("NODE_EXTRA_CA_CERTS is honoured", async () => {
    const url = await https(hello);
    const program = `
      import { readText } from ${JSON.stringify(new URL("transport.ts", import.meta.url).href)};
      import { undiciSend } from ${JSON.stringify(new URL("undici.ts", import.meta.url).href)};
      const { send, close } = undiciSend({ connectTimeoutMs: 5000, headersTimeoutMs: 5000, bodyTimeoutMs: 5000, connections: 1 });
      console.log(await readText(await send({ method: "GET", url: ${JSON.stringify(url)}, headers: {} })));
      await close();`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--import", "tsx", "--input-type=module", "--eval", program],
      { env: { ...process.env, NODE_EXTRA_CA_CERTS: fixture("authority.pem") } },
    );
    expect(stdout.trim()).toBe("hello over TLS");
  });

  test("a certificate for another name: never sent, unless that name is given", async () => {
    const url = await https(hello);
    const wrong = client({ ca: authority, serverName: "kubernetes.default.svc" });
    expect(await failure(wrong.get(url))).toMatchObject({
      sent: "no",
      message: expect.stringContaining("ALTNAME") as unknown,
    });
    expect((await client({ ca: authority, serverName: "localhost" }).get(url)).text).toBe("hello over TLS");
  });

  test("no check where the user turned it off", async () => {
    expect((await client({ skipTlsVerify: true }).get(await https(hello))).text).toBe("hello over TLS");
  });

  test("a client certificate", async () => {
    const url = await https(hello, { requestCert: true, ca: authority });
    expect((await client({ ca: authority, cert, key }).get(url)).text).toBe("hello over TLS");
    await failure(client({ ca: authority }).get(url));
  });

  test("a server without TLS: nothing was understood", async () => {
    const url = (await http(hello)).replace("http:", "https:");
    const error = await failure(client().get(url));
    expect(error).toMatchObject({ sent: "no", message: expect.stringContaining("wrong version number") as unknown });
    expect(error.message).not.toContain("\n");
  });
});

describe("proxies", () => {
  /** Forwards requests with a whole URL, and tunnels CONNECT; notes both. */
  async function proxy(connectStatus = 200) {
    const seen: string[] = [];
    const server: Server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      response.end("from the proxy");
    });
    server.on("connect", (request, socket) => {
      seen.push(`CONNECT ${request.url} ${request.headers["proxy-authorization"] ?? ""}`.trim());
      socket.on("error", () => undefined);
      closers.push(async () => socket.destroy());
      if (connectStatus !== 200) {
        socket.end(`HTTP/1.1 ${connectStatus} No\r\n\r\n`);
        return;
      }
      const [host = "", number] = request.url?.split(":") ?? [];
      const target = connect(Number(number), host, () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        target.pipe(socket).pipe(target);
      });
      target.on("error", () => socket.destroy());
      closers.push(async () => target.destroy());
    });
    closers.push(async () => server.closeAllConnections());
    return { seen, port: await port(server) };
  }

  test("https goes through a tunnel, and is still checked", async () => {
    const url = await https((_request, response) => response.end("the server itself"));
    const { port: number, seen } = await proxy();
    const through = `http://user:pass@127.0.0.1:${number}`;
    expect((await client({ proxy: through, ca: authority }).get(url)).text).toBe("the server itself");
    expect(seen).toEqual([`CONNECT ${new URL(url).host} Basic ${btoa("user:pass")}`]);
    expect((await failure(client({ proxy: through }).get(url))).sent).toBe("no");
  });

  test("http is forwarded", async () => {
    const { port: number, seen } = await proxy();
    const { text } = await client({ proxy: `http://127.0.0.1:${number}` }).get("http://bitbucket.test/2.0/x");
    expect(text).toBe("from the proxy");
    expect(seen).toEqual(["GET http://bitbucket.test/2.0/x"]);
  });

  test("each request goes the way that the environment says for its URL", async () => {
    const { port: number, seen } = await proxy();
    const direct = await http((_request, response) => response.end("direct"));
    const { get } = client({ proxy: { httpProxy: `http://127.0.0.1:${number}`, noProxy: "10.0.0.0/8" } });
    expect((await get("http://bitbucket.test/")).text).toBe("from the proxy");
    expect((await get(direct)).text).toBe("direct");
    expect(seen).toEqual(["GET http://bitbucket.test/"]);
  });

  test("a refused tunnel: never sent", async () => {
    const { port: number } = await proxy(403);
    const error = await failure(client({ proxy: `http://127.0.0.1:${number}` }).get("https://bitbucket.test/"));
    expect(error).toMatchObject({ sent: "no", message: expect.stringContaining("403") as unknown });
  });

  test("a proxy that nobody runs: never sent", async () => {
    const through = `http://user:pass@127.0.0.1:${await closedPort()}`;
    const error = await failure(client({ proxy: through }).get("https://bitbucket.test/"));
    expect(error.sent).toBe("no");
    expect(error.message).not.toContain("pass");
  });

  test.each(["https", "http"])("a proxy that says nothing holds %s up no longer than asked for", async (scheme) => {
    const through = `http://127.0.0.1:${await mute()}`;
    await failure(
      client({ proxy: through, connectTimeoutMs: 200, headersTimeoutMs: 200 }).get(`${scheme}://bitbucket.test/`),
    );
  });
});
