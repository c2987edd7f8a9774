import { inspect } from "node:util";
import { remedyOf } from "../../support/errors.ts";
import { Secret } from "../../support/secret.ts";
import type { Redactor } from "../redaction/redaction.ts";
import { isSecretField, REDACTED } from "../redaction/secret-shapes.ts";

/** What one line can hold: plain JSON, secrets masked. */
export type Loggable = string | number | boolean | null | readonly Loggable[] | { readonly [key: string]: Loggable };

const DEEPEST = 6;
const LONGEST_LIST = 100;

/** How to make a value loggable. */
export interface LoggableOptions {
  readonly redactor: Redactor;
  /** Errors keep their stack; only for logs at debug level. */
  readonly stacks: "with" | "without";
}

/**
 * Any value as plain JSON with every secret masked: texts, names of fields and errors with all their causes. Never throws, whatever it is
 * given (cycles, getters that throw, endless depth).
 */
export function loggable(value: unknown, options: LoggableOptions): Loggable {
  return convert(value, options, []);
}

function convert(value: unknown, options: LoggableOptions, above: readonly object[]): Loggable {
  switch (typeof value) {
    case "string":
      return options.redactor.redact(value);
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "boolean":
      return value;
    case "bigint":
      return value.toString();
    case "undefined":
      return null;
    case "symbol":
    case "function":
      return `[${typeof value}]`;
    case "object":
      if (value === null) return null;
      if (above.includes(value)) return "[circular]";
      if (above.length >= DEEPEST) return "[too deep]";
      try {
        return fromObject(value, options, [...above, value]);
      } catch {
        // A getter or a toJSON of somebody else's object; a log line must not end the process.
        return "[unreadable]";
      }
  }
}

function fromObject(value: object, options: LoggableOptions, above: readonly object[]): Loggable {
  if (value instanceof Secret) return REDACTED;
  if (value instanceof Error) return errorView(value, options, above);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Map) return fields(Object.fromEntries(value as Map<PropertyKey, unknown>), options, above);
  if (Array.isArray(value) || value instanceof Set) {
    const items = [...value].slice(0, LONGEST_LIST).map((item) => convert(item, options, above));
    const more = (Array.isArray(value) ? value.length : value.size) - items.length;
    return more > 0 ? [...items, `[${more} more]`] : items;
  }
  if ("toJSON" in value && typeof value.toJSON === "function") {
    return convert((value as { toJSON(): unknown }).toJSON(), options, above);
  }
  return fields(value, options, above);
}

function fields(value: object, options: LoggableOptions, above: readonly object[]): Record<string, Loggable> {
  const result: Record<string, Loggable> = {};
  for (const [name, field] of Object.entries(value)) {
    if (field === undefined) continue;
    const hidden = isSecretField(name) && typeof field !== "number" && typeof field !== "boolean";
    result[options.redactor.redact(name)] = hidden ? REDACTED : convert(field, options, above);
  }
  return result;
}

/** Fields of an error that are shown otherwise. */
const SHOWN_OTHERWISE = new Set(["name", "message", "remedy", "cause", "stack", "errors"]);

/** An error's class, message, next step and other plain facts; its causes' messages are part of its own. */
function errorView(error: Error, options: LoggableOptions, above: readonly object[]): Loggable {
  const facts = Object.entries(error).filter(
    ([name, fact]) => !SHOWN_OTHERWISE.has(name) && ["string", "number", "boolean"].includes(typeof fact),
  );
  const remedy = remedyOf(error);
  return {
    type: options.redactor.redact(error.name),
    message: options.redactor.redact(fullMessage(error)),
    ...(remedy !== undefined && { remedy: options.redactor.redact(remedy) }),
    ...fields(Object.fromEntries(facts), options, above),
    ...(options.stacks === "with" && { stack: options.redactor.redact(String(error.stack)) }),
  };
}

/** The error's message, then those of its causes that it does not repeat itself. */
function fullMessage(error: Error): string {
  let text = ownMessage(error);
  let cause = error.cause;
  for (let depth = 1; depth < DEEPEST && cause !== undefined && cause !== null; depth += 1) {
    const message = cause instanceof Error ? ownMessage(cause) : textOf(cause);
    if (!text.includes(message)) text = `${text}: ${message}`;
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return text;
}

function ownMessage(error: Error): string {
  const own = error.message === "" ? error.name : error.message;
  if (!(error instanceof AggregateError) || error.errors.length === 0) return own;
  return `${own} (${error.errors.map((each) => (each instanceof Error ? each.message : textOf(each))).join("; ")})`;
}

/** Something that was thrown and is no error. */
function textOf(thrown: unknown): string {
  return typeof thrown === "string" ? thrown : inspect(thrown, { depth: 1, breakLength: Number.POSITIVE_INFINITY });
}
