import { type Send, textResponse } from "../../http/transport.ts";
import { ANCHOR_PATH, type Anchor } from "../../support/clock.ts";
import { type ServedApi, serve } from "./http-server.ts";
import { PortTaken } from "./ports.ts";

/** Simulated APIs, and what looks at the processes beside them, stay on this machine. */
export const HOST = "127.0.0.1";

/**
 * Puts a simulated API behind HTTP on this machine. It also says which anchor it runs by: what a process at another speed than real time asks before
 * it starts.
 *
 * @param port 0 picks a free one.
 * @throws {PortTaken}
 */
export async function serveApi(
  send: Send,
  anchor: Anchor,
  port: number,
  onError: (error: Error) => void,
): Promise<ServedApi> {
  try {
    return await serve(answeringAnchor(send, anchor), { host: HOST, port, onError });
  } catch (error) {
    const isTaken =
      error instanceof Error && "code" in error && (error.code === "EADDRINUSE" || error.code === "EACCES");
    throw isTaken ? new PortTaken(port) : error;
  }
}

function answeringAnchor(send: Send, anchor: Anchor): Send {
  const text = JSON.stringify(anchor);
  return async (request) =>
    request.method === "GET" && new URL(request.url).pathname === ANCHOR_PATH
      ? textResponse(200, { "content-type": "application/json" }, text)
      : send(request);
}
