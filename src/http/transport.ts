/**
 * One HTTP exchange as the adapters see it. Real ones go through undici (`http/undici.ts`), simulated ones straight to a simulated server.
 */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Absolute. */
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** What came back: status and headers at once, the body as it comes. */
export interface HttpResponse {
  readonly status: number;
  /** Lower-case names; repeated ones joined with ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as UTF-8 text in pieces of any size; read it once. A broken connection rejects. */
  readonly body: AsyncIterable<string>;
}

/**
 * Sends one request and gives the response, whatever its status.
 *
 * @throws {TransportError} when no response came: the connection failed, timed out, or the signal aborted.
 */
export type Send = (request: HttpRequest) => Promise<HttpResponse>;

/** No response came. Whether the server acted on the request is not known when `sent` is "maybe". */
export class TransportError extends Error {
  override readonly name = "TransportError";
  /** "no": the request never left this machine (refused connection, unknown host, TLS failure). "maybe": it may have arrived. */
  readonly sent: "no" | "maybe";

  constructor(message: string, sent: "no" | "maybe", options?: ErrorOptions) {
    super(message, options);
    this.sent = sent;
  }
}

/**
 * The whole body as text.
 *
 * @throws {TransportError} when it breaks off, or is longer than `mostCharacters`.
 */
export async function readText(response: HttpResponse, mostCharacters = Number.POSITIVE_INFINITY): Promise<string> {
  let text = "";
  for await (const piece of response.body) {
    text += piece;
    if (text.length > mostCharacters)
      throw new TransportError(`a body of more than ${mostCharacters} characters`, "maybe");
  }
  return text;
}

/**
 * What a response's `Retry-After` asks for, in milliseconds from the response's own `Date`: seconds, or an HTTP date. 0 when there is none,
 * or none that can be read.
 *
 * @param longestMs more than that is cut to it.
 */
export function retryAfterMs(headers: HttpResponse["headers"], longestMs: number): number {
  const asked = headers["retry-after"]?.trim() ?? "";
  if (asked === "") return 0;
  const seconds = Number(asked);
  const waitMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(asked) - Date.parse(headers.date ?? "");
  return Number.isNaN(waitMs) ? 0 : Math.min(Math.max(waitMs, 0), longestMs);
}

/** A response whose body is at hand. */
export function textResponse(status: number, headers: Readonly<Record<string, string>>, text: string): HttpResponse {
  return {
    status,
    headers,
    body: (async function* () {
      if (text !== "") yield text;
    })(),
  };
}
