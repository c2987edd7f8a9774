import { EvaluationError, type Meter } from "../jinja/meter.ts";
import { compare, equals } from "./order.ts";
import { pythonText } from "./printing.ts";
import { characters, joined, List, Namespace, numberOf, truth, type Value, wholeOf } from "./values.ts";

/** What is done with two whole numbers, and with any two: undefined where whole numbers have no such operation. */
const ARITHMETIC: Readonly<Record<string, readonly [Whole | undefined, (x: number, y: number) => number]>> = {
  "+": [(x, y) => x + y, (x, y) => x + y],
  "-": [(x, y) => x - y, (x, y) => x - y],
  "*": [(x, y) => x * y, (x, y) => x * y],
  "/": [undefined, (x, y) => x / y],
  "//": [
    (x, y) => (y === 0n ? undefined : (x - (((x % y) + y) % y)) / y),
    (x, y) => Math.round((x - remainder(x, y)) / y),
  ],
  "%": [modulo, remainder],
  "**": [power, (x, y) => x ** y],
};
type Whole = (x: bigint, y: bigint) => bigint | undefined;

/** Operators whose operands are all evaluated first, by what the parser calls them. */
export const OPERATORS: Readonly<Record<string, (meter: Meter, a: Value, b: Value, ...more: Value[]) => Value>> = {
  ...Object.fromEntries(
    Object.keys(ARITHMETIC).map((each) => [each, (_: Meter, a: Value, b: Value) => number(each, a, b)]),
  ),
  "+": plus,
  negative: (_, a) => number("*", -1n, a),
  positive: (_, a) => number("*", 1n, a),
  not: (_, a) => !truth(a),
  "~": (meter, a, b) => joined([pythonText(a, meter), pythonText(b, meter)], "", meter),
  item: (meter, object, index) => itemOf(object, index, meter),
  slice: (meter, object, start, stop, step) => sliceOf(object, [start, stop, step], meter),
};

/** Comparisons, which Python lets stand in a row: `1 < x < 3`. */
export const COMPARISONS: Readonly<Record<string, (meter: Meter, a: Value, b: Value) => boolean>> = {
  "==": (meter, a, b) => equals(a, b, meter),
  "!=": (meter, a, b) => !equals(a, b, meter),
  "<": (meter, a, b) => compare(a, b, meter, "compared") < 0,
  "<=": (meter, a, b) => compare(a, b, meter, "compared") <= 0,
  ">": (meter, a, b) => compare(a, b, meter, "compared") > 0,
  ">=": (meter, a, b) => compare(a, b, meter, "compared") >= 0,
  in: contains,
  "not in": (meter, a, b) => !contains(meter, a, b),
};

function plus(meter: Meter, a: Value, b: Value): Value {
  const texts = [a, b].filter((value) => typeof value === "string");
  if (texts.length === 2) return joined(texts, "", meter);
  if (texts.length === 1)
    throw new EvaluationError('"+" joins two texts or adds two numbers; "~" joins a text with anything');
  const isListed =
    a instanceof List && b instanceof List && a.kind === b.kind && (a.kind === "list" || a.kind === "tuple");
  if (!isListed) return number("+", a, b);
  meter.list(a.items.length + b.items.length);
  return new List([...a.items, ...b.items], a.kind);
}

/** Whole numbers stay whole, where that can be. */
function number(operator: string, a: Value, b: Value): bigint | number {
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left === undefined || right === undefined) throw new EvaluationError("only numbers can be calculated with");
  const [whole, real] = ARITHMETIC[operator] ?? [];
  const isWhole = typeof left === "bigint" && typeof right === "bigint";
  const result = (isWhole ? whole?.(left, right) : undefined) ?? real?.(Number(left), Number(right));
  const holds = typeof result === "bigint" ? Number.isSafeInteger(Number(result)) : Number.isFinite(result);
  if (result === undefined || !holds) throw new EvaluationError("makes a number that is too big, or divides by zero");
  return result;
}

/** Python's remainder has the sign of the divisor. */
function remainder(x: number, y: number): number {
  const rest = x % y;
  return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest;
}

function modulo(x: bigint, y: bigint): bigint | undefined {
  return y === 0n ? undefined : ((x % y) + y) % y;
}

/** Undefined where the result is no whole number, or beyond all limits. */
function power(x: bigint, y: bigint): bigint | undefined {
  return y < 0n || (y > 64n && x * x > 1n) ? undefined : x ** y;
}

function contains(meter: Meter, item: Value, container: Value): boolean {
  if (container === undefined) return false;
  if (container instanceof List) return container.items.some((each) => equals(item, each, meter));
  if (container instanceof Map) return typeof item === "string" && container.has(item);
  if (typeof container !== "string" || typeof item !== "string")
    throw new EvaluationError('"in" looks in lists and maps, and for a text in a text');
  meter.search(container, item);
  return container.includes(item);
}

/** What maps have besides their keys in Python: nothing else may stand for it. */
const OF_MAPS = new Set("clear copy fromkeys get items keys pop popitem setdefault update values".split(" "));

/** `object.name`. Texts, numbers and lists have attributes in Python, but none that makes sense in a template. */
export function attributeOf(object: Value, name: string): Value {
  if (object === undefined) throw new EvaluationError("reads an attribute of an undefined value");
  if (object instanceof Namespace) return object.attributes.get(name);
  if (/^__(?!proto)/.test(name) || (object instanceof Map && OF_MAPS.has(name)))
    throw new EvaluationError(`"${name}" cannot be read here`);
  return object instanceof Map ? (object.get(name) as Value) : undefined;
}

function itemOf(object: Value, index: Value, meter: Meter): Value {
  if (typeof index === "string")
    return object instanceof Map && object.has(index) ? (object.get(index) as Value) : attributeOf(object, index);
  if (object === undefined) throw new EvaluationError("reads an item of an undefined value");
  const position = numberOf(index);
  const items =
    typeof object === "string"
      ? characters(object, meter)
      : object instanceof List && !["view", "iterator"].includes(object.kind)
        ? object.items
        : [];
  return typeof position === "bigint" ? items.at(Number(position)) : undefined;
}

/** Python's `object[start:stop:step]`. */
function sliceOf(object: Value, bounds: readonly Value[], meter: Meter): Value {
  const items =
    typeof object === "string" ? characters(object, meter) : object instanceof List ? object.items : undefined;
  if (items === undefined) throw new EvaluationError("only a part of a text or of a list can be taken");
  const [start, stop, step = 1] = bounds.map((bound) => wholeOf(bound, "[:]"));
  if (step === 0) throw new EvaluationError("[::] takes a step that is not zero");
  const [lowest, highest] = step > 0 ? [0, items.length] : [-1, items.length - 1];
  const place = (at: number) => Math.min(Math.max(at < 0 ? at + items.length : at, lowest), highest);
  const from = start === undefined ? (step > 0 ? lowest : highest) : place(start);
  const to = stop === undefined ? (step > 0 ? highest : lowest) : place(stop);
  const taken = Array.from(
    { length: Math.max(0, Math.ceil((to - from) / step)) },
    (_, nth) => items[from + nth * step],
  );
  meter.list(taken.length);
  return object instanceof List
    ? new List(taken, object.kind)
    : taken.filter((one) => typeof one === "string").join("");
}
