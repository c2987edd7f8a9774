import { numberAsText } from "../yaml/scalars.ts";
import type { Path } from "../yaml/tree.ts";
import { isNull, type ScalarTree, type Tree } from "../yaml/tree.ts";
import { childOf, isNumber, isOptional, isText, isTextOrNumber, isWholeNumber, type Schema } from "./field.ts";
import type { Finding } from "./finding.ts";

/** What YAML 1.1 takes for a date: no key of the file wants one, so it becomes a value that fits nowhere. */
const DATE = Symbol("date");

/**
 * The tree as plain values, read as generously as the original reads it: a number where text is meant becomes text, a number in quotes
 * becomes a number, a fraction where a whole number is meant is cut off, an optional key without value counts as absent. Whatever
 * changed its meaning on the way is said in `findings`.
 */
export function valueOf(tree: Tree, schema: Schema | undefined, path: Path, findings: Finding[]): unknown {
  switch (tree.kind) {
    case "list":
      return tree.items.map((item, index) =>
        valueOf(item, schema && childOf(schema, index), [...path, index], findings),
      );
    case "map": {
      const map: Record<string, unknown> = {};
      for (const [key, { value }] of tree.entries) {
        const field = schema && childOf(schema, key);
        if (field !== undefined && isOptional(field) && isNull(value)) continue;
        map[key] = valueOf(value, field, [...path, key], findings);
      }
      return map;
    }
    case "scalar":
      return schema === undefined ? tree.scalar.value : scalarValue(tree, schema, path, findings);
  }
}

function scalarValue(tree: ScalarTree, schema: Schema, path: Path, findings: Finding[]): unknown {
  const { scalar, source } = tree;
  if (scalar.type === "date") return DATE;
  if (scalar.type === "integer" || scalar.type === "float") {
    if (isText(schema)) return textOf({ ...scalar, source }, schema, path, findings);
    return isWholeNumber(schema) ? whole(scalar.value, source, path, findings) : scalar.value;
  }
  if (scalar.type !== "text" || !isNumber(schema)) return scalar.value;
  const number = quotedNumber(source, schema);
  if (number === undefined) return source;
  findings.push({
    code: "text-as-number",
    path,
    message: `${JSON.stringify(source)} is text in YAML 1.1, and is read as the number ${number}`,
    suggestion: String(number),
  });
  return number;
}

function textOf(
  number: { readonly type: "integer" | "float"; readonly value: number; readonly source: string },
  schema: Schema,
  path: Path,
  findings: Finding[],
): string {
  const { source } = number;
  const text = numberAsText(number, source);
  if (isTextOrNumber(schema) && text === source) return text;
  const message =
    text === source
      ? `${source} is a number in YAML, and is read as text`
      : `${source} is the number ${text} in YAML 1.1, and is read as the text ${JSON.stringify(text)}`;
  findings.push({
    code: "number-as-text",
    path,
    message,
    suggestion: JSON.stringify(source),
  });
  return text;
}

/** Python's `int()` cuts towards zero. */
function whole(value: number, source: string, path: Path, findings: Finding[]): number {
  if (!Number.isFinite(value) || Number.isInteger(value)) return value;
  const cut = Math.trunc(value);
  findings.push({
    code: "fraction-dropped",
    path,
    message: `the fraction of ${source} is dropped`,
    expected: "a whole number",
    suggestion: String(cut),
  });
  return Object.is(cut, -0) ? 0 : cut;
}

function quotedNumber(source: string, schema: Schema): number | undefined {
  const text = source.trim();
  const pattern = isWholeNumber(schema) ? /^[-+]?[0-9]+$/ : /^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/;
  return pattern.test(text) ? Number(text) : undefined;
}
