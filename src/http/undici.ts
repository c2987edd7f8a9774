import { Agent, type Dispatcher, Pool, ProxyAgent, request as undiciRequest } from "undici";
import { errorOf } from "../support/errors.ts";
import { type ProxyEnvironment, proxyFor } from "./proxy.ts";
import { type HttpResponse, type Send, TransportError } from "./transport.ts";

/** How to reach a server. Time-outs are real time and bound every phase; undici checks them about once a second. */
export interface Connection {
  /** PEM. Added to nothing: when given, only these authorities are trusted. Else Node's own and those of `NODE_EXTRA_CA_CERTS`. */
  readonly ca?: string | readonly string[];
  /** PEM, for servers that ask for a client certificate. */
  readonly cert?: string;
  readonly key?: string;
  /** The name to check the server's certificate against, when it is not the URL's host. */
  readonly serverName?: string;
  /** Only ever set by a kubeconfig's insecure-skip-tls-verify. */
  readonly skipTlsVerify?: true;
  /** URL of an HTTP proxy for every request, or what the environment says. https requests go through it by CONNECT. */
  readonly proxy?: string | ProxyEnvironment;
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  /** Longest silence within a body; 0 for watches, which have a stall timer of their own. */
  readonly bodyTimeoutMs: number;
  /** Connections kept open to one origin. */
  readonly connections: number;
}

/** A {@link Send} over real connections, pooled until `close`. */
export function undiciSend(connection: Connection): { readonly send: Send; readonly close: () => Promise<void> } {
  const dispatchers = new Map<string | undefined, Dispatcher>();
  const dispatcherTo = (url: string): Dispatcher => {
    const proxy = typeof connection.proxy === "object" ? proxyFor(url, connection.proxy) : connection.proxy;
    const dispatcher = dispatchers.get(proxy) ?? dispatcherFor(connection, proxy);
    dispatchers.set(proxy, dispatcher);
    return dispatcher;
  };
  const send: Send = async ({ method, url, headers, body, signal }) => {
    if (!URL.canParse(url)) throw new TransportError(`${method}: not a URL`, "no");
    const { host } = new URL(url);
    let response: Dispatcher.ResponseData;
    try {
      response = await undiciRequest(url, {
        dispatcher: dispatcherTo(url),
        method,
        headers,
        body: body ?? null,
        headersTimeout: connection.headersTimeoutMs,
        bodyTimeout: connection.bodyTimeoutMs,
        ...(signal && { signal }),
      });
    } catch (cause) {
      throw transportError(cause, `${method} ${host}`);
    }
    return {
      status: response.statusCode,
      headers: plainHeaders(response.headers),
      body: textPieces(response.body, host),
    };
  };
  return {
    send,
    async close() {
      await Promise.all([...dispatchers.values()].map((dispatcher) => dispatcher.destroy()));
    },
  };
}

function dispatcherFor(connection: Connection, proxy: string | undefined): Dispatcher {
  const { connections } = connection;
  const connect = {
    ...(connection.ca !== undefined && { ca: [connection.ca].flat() }),
    ...(connection.cert !== undefined && { cert: connection.cert }),
    ...(connection.key !== undefined && { key: connection.key }),
    ...(connection.serverName !== undefined && { servername: connection.serverName }),
    ...(connection.skipTlsVerify && { rejectUnauthorized: false }),
    timeout: connection.connectTimeoutMs,
  };
  if (proxy === undefined) return new Agent({ connections, connect });
  return new ProxyAgent({
    connections,
    uri: proxy,
    requestTls: connect,
    proxyTls: { timeout: connection.connectTimeoutMs },
    // http requests are forwarded by the proxy; only https ones need a tunnel.
    proxyTunnel: false,
    // A proxy that takes the connection and then says nothing must not hold us up for undici's five minutes.
    clientFactory: (origin, options) => new Pool(origin, { ...options, headersTimeout: connection.connectTimeoutMs }),
  });
}

function plainHeaders(headers: Record<string, string | string[] | undefined>): HttpResponse["headers"] {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, [value].flat().join(", ")]],
    ),
  );
}

async function* textPieces(body: AsyncIterable<Uint8Array>, host: string): AsyncIterable<string> {
  const decoder = new TextDecoder();
  try {
    for await (const piece of body) yield decoder.decode(piece, { stream: true });
  } catch (cause) {
    throw transportError(cause, `reading from ${host}`);
  }
  const rest = decoder.decode();
  if (rest !== "") yield rest;
}

/** Failures that happen before a request can have left. */
const NEVER_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_PRX_TLS",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "ERR_SSL_WRONG_VERSION_NUMBER",
]);

function transportError(cause: unknown, what: string): TransportError {
  const error = errorOf(cause);
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const neverSent =
    NEVER_SENT.has(code) || code.startsWith("ERR_TLS") || code.includes("CERT") || isRefusedTunnel(error);
  // Node tries every address of a host and then says nothing itself: its parts do.
  const text = error.message === "" && error instanceof AggregateError ? String(error.errors[0]) : error.message;
  const says = text.replaceAll(/\s+/g, " ").trim();
  return new TransportError(`${what}: ${says}${code === "" ? "" : ` (${code})`}`, neverSent ? "no" : "maybe", {
    cause,
  });
}

/** The proxy answered CONNECT with something else than 200; undici gives this no code of its own. */
function isRefusedTunnel(error: Error): boolean {
  return error.message.startsWith("Proxy response (");
}
