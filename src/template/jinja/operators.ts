import { EvaluationError, type Meter } from "./meter.ts";
import { compare, equals } from "./python-order.ts";
import { pythonText } from "./python-text.ts";
import { characters, joined, List, Namespace, numberOf, truth, type Value, wholeOf } from "./values.ts";

/** Operators whose operands are all evaluated first, by what the parser calls them. */
export const OPERATORS: Readonly<Record<string, (meter: Meter, a: Value, b: Value, ...more: Value[]) => Value>> = {
  not: (_, a) => !truth(a),
  negative: (_, a) =>
    calculated(
      0n,
      a,
      (x, y) => x - y,
      (_zero, y) => -y,
    ),
  positive: (_, a) =>
    calculated(
      0n,
      a,
      (x, y) => x + y,
      (_zero, y) => y,
    ),
  "+": plus,
  "-": (_, a, b) =>
    calculated(
      a,
      b,
      (x, y) => x - y,
      (x, y) => x - y,
    ),
  "*": (_, a, b) =>
    calculated(
      a,
      b,
      (x, y) => x * y,
      (x, y) => x * y,
    ),
  "/": (_, a, b) => calculated(a, b, undefined, (x, y) => x / y),
  "//": (_, a, b) =>
    calculated(
      a,
      b,
      (x, y) => (x - modulo(x, y)) / y,
      (x, y) => Math.floor(x / y),
    ),
  "%": (_, a, b) => calculated(a, b, modulo, (x, y) => x - y * Math.floor(x / y)),
  "**": (_, a, b) => calculated(a, b, Number(numberOf(b)) < 0 ? undefined : power, (x, y) => x ** y),
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
  if (!(a instanceof List && b instanceof List && a.kind === b.kind))
    return calculated(
      a,
      b,
      (x, y) => x + y,
      (x, y) => x + y,
    );
  meter.list(a.items.length + b.items.length);
  return new List([...a.items, ...b.items], a.kind);
}

/** Whole numbers stay whole, unless there is no such operation. */
function calculated(
  a: Value,
  b: Value,
  whole: ((x: bigint, y: bigint) => bigint) | undefined,
  real: (x: number, y: number) => number,
): Value {
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left === undefined || right === undefined) throw new EvaluationError("only numbers can be calculated with");
  const isWhole = whole !== undefined && typeof left === "bigint" && typeof right === "bigint";
  const result = isWhole ? whole(left, right) : real(Number(left), Number(right));
  if (isWhole ? !Number.isSafeInteger(Number(result)) : !Number.isFinite(result)) throw tooBig();
  return result;
}

function tooBig(): EvaluationError {
  return new EvaluationError("makes a number that is too big, or divides by zero");
}

/** Python's remainder has the sign of the divisor. */
function modulo(x: bigint, y: bigint): bigint {
  if (y === 0n) throw tooBig();
  return ((x % y) + y) % y;
}

function power(x: bigint, y: bigint): bigint {
  if (y > 64n && x * x > 1n) throw tooBig();
  return x ** y;
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
      : object instanceof List && object.kind !== "view"
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
