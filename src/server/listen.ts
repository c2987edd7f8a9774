import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";
import type { Clock } from "../support/clock.ts";
import { RemediedError } from "../support/errors.ts";

/** A server that takes requests. */
export interface Listening {
  /** The port it got, when 0 was asked for. */
  readonly port: number;
  /** Takes no more requests, lets those under way end, and cuts off what is left after a second of real time. */
  close(): Promise<void>;
}

export interface ListenOptions {
  /** 0 picks a free one. */
  readonly port: number;
  /** The address to bind; 0.0.0.0 lets the kubelet's probes in. */
  readonly host: string;
  /** Real time, for the grace of a close. */
  readonly wall: Clock;
}

/** The port is not available. */
export class ListenError extends RemediedError {
  override readonly name = "ListenError";

  constructor({ port, host }: ListenOptions, cause: NodeJS.ErrnoException) {
    const remedy =
      cause.code === "EADDRINUSE"
        ? "Another process has this port: stop it, or choose another port (0 picks a free one)."
        : cause.code === "EACCES"
          ? "Choose a port from 1024 up."
          : "Choose an address and a port of this machine.";
    super(`Cannot serve HTTP on ${host}:${port}: ${cause.message}.`, remedy, { cause });
  }
}

const CLOSE_GRACE_MS = 1_000;
/** No request here has a body worth waiting for. */
const REQUEST_TIMEOUT_MS = 10_000;

/**
 * Serves the app on one port.
 *
 * @throws {ListenError} when the port is not available.
 */
export async function listen(app: Hono, options: ListenOptions): Promise<Listening> {
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS },
  }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => reject(new ListenError(options, cause)));
    server.listen(options.port, options.host, resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : options.port;
  return { port, close: () => close(server, options.wall) };
}

async function close(server: Server, wall: Clock): Promise<void> {
  const grace = new AbortController();
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      grace.abort();
      resolve();
    });
  });
  server.closeIdleConnections();
  // Rejects when everything has ended before the grace is over: nothing is left to cut off then.
  await wall.pause(CLOSE_GRACE_MS, grace.signal);
  server.closeAllConnections();
  await closed;
}
