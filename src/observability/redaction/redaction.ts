import { Secret } from "../../support/secret.ts";
import { percentDecoded } from "./percent-decoded.ts";
import { SecretIndex, type Span } from "./secret-index.ts";
import { maskShapes, REDACTED } from "./secret-shapes.ts";

/** Runners' secrets and renewed tokens: far more than one process makes while any of them is still in use. */
const SHORT_LIVED = 5_000;

/** A URL within a URL within a URL. */
const PERCENT_LAYERS = 3;

/** Keeps secrets out of whatever leaves the process: logs, API replies, error texts. */
export interface Redactor {
  /** Masks this text from now on; of more than 5,000 such secrets the oldest are forgotten. For runners' secrets and access tokens. */
  remember(secret: Secret | string): void;
  /** Masks this text for the life of the process. For the credentials it was started with. */
  rememberAlways(secret: Secret | string): void;
  /**
   * The text with `[redacted]` in place of each remembered secret, however it is encoded, and of whatever has a secret's shape
   * (authorization headers, `client_secret=…`, passwords in URLs, JSON Web Tokens, Atlassian's tokens).
   */
  redact(text: string): string;
}

export function createRedactor(): Redactor {
  const shortLived = new SecretIndex(SHORT_LIVED);
  const lasting = new SecretIndex(Number.POSITIVE_INFINITY);
  return {
    remember: (secret) => shortLived.add(textOf(secret)),
    rememberAlways: (secret) => lasting.add(textOf(secret)),
    redact: (text) => maskShapes(without(text, spansIn(text, [lasting, shortLived]))),
  };
}

/** Where secrets stand in a text, as it is and with its percent codes resolved. */
function spansIn(text: string, indices: readonly SecretIndex[], layers = PERCENT_LAYERS): Span[] {
  const spans = indices.flatMap((index) => index.find(text));
  const decoded = layers > 0 ? percentDecoded(text) : undefined;
  if (decoded === undefined) return spans;
  const origin = (position: number) => decoded.origin[position] ?? text.length;
  const beneath = spansIn(decoded.text, indices, layers - 1);
  return [...spans, ...beneath.map(({ start, end }) => ({ start: origin(start), end: origin(end) }))];
}

/** The text with one `[redacted]` in place of each span, or of several that overlap or touch. */
function without(text: string, spans: Span[]): string {
  let result = "";
  let done = 0;
  for (const { start, end } of spans.sort((a, b) => a.start - b.start)) {
    if (start > done || done === 0) result += text.slice(done, start) + REDACTED;
    done = Math.max(done, end);
  }
  return result + text.slice(done);
}

function textOf(secret: Secret | string): string {
  return secret instanceof Secret ? secret.reveal() : secret;
}
