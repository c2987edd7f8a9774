import { compare } from "../python/order.ts";
import { pythonJson, pythonText } from "../python/printing.ts";
import { indented, replaced, stripped, textOf } from "../python/text-functions.ts";
import {
  characters,
  type Dict,
  elementsOf,
  joined,
  List,
  numberOf,
  truth,
  type Value,
  wholeOf,
} from "../python/values.ts";
import { EvaluationError, type Meter } from "./meter.ts";
import { type Apply, vocabulary } from "./vocabulary.ts";

/** Jinja2's filters that a job template has a use for, with Jinja2's results, parameters and defaults (tested against it). */
export const FILTERS = vocabulary({
  capitalize: changed(capitalized),
  count: length,
  "d(default_value?, boolean?)": defaulted,
  "default(default_value?, boolean?)": defaulted,
  "dictsort(case_sensitive?, by?, reverse?)": sortedEntries,
  first: (meter, input) => elementsOf(input, meter)[0],
  "float(default?)": (meter, input, otherwise = 0) => {
    const number = realOf(input, meter);
    return number === undefined ? otherwise : Number(number);
  },
  "indent(width?, first?, blank?)": (meter, input, width = 4n, first, blank) => {
    const indent = typeof width === "string" ? width : " ".repeat(spaces(width, "width") ?? 4);
    return indented(meter, textOf(input, meter), { indent, first: truth(first), blank: truth(blank) });
  },
  "int(default?)": (meter, input, otherwise = 0n) => {
    const number = realOf(input, meter);
    return typeof number === "number" ? whole(Math.trunc(number)) : (number ?? otherwise);
  },
  items: (meter, input) =>
    new List(
      entriesOf(input, meter).map((entry) => new List(entry, "tuple")),
      "iterator",
    ),
  "join(d?)": (meter, input, separator = "") => {
    const texts = elementsOf(input, meter).map((item) => pythonText(item, meter));
    return joined(texts, pythonText(separator, meter), meter);
  },
  last: (meter, input) => elementsOf(input, meter).at(-1),
  length,
  list: (meter, input) => new List(elementsOf(input, meter)),
  lower: changed((text) => text.toLowerCase()),
  "replace(old, new, count?)": (meter, input, old, by, count) =>
    replaced(meter, pythonText(input, meter), { old: pythonText(old, meter), by: pythonText(by, meter), count }),
  reverse: (meter, input) =>
    typeof input === "string"
      ? characters(input, meter).toReversed().join("")
      : new List(elementsOf(input, meter).toReversed(), "iterator"),
  safe: changed((text) => text),
  "sort(reverse?, case_sensitive?)": (meter, input, reverse, caseSensitive) =>
    new List(sorted(elementsOf(input, meter), { key: (item) => item, reverse, caseSensitive }, meter)),
  string: changed((text) => text),
  title: changed((text) =>
    text
      .split(/([-\s({[<]+)/)
      .map(capitalized)
      .join(""),
  ),
  "tojson(indent?)": (meter, input, indent) => pythonJson(input, spaces(indent, "indent"), meter),
  "trim(chars?)": (meter, input, chars) => stripped(meter, pythonText(input, meter), chars),
  upper: changed((text) => text.toUpperCase()),
});

function changed(by: (text: string) => string): Apply {
  return (meter, input) => {
    const text = pythonText(input, meter);
    meter.text(text.length);
    return by(text);
  };
}

function capitalized(text: string): string {
  const [first = ""] = text;
  return first.toUpperCase() + text.slice(first.length).toLowerCase();
}

function length(meter: Meter, input: Value): Value {
  if (input instanceof List && input.kind === "iterator")
    throw new EvaluationError("this has no length; | list makes a list of it");
  if (typeof input !== "string") return BigInt(elementsOf(input, meter).length);
  meter.text(input.length);
  return BigInt(input.replace(/[\ud800-\udbff][\udc00-\udfff]/g, "_").length);
}

function defaulted(_: Meter, input: Value, otherwise: Value = "", emptyToo: Value = false): Value {
  return input === undefined || (truth(emptyToo) && !truth(input)) ? otherwise : input;
}

/** The number that a value is, or that its text shows to Python's `float()`. */
function realOf(input: Value, meter: Meter): number | bigint | undefined {
  if (input === undefined) throw new EvaluationError("an undefined value is no number");
  const digits = stripped(meter, pythonText(input, meter), undefined);
  if (/^[-+]?(?:inf|infinity|nan)$/i.test(digits)) throw new EvaluationError("infinity and nan cannot be used here");
  const isNumber = /^[-+]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:e[-+]?\d+)?$/i.test(digits);
  return numberOf(input) ?? (isNumber ? Number(digits.replaceAll("_", "")) : undefined);
}

function whole(number: number): bigint {
  if (!Number.isSafeInteger(number)) throw new EvaluationError("makes a number that is too big");
  return BigInt(number);
}

function spaces(value: Value, parameter: string): number | undefined {
  const width = wholeOf(value, `"${parameter}"`);
  if (width !== undefined && width > 200) throw new EvaluationError(`"${parameter}" takes at most 200`);
  return width === undefined ? undefined : Math.max(0, width);
}

/** The entries of a map, none of an undefined value. */
function entriesOf(value: Value, meter: Meter): readonly (readonly [string, Value])[] {
  if (value !== undefined && !(value instanceof Map)) throw new EvaluationError("only a map has entries");
  meter.list(value?.size ?? 0);
  return value === undefined ? [] : [...(value as Dict)];
}

function sortedEntries(meter: Meter, input: Value, caseSensitive: Value, by: Value = "key", reverse: Value): Value {
  if (by !== "key" && by !== "value") throw new EvaluationError('"dictsort" sorts by "key" or by "value"');
  const key = ([name, value]: readonly [string, Value]) => (by === "key" ? name : value);
  const entries = sorted(entriesOf(input, meter), { key, reverse, caseSensitive }, meter);
  return new List(entries.map((entry) => new List(entry, "tuple")));
}

/** Like Python's, a reversed sort keeps equal items in their order. */
function sorted<T>(
  items: readonly T[],
  { key, reverse, caseSensitive }: { key: (item: T) => Value; reverse: Value; caseSensitive: Value },
  meter: Meter,
): T[] {
  meter.list(items.length);
  const direction = truth(reverse) ? -1 : 1;
  const keyed = items.map((item) => ({ item, by: truth(caseSensitive) ? key(item) : folded(key(item), meter) }));
  return keyed.sort((a, b) => direction * compare(a.by, b.by, meter, "sorted")).map(({ item }) => item);
}

function folded(value: Value, meter: Meter): Value {
  if (typeof value !== "string") return value;
  meter.text(value.length);
  return value.toLowerCase();
}
