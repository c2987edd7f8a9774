import type { Loggable } from "./loggable.ts";

/** A log entry as its JSON line holds it. */
export interface Entry {
  readonly level: string;
  readonly msg: string;
  readonly fields: Readonly<Record<string, Loggable>>;
}

/** How one message reads as text. */
interface Phrase {
  /** In front of the text, instead of the level; undefined for the level. */
  readonly lead?: string;
  /** With `{field}` where a field's value goes. */
  readonly text: string;
  /** Fields that the text leaves out. */
  readonly silent: readonly string[];
}

/**
 * Messages whose text form users of the original search their logs for, word for word, with what is ours behind it. All other messages
 * read `LEVEL: message field=value [group]`.
 */
const PHRASES: ReadonlyMap<string, Phrase> = new Map([
  [
    "Runner created on Bitbucket workspace",
    { text: "Runner created on Bitbucket workspace: {workspace}", silent: ["uuid"] },
  ],
  [
    "Successfully setup runner",
    { lead: "✔", text: "Successfully setup runner UUID {uuid} on workspace {workspace}", silent: [] },
  ],
]);

/**
 * One entry as one line of text, for people and `grep`: `LEVEL: message field=value [group]`, or the message's own phrase. Line breaks
 * and control characters are escaped: no value can forge a line or move a terminal's cursor.
 */
export function textLine({ level, msg, fields }: Entry): string {
  const { group, ...rest } = fields;
  const phrase = PHRASES.get(msg);
  const { text, told } = phrase === undefined ? { text: escaped(msg), told: [] } : spoken(phrase, rest);
  const pairs = Object.entries(rest).flatMap(([name, value]) => (told.includes(name) ? [] : pair(name, value)));
  const end = group === undefined ? [] : [`[${bare(group)}]`];
  return [phrase?.lead ?? `${level.toUpperCase()}:`, text, ...pairs, ...end].join(" ");
}

/** The phrase with its fields filled in, and the names of those that need no telling any more. */
function spoken(phrase: Phrase, fields: Entry["fields"]): { text: string; told: readonly string[] } {
  const told = [...phrase.silent];
  const text = phrase.text.replace(/\{(\w+)\}/g, (placeholder, name: string) => {
    const value = fields[name];
    if (value === undefined) return placeholder;
    told.push(name);
    return bare(value);
  });
  return { text, told };
}

function bare(value: Loggable): string {
  return typeof value === "string" ? escaped(value) : JSON.stringify(value);
}

function pair(name: string, value: Loggable): string[] {
  if (isError(value)) return errorPairs(name, value);
  if (isObject(value)) return Object.entries(value).flatMap(([inner, part]) => pair(`${name}.${inner}`, part));
  return [`${escaped(name)}=${plain(value)}`];
}

/** The message under the field's name, then the next step, then the stack where the log keeps stacks. */
function errorPairs(name: string, error: Readonly<Record<string, Loggable>>): string[] {
  const prefix = name === "error" ? "" : `${name}.`;
  return [
    `${escaped(name)}=${plain(error.message ?? null)}`,
    ...["remedy", "stack"].flatMap((part) => {
      const value = error[part];
      return value === undefined ? [] : [`${prefix}${part}=${plain(value)}`];
    }),
  ];
}

function plain(value: Loggable): string {
  if (typeof value === "string")
    return /^[^\s"'=[\],\p{Cc}\u2028\u2029]+$/u.test(value) ? value : escaped(JSON.stringify(value));
  if (Array.isArray(value) && value.every((item) => typeof item !== "object" || item === null)) {
    return `[${value.map(plain).join(",")}]`;
  }
  return escaped(JSON.stringify(value));
}

/** Control characters and line breaks as `\uXXXX`, the usual ones as `\n`, `\r` and `\t`. */
function escaped(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (character) => {
    const short = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }[character];
    return short ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

function isObject(value: Loggable): value is Readonly<Record<string, Loggable>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isError(value: Loggable): value is Readonly<Record<string, Loggable>> {
  return isObject(value) && typeof value.type === "string" && typeof value.message === "string";
}
