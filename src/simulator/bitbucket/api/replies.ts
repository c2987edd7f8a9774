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
