import { EvaluationError, type Meter } from "../jinja/meter.ts";

/**
 * A value while a template runs: Python's, as what in JavaScript comes next to it. A `bigint` is a whole number, a `number` a float, `null`
 * is none, and `undefined` is what a name stands for that holds nothing.
 */
export type Value = string | bigint | number | boolean | null | undefined | List | Dict | Namespace | Macro;

/** A map whose keys are text, in its order. */
export type Dict = ReadonlyMap<string, Value>;

/**
 * A list or a tuple, or what Python makes a list of only when it is asked to: a `range()`, a view such as `items()` of a map, or an iterator, which
 * has no length. These have items, but cannot be printed.
 */
export class List {
  readonly items: readonly Value[];
  readonly kind: "list" | "tuple" | "range" | "view" | "iterator";

  constructor(items: readonly Value[], kind: List["kind"] = "list") {
    this.items = items;
    this.kind = kind;
  }
}

/** What `namespace()` makes. */
export class Namespace {
  readonly attributes: Map<string, Value>;

  constructor(attributes: Iterable<readonly [string, Value]>) {
    this.attributes = new Map(attributes);
  }
}

/** What can be called by its name alone. */
export class Macro {
  readonly call: (given: readonly Value[], named: Dict, meter: Meter) => Value;

  constructor(call: Macro["call"]) {
    this.call = call;
  }
}

/** Whether Python takes the value for true. */
export function truth(value: Value): boolean {
  if (value instanceof List) return value.kind === "iterator" || value.items.length > 0;
  return value instanceof Map ? value.size > 0 : Boolean(value);
}

/** A number, or a boolean, which Python counts as one; undefined for anything else. */
export function numberOf(value: Value): bigint | number | undefined {
  if (typeof value === "boolean") return value ? 1n : 0n;
  return typeof value === "bigint" || typeof value === "number" ? value : undefined;
}

/** A whole number that may be left out. @throws {EvaluationError} for anything else */
export function wholeOf(value: Value, what: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  const number = numberOf(value);
  if (typeof number !== "bigint") throw new EvaluationError(`${what} takes a whole number`);
  return Number(number);
}

/** What Python iterates over: a list's items, a map's keys, a text's characters, nothing of an undefined value. */
export function elementsOf(value: Value, meter: Meter): readonly Value[] {
  if (value === undefined) return [];
  if (value instanceof List) {
    meter.spend(value.items.length);
    return value.items;
  }
  if (value instanceof Map) {
    meter.list(value.size);
    return [...(value as Dict).keys()];
  }
  if (typeof value !== "string") throw new EvaluationError("only a list, a map or a text has items");
  meter.list(Math.ceil(value.length / 2));
  return characters(value, meter);
}

/** A text's characters as Python counts them: one that takes two units of JavaScript's is still one. */
export function characters(text: string, meter: Meter): readonly string[] {
  meter.spend(text.length / 10);
  return [...text];
}

/** Joins texts. */
export function joined(parts: readonly string[], separator: string, meter: Meter): string {
  meter.text(parts.reduce((sum, part) => sum + part.length, separator.length * Math.max(parts.length - 1, 0)));
  return parts.join(separator);
}
