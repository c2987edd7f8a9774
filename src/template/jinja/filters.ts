import type { Expression } from "./ast.ts";
import { type Arguments, type Filter, integer, ready, text } from "./filter.ts";
import { LIST_FILTERS } from "./list-filters.ts";
import { pythonText } from "./python-text.ts";
import { TEXT_FILTERS } from "./text-filters.ts";
import type { Value } from "./value.ts";
import { numberOf, truth } from "./values.ts";

const fallback: Filter = { parameters: ["default_value", "boolean"], required: 0, apply: defaulted };

/**
 * Jinja2's filters that a job template has a use for, with Jinja2's results, parameters and defaults (tested against it). The engine's
 * own filters differ in details that would silently change a manifest, so none of them is used.
 */
export const FILTERS: ReadonlyMap<string, Filter> = new Map(
  Object.entries({
    ...TEXT_FILTERS,
    ...LIST_FILTERS,
    d: fallback,
    default: fallback,
    float: { parameters: ["default"], required: 0, apply: toFloat },
    int: { parameters: ["default"], required: 0, apply: toInteger },
    safe: { parameters: [], required: 0, apply: ready },
  }),
);

function defaulted(input: Value, { default_value: otherwise, boolean: emptyToo }: Arguments): Expression {
  const missing = input.type === "UndefinedValue" || (truth(emptyToo) && !truth(input));
  if (!missing) return ready(input);
  return otherwise === undefined ? text("") : ready(otherwise);
}

function toInteger(input: Value, { default: otherwise }: Arguments): Expression {
  const number = numberOf(input) ?? parsed(pythonText(input));
  if (number !== undefined) return integer(Math.trunc(number));
  return otherwise === undefined ? integer(0) : ready(otherwise);
}

function toFloat(input: Value, { default: otherwise }: Arguments): Expression {
  const number = numberOf(input) ?? parsed(pythonText(input));
  if (number === undefined && otherwise !== undefined) return ready(otherwise);
  return { type: "FloatLiteral", value: number ?? 0 };
}

/** A text that Python's `float()` takes. */
function parsed(value: string): number | undefined {
  const digits = value.trim();
  const isNumber = /^[-+]?(?:\d+(?:_\d+)*\.?(?:\d+)?|\.\d+)(?:[eE][-+]?\d+)?$/.test(digits);
  return isNumber ? Number(digits.replaceAll("_", "")) : undefined;
}
