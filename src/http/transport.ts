/** One HTTP exchange as the adapters see it. Real ones go through undici (`http/undici.ts`), simulated ones straight into a world. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Absolute. */
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  /** Lower-case names; repeated ones joined with ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as UTF-8 text in pieces of any size; read it once. A broken connection rejects. */
  readonly body: AsyncIterable<string>;
}

/**
 * Sends one request and gives the reply, whatever its status.
 *
 * @throws {TransportError} when no reply came: the connection failed, timed out, or the signal aborted.
 */
export type Send = (request: HttpRequest) => Promise<HttpResponse>;

/** No reply came. Whether the server acted on the request is not known when `sent` is "maybe". */
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

/** A reply whose body is at hand. */
export function textResponse(status: number, headers: Readonly<Record<string, string>>, text: string): HttpResponse {
  return {
    status,
    headers,
    body: (async function* () {
      if (text !== "") yield text;
    })(),
  };
}
