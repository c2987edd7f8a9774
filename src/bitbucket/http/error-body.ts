import { isObject, parseJson } from "../../support/json.ts";

/** What an error response says, whatever its shape. */
export interface ErrorBody {
  /** OAuth's error code (`invalid_grant`), or empty. */
  readonly code: string;
  /** What it says to people, on one line, without markup; empty when it says nothing. */
  readonly says: string;
  /** Scopes, when it names them (`error.detail` of a 403). */
  readonly required: readonly string[];
  readonly granted: readonly string[];
}

/** Longer texts are cut: they end up in logs. */
const LONGEST_TEXT = 300;

/**
 * Reads an error response. Seen from Bitbucket: `{"error":{"message","detail"?,"data"?}}` with `detail` a text or an object,
 * `{"error":"text"}`, OAuth's `{"error":"code","error_description"}`, `{"message"}` from its gateway, plain text, HTML, nothing.
 *
 * @param redact takes out whatever must not be seen.
 */
export function readErrorBody(text: string, redact: (text: string) => string): ErrorBody {
  const body = parseJson(text);
  if (!isObject(body)) return { code: "", says: readable(plainText(text), redact), required: [], granted: [] };

  const error = body.error;
  if (!isObject(error)) {
    const code = typeof error === "string" && typeof body.error_description === "string" ? error : "";
    const says = firstText(body.error_description, error, body.message);
    return { code, says: readable(says, redact), required: [], granted: [] };
  }
  const { detail } = error;
  const says = [firstText(error.message), firstText(detail)].filter((part) => part !== "").join(" ");
  return {
    code: "",
    says: readable(says, redact),
    required: isObject(detail) ? texts(detail.required) : [],
    granted: isObject(detail) ? texts(detail.granted) : [],
  };
}

/** Replaces every one of `secrets` in a text. */
export function redacting(secrets: () => readonly string[]): (text: string) => string {
  return (text) =>
    secrets()
      .filter((secret) => secret !== "")
      .reduce((redacted, secret) => redacted.replaceAll(secret, "[redacted]"), text);
}

function firstText(...candidates: readonly unknown[]): string {
  return candidates.find((candidate) => typeof candidate === "string") ?? "";
}

function texts(value: unknown): readonly string[] {
  return [value].flat().filter((item) => typeof item === "string");
}

function plainText(text: string): string {
  return /^\s*</.test(text) ? "(a page of HTML)" : text;
}

function readable(text: string, redact: (text: string) => string): string {
  const line = redact(text)
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .trim();
  return line.length > LONGEST_TEXT ? `${line.slice(0, LONGEST_TEXT)}…` : line;
}
