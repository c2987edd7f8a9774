import { partsOf, replaced, stripped, textOf, wordsOf } from "../python/text-functions.ts";
import { type Dict, List, Macro, Namespace, numberOf, type Value, wholeOf } from "../python/values.ts";
import { EvaluationError, type Meter } from "./meter.ts";
import { type Apply, vocabulary } from "./vocabulary.ts";

/** What can be called of a text or a map, as Python does it. */
export const METHODS = vocabulary({
  upper: ofText((text) => text.toUpperCase()),
  lower: ofText((text) => text.toLowerCase()),
  strip: ofText((text, meter) => stripped(meter, text, undefined)),
  lstrip: ofText((text, meter) => stripped(meter, text, undefined, "left")),
  rstrip: ofText((text, meter) => stripped(meter, text, undefined, "right")),
  "startswith(prefix)": ofText((text, meter, prefix) => text.startsWith(textOf(prefix, meter))),
  "endswith(suffix)": ofText((text, meter, suffix) => text.endsWith(textOf(suffix, meter))),
  "split(sep?, maxsplit?)": ofText((text, meter, separator, count) => {
    const isAtSpace = separator === undefined && count === undefined;
    const parts = isAtSpace ? wordsOf(meter, text) : partsOf(meter, text, textOf(separator, meter), count);
    meter.list(parts.length);
    return new List(parts);
  }),
  "replace(old, new, count?)": ofText((text, meter, old, by, count) =>
    replaced(meter, text, { old: textOf(old, meter), by: textOf(by, meter), count }),
  ),
  "get(key, default?)": (_, input, key, otherwise = null) => {
    const map = mapOf(input);
    return typeof key === "string" && map.has(key) ? map.get(key) : otherwise;
  },
  items: (meter, input) =>
    new List(
      [...countedMap(input, meter)].map((entry) => new List(entry, "tuple")),
      "view",
    ),
  keys: (meter, input) => new List([...countedMap(input, meter).keys()], "view"),
  values: (meter, input) => new List([...countedMap(input, meter).values()], "view"),
});

function ofText(method: (text: string, meter: Meter, ...given: Value[]) => Value): Apply {
  return (meter, input, ...given) => method(textOf(input, meter), meter, ...given);
}

function mapOf(value: Value): Dict {
  if (!(value instanceof Map)) throw new EvaluationError("this has no such method");
  return value as Dict;
}

/** A map that a list is about to be made of. */
function countedMap(value: Value, meter: Meter): Dict {
  const map = mapOf(value);
  meter.list(map.size);
  return map;
}

/** Jinja2's tests (what stands behind `is`) that take no argument, with Python's answers. */
export const TESTS = vocabulary({
  boolean: (_, value) => typeof value === "boolean",
  defined: (_, value) => value !== undefined,
  even: (_, value) => remainder(value) === 0,
  false: (_, value) => value === false,
  integer: (_, value) => typeof value === "bigint",
  mapping: (_, value) => value instanceof Map,
  none: (_, value) => value === null,
  number: (_, value) => numberOf(value) !== undefined,
  odd: (_, value) => remainder(value) === 1,
  string: (_, value) => typeof value === "string",
  true: (_, value) => value === true,
  undefined: (_, value) => value === undefined,
});

function remainder(value: Value): number {
  const number = numberOf(value);
  if (number === undefined) throw new EvaluationError("only a number is odd or even");
  return Math.abs(Number(number) % 2);
}

/** What can be called by its name alone, with the most arguments that it takes without a name. */
export const FUNCTIONS: ReadonlyMap<string, { readonly most: number; readonly macro: Macro }> = new Map([
  ["range", { most: 3, macro: new Macro(range) }],
  [
    "namespace",
    {
      most: 1,
      macro: new Macro(([given], named, meter) => {
        const attributes = given ? countedMap(given, meter) : [];
        return new Namespace([...attributes, ...named]);
      }),
    },
  ],
]);

function range(given: readonly Value[], named: Dict, meter: Meter): Value {
  const [first = Number.NaN, second, step = 1] = given.map((value) => wholeOf(value, "range()") ?? Number.NaN);
  const [start, stop] = second === undefined ? [0, first] : [first, second];
  if (named.size > 0 || Number.isNaN(start + stop + step))
    throw new EvaluationError("range() takes one to three whole numbers");
  if (step === 0) throw new EvaluationError("range() takes a step that is not zero");
  const length = Math.max(0, Math.ceil((stop - start) / step));
  meter.list(length);
  return new List(
    Array.from({ length }, (_, index) => BigInt(start + index * step)),
    "range",
  );
}
