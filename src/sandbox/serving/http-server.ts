import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type HttpRequest, type HttpResponse, type Send, TransportError } from "../../http/transport.ts";
import { errorOf } from "../../support/errors.ts";

/** A simulated API that real programs can talk to. */
export interface ServedApi {
  readonly port: number;
  /** Without a slash at its end. */
  readonly url: string;
  /** Cuts every connection; resolves when the port is free. */
  close(): Promise<void>;
}

export interface ServeOptions {
  /** The address to listen on; simulations are for this machine alone, so 127.0.0.1. */
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Told of what went wrong inside the simulation; the client only learns that something did. */
  readonly onError?: (error: Error) => void;
}

const METHODS: readonly string[] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/** Longer than clients keep an idle connection, so that they close it and never find it closed (real time). */
const KEEP_ALIVE_MS = 120_000;
const LARGEST_BODY = 8 * 1024 * 1024;

/**
 * Puts a simulated API's {@link Send} behind a real HTTP server: bodies stream, `Date` is the simulation's, a client that leaves aborts its
 * request. A {@link TransportError} of the simulation becomes a broken connection.
 *
 * @throws {Error} with Node's code when the port is not available (EADDRINUSE, EACCES).
 */
export async function serve(send: Send, options: ServeOptions): Promise<ServedApi> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 }, (incoming, outgoing) => {
    void exchange(send, origin(server), incoming, outgoing).catch((cause: unknown) => {
      if (!(cause instanceof TransportError)) options.onError?.(errorOf(cause));
      if (cause instanceof TransportError || outgoing.headersSent) outgoing.destroy();
      else
        outgoing.writeHead(500, { "content-type": "text/plain" }).end("The simulation failed; its process says why.\n");
    });
  });
  server.listen(options.port, options.host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { port, url: origin(server), close: () => close(server) };
}

async function exchange(send: Send, base: string, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const method = incoming.method ?? "";
  if (!METHODS.includes(method)) return void outgoing.writeHead(405).end();
  const gone = new AbortController();
  outgoing.once("close", () => gone.abort());
  const body = await readBody(incoming);
  if (body === undefined) return void outgoing.writeHead(413, { connection: "close" }).end();
  const response = await send({
    method: method as HttpRequest["method"],
    url: base + (incoming.url ?? "/"),
    headers: plainHeaders(incoming),
    ...(body !== "" && { body }),
    signal: gone.signal,
  });
  await respond(response, outgoing, gone.signal);
}

/** Undefined: too large. */
async function readBody(incoming: IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of incoming as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > LARGEST_BODY) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}

async function respond(response: HttpResponse, outgoing: ServerResponse, gone: AbortSignal): Promise<void> {
  outgoing.sendDate = response.headers.date === undefined;
  outgoing.writeHead(response.status, response.headers);
  outgoing.flushHeaders();
  try {
    for await (const piece of response.body) {
      if (!outgoing.write(piece)) await once(outgoing, "drain", { signal: gone });
    }
  } catch (error) {
    // The client left: nobody is there to be told.
    if (gone.aborted) return;
    throw error;
  }
  outgoing.end();
}

function plainHeaders(incoming: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(incoming.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, [value].flat().join(", ")]],
    ),
  );
}

function origin(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
