import { type HttpRequest, readText, type Send, TransportError } from "../../http/transport.ts";
import type { Clock } from "../../support/clock.ts";
import { withDeadline } from "../../support/deadline.ts";
import type { Log } from "../../support/log.ts";
import { Unreachable } from "../errors.ts";

/** How one request ended, for metrics. */
export interface RequestOutcome {
  /** The path with its parameters' names in place of their values: a bounded set. */
  readonly route: string;
  readonly method: HttpRequest["method"];
  /** "error" when no complete reply came. */
  readonly status: number | "error";
  /** World time. */
  readonly durationMs: number;
}

/** A reply that was read to its end. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** World time just before the request was sent. */
  readonly sentAt: number;
}

/** No complete reply; `sentAt` as in {@link Reply}. */
export interface Lost {
  readonly lost: Unreachable;
  readonly sentAt: number;
}

/** Sends a request once. Never rejects: what became of it is the result. */
export type Attempt = (request: HttpRequest, route: string, signal: AbortSignal) => Promise<Reply | Lost>;

/** A hundred runners are some 100 kB; whatever is much longer is not Bitbucket. */
const LONGEST_BODY = 8_000_000;

/**
 * Sends single requests, each of which ends within `deadlineMs` of world time, headers and body together.
 *
 * @param onRequest hears of every request's end.
 */
export function attempts(options: {
  readonly send: Send;
  readonly clock: Clock;
  readonly deadlineMs: number;
  readonly log: Log;
  readonly onRequest?: ((outcome: RequestOutcome) => void) | undefined;
}): Attempt {
  const { send, clock, deadlineMs, log, onRequest } = options;
  return async (request, route, signal) => {
    const sentAt = clock.now();
    const ended = (status: RequestOutcome["status"]) => {
      const outcome = { route, method: request.method, status, durationMs: clock.now() - sentAt };
      log.debug("Bitbucket request", { ...outcome });
      onRequest?.(outcome);
    };
    try {
      const { status, headers, text } = await withDeadline(clock, deadlineMs, signal, async (inner) => {
        const response = await send({ ...request, signal: inner });
        return { ...response, text: await readText(response, LONGEST_BODY) };
      });
      ended(status);
      return { status, headers, text, sentAt };
    } catch (error) {
      ended("error");
      const cause = error instanceof Error ? error : new Error(String(error));
      const sent = cause instanceof TransportError ? cause.sent : "maybe";
      return { lost: new Unreachable(`${request.method} ${route}`, sent, cause), sentAt };
    }
  };
}
