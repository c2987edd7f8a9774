import type { HttpRequest, Send } from "../../src/http/transport.ts";
import type { Clock } from "../../src/support/clock.ts";

/** One request that a simulated server answered. */
export interface Entry {
  readonly method: HttpRequest["method"];
  readonly path: string;
  readonly query: URLSearchParams;
  readonly status: number;
  /** When the simulated server had it, and when it had acted. */
  readonly arrivedAt: number;
  readonly doneAt: number;
}

/** Writes down every request to one simulated server, at its own door: what a reply takes on its way back is not in it. */
export class Ledger {
  readonly entries: Entry[] = [];
  readonly send: Send;

  constructor(send: Send, clock: Clock) {
    this.send = async (request) => {
      const arrivedAt = clock.now();
      const { pathname, searchParams } = new URL(request.url);
      const reply = await send(request);
      const { method } = request;
      const { status } = reply;
      this.entries.push({ method, path: pathname, query: searchParams, status, arrivedAt, doneAt: clock.now() });
      return reply;
    };
  }

  /** Objects or registrations of that kind that were made, in order: `path` ends with the kind. */
  creations(kind: "jobs" | "secrets" | "runners"): readonly Entry[] {
    return this.entries.filter(
      ({ method, path, status }) => method === "POST" && path.endsWith(`/${kind}`) && status < 300,
    );
  }

  /** How many requests arrived in that stretch of time. */
  count(kind: "reads" | "writes", from: number, to: number): number {
    return this.entries.filter(
      ({ method, arrivedAt }) => arrivedAt >= from && arrivedAt <= to && (method === "GET") === (kind === "reads"),
    ).length;
  }
}
