import { Agent, type Dispatcher, ProxyAgent, request as undiciRequest } from "undici";
import { type HttpResponse, type Send, TransportError } from "./transport.ts";

/** How to reach a server. Time-outs are real time and bound every phase; undici checks them about once a second. */
export interface Connection {
  /** PEM. Added to nothing: when given, only these authorities are trusted. */
  readonly ca?: string | readonly string[];
  /** PEM, for servers that ask for a client certificate. */
  readonly cert?: string;
  readonly key?: string;
  /** The name to check the server's certificate against, when it is not the URL's host. */
  readonly serverName?: string;
  /** Only ever set by a kubeconfig's insecure-skip-tls-verify. */
  readonly skipTlsVerify?: true;
  /** URL of an HTTP proxy; https requests go through it by CONNECT. */
  readonly proxy?: string;
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  /** Longest silence within a body; 0 for watches, which have a stall timer of their own. */
  readonly bodyTimeoutMs: number;
  /** Connections kept open to one origin. */
  readonly connections: number;
}

/** A {@link Send} over real connections, pooled until `close`. */
export function undiciSend(connection: Connection): { readonly send: Send; close(): Promise<void> } {
  const dispatcher = dispatcherFor(connection);
  const send: Send = async ({ method, url, headers, body, signal }) => {
    let reply: Dispatcher.ResponseData;
    try {
      reply = await undiciRequest(url, { dispatcher, method, headers, body: body ?? null, ...(signal && { signal }) });
    } catch (cause) {
      throw transportError(cause, `${method} ${new URL(url).host}`);
    }
    return {
      status: reply.statusCode,
      headers: plainHeaders(reply.headers),
      body: textPieces(reply.body, new URL(url).host),
    };
  };
  return { send, close: () => dispatcher.destroy() };
}

function dispatcherFor(connection: Connection): Dispatcher {
  const tls = {
    ...(connection.ca !== undefined && { ca: [connection.ca].flat() }),
    ...(connection.cert !== undefined && { cert: connection.cert }),
    ...(connection.key !== undefined && { key: connection.key }),
    ...(connection.serverName !== undefined && { servername: connection.serverName }),
    ...(connection.skipTlsVerify && { rejectUnauthorized: false }),
  };
  const common = {
    connections: connection.connections,
    connectTimeout: connection.connectTimeoutMs,
    headersTimeout: connection.headersTimeoutMs,
    bodyTimeout: connection.bodyTimeoutMs,
  };
  if (connection.proxy !== undefined) return new ProxyAgent({ ...common, uri: connection.proxy, requestTls: tls });
  return new Agent({ ...common, connect: { ...tls, timeout: connection.connectTimeoutMs } });
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
]);

function transportError(cause: unknown, what: string): TransportError {
  const error = cause instanceof Error ? cause : new Error(String(cause));
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const neverSent =
    NEVER_SENT.has(code) ||
    code.startsWith("ERR_TLS") ||
    code.includes("CERT") ||
    code.startsWith("SELF_SIGNED") ||
    code.startsWith("DEPTH_ZERO");
  return new TransportError(`${what}: ${error.message}${code === "" ? "" : ` (${code})`}`, neverSent ? "no" : "maybe", {
    cause,
  });
}
