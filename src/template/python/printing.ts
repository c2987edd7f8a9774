import { pythonFloat } from "../../yaml/scalars.ts";
import { EvaluationError, type Meter } from "../jinja/meter.ts";
import { compareText } from "./order.ts";
import { type Dict, List, type Value } from "./values.ts";

/** What Python's `str()` makes of a value: how Jinja2 prints it. An undefined value prints nothing. */
export function pythonText(value: Value, meter: Meter): string {
  if (typeof value === "string") return value;
  return value === undefined ? "" : new Writer(meter, quoted).write(value, 0).text();
}

/**
 * JSON as Jinja2's `tojson` writes it: keys sorted, only ASCII, and the characters that mean something in HTML escaped.
 *
 * @param indent spaces a level; undefined writes it in one line
 */
export function pythonJson(value: Value, indent: number | undefined, meter: Meter): string {
  return new Writer(meter, jsonQuoted, { indent }).write(value, 0).text();
}

type Brackets = readonly [open: string, close: string];

/** Writes what is inside of each other, until it is too long. */
class Writer {
  readonly #parts: string[] = [];
  #length = 0;
  readonly #meter: Meter;
  readonly #quoted: (text: string) => string;
  readonly #json: { readonly indent: number | undefined } | undefined;

  constructor(meter: Meter, quote: (text: string) => string, json?: { readonly indent: number | undefined }) {
    this.#meter = meter;
    this.#quoted = quote;
    this.#json = json;
  }

  text(): string {
    return this.#parts.join("");
  }

  write(value: Value, depth: number): this {
    this.#meter.spend(1);
    if (typeof value === "string") return this.#putText(value);
    if (typeof value === "bigint") return this.#put(String(value));
    if (typeof value === "number") return this.#put(pythonFloat(value));
    if (value === null) return this.#put(this.#json ? "null" : "None");
    if (typeof value === "boolean") return this.#put(this.#json ? String(value) : value ? "True" : "False");
    if (value instanceof Map) {
      this.#meter.spend(value.size);
      const entries = [...(value as Dict)];
      if (this.#json) entries.sort(([a], [b]) => compareText(a, b, this.#meter));
      return this.#all(["{", "}"], entries, depth, ([key, item]) =>
        this.#putText(key)
          .#put(": ")
          .write(item, depth + 1),
      );
    }
    if (!(value instanceof List) || (value.kind !== "list" && value.kind !== "tuple"))
      throw new EvaluationError("this cannot be printed; | list makes a list of items()");
    const brackets: Brackets =
      value.kind === "list" || this.#json ? ["[", "]"] : ["(", value.items.length === 1 ? ",)" : ")"];
    return this.#all(brackets, value.items, depth, (item) => this.write(item, depth + 1));
  }

  #all<T>([open, close]: Brackets, items: readonly T[], depth: number, one: (item: T) => void): this {
    const indent = this.#json?.indent;
    const line = (levels: number) => (indent === undefined ? "" : `\n${" ".repeat(indent * levels)}`);
    this.#put(open);
    this.#meter.within(() => {
      items.forEach((item, index) => {
        this.#put(index === 0 ? line(depth + 1) : indent === undefined ? ", " : `,${line(depth + 1)}`);
        one(item);
      });
    });
    return this.#put(items.length === 0 ? close : line(depth) + close);
  }

  #putText(text: string): this {
    this.#meter.text(text.length);
    return this.#put(this.#quoted(text));
  }

  #put(text: string): this {
    this.#length += text.length;
    this.#meter.fits(this.#length);
    this.#meter.text(text.length);
    this.#parts.push(text);
    return this;
  }
}

/** What `repr()` makes of a text, such as one that stands in a list. */
function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  return quote + text.replace(/[\\'"]|(?! )[\p{C}\p{Z}]/gu, (one) => escaped(one, quote)) + quote;
}

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" };

function escaped(character: string, quote: string): string {
  if (character === "'" || character === '"') return character === quote ? `\\${quote}` : character;
  const code = character.codePointAt(0) ?? 0;
  return (
    SHORT[character] ??
    (code <= 0xff ? `\\x${hex(code, 2)}` : code <= 0xffff ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`)
  );
}

function jsonQuoted(text: string): string {
  return JSON.stringify(text).replace(/[<>&']|[^ -~]/g, (unit) => `\\u${hex(unit.charCodeAt(0), 4)}`);
}

function hex(code: number, length: number): string {
  return code.toString(16).padStart(length, "0");
}
