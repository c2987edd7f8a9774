import type { RequestEnded } from "../../domain/events.ts";
import { type HttpRequest, readText, type Send, TransportError } from "../../http/transport.ts";
import type { Clock } from "../../support/clock.ts";
import { withDeadline } from "../../support/deadline.ts";
import { errorOf } from "../../support/errors.ts";
import type { Log } from "../../support/log.ts";
import { Unreachable } from "../errors.ts";

/** A response that was read to its end, whatever its status. */
export interface ApiResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Just before the request was sent, by the monotonic clock. */
  readonly sentAt: number;
}

/** No complete response came; `sentAt` as in {@link ApiResponse}. */
export interface NoResponse {
  readonly error: Unreachable;
  readonly sentAt: number;
}

/** Sends a request once. `route`: its path's template. Never rejects: what became of it is the result. */
export type SendOnce = (request: HttpRequest, route: string, signal: AbortSignal) => Promise<ApiResponse | NoResponse>;

/** A hundred runners are some 100 kB; whatever is much longer is not Bitbucket. */
const LONGEST_BODY = 8_000_000;

/**
 * Sends single requests, each of which ends within `deadlineMs` of the clock's time, headers and body together.
 *
 * @param onRequest hears of every request's end.
 */
export function sendOnceOver(options: {
  readonly send: Send;
  readonly clock: Clock;
  readonly deadlineMs: number;
  readonly log: Log;
  readonly onRequest?: ((event: RequestEnded) => void) | undefined;
}): SendOnce {
  const { send, clock, deadlineMs, log, onRequest } = options;
  return async (request, route, signal) => {
    const sentAt = clock.monotonic();
    const ended = (status: RequestEnded["status"]) => {
      const facts = { route, method: request.method, status, durationMs: clock.monotonic() - sentAt };
      log.debug("Bitbucket request", facts);
      onRequest?.({ type: "request-ended", plane: "bitbucket", ...facts });
    };
    try {
      const { status, headers, text } = await withDeadline(clock, deadlineMs, signal, async (inner) => {
        const response = await send({ ...request, signal: inner });
        return { ...response, text: await readText(response, LONGEST_BODY) };
      });
      ended(status);
      return { status, headers, text, sentAt };
    } catch (thrown) {
      ended("error");
      const cause = errorOf(thrown);
      const sent = cause instanceof TransportError ? cause.sent : "maybe";
      return { error: new Unreachable(`${request.method} ${route}`, sent, cause), sentAt };
    }
  };
}
