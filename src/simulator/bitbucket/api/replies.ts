import type { BitbucketBehaviour } from "../behaviour.ts";

/** What a route answers; the `date` header is added at the door. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly text: string;
}

export function jsonReply(status: number, body: unknown): Reply {
  return { status, headers: { "content-type": "application/json; charset=utf-8" }, text: JSON.stringify(body) };
}

export function textReply(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers }, text };
}

export const NO_CONTENT: Reply = { status: 204, text: "" };

/** An error in the shape that the world is set to. `detail` has room only in the first two shapes. */
export function errorReply(
  behaviour: Pick<BitbucketBehaviour, "errorShape">,
  status: number,
  message: string,
  detail?: unknown,
): Reply {
  const error = { message, ...(detail !== undefined && { detail }) };
  switch (behaviour.errorShape) {
    case "typed":
      return jsonReply(status, { type: "error", error });
    case "untyped":
      return jsonReply(status, { error });
    case "string":
      return jsonReply(status, { error: message });
    case "text":
      return textReply(status, message);
    case "empty":
      return { status, text: "" };
  }
}

/** A time as the runner API writes it: RFC 3339 with nanoseconds. The digits below a millisecond follow from the time itself. */
export function nanosecondStamp(timeMs: number): string {
  const wholeMs = Math.floor(timeMs);
  const below = ((wholeMs % 1_000_000) * 7_919) % 1_000_000;
  return `${new Date(wholeMs).toISOString().slice(0, -1)}${below.toString().padStart(6, "0")}Z`;
}

/** A time as the other resources have it: microseconds and an offset. */
export function microsecondStamp(timeMs: number): string {
  return `${new Date(Math.floor(timeMs)).toISOString().slice(0, -1)}000+00:00`;
}

/** A time as an HTTP `Date` header: whole seconds. */
export function httpDate(timeMs: number): string {
  return new Date(timeMs).toUTCString();
}
