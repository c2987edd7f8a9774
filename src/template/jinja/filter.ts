import type { Expression } from "./ast.ts";
import { LONGEST_TEXT } from "./limits.ts";
import { pythonText } from "./python-text.ts";
import type { Value } from "./value.ts";
import { entriesOf, itemsOf, textValue } from "./values.ts";

/** One of Jinja2's filters. */
export interface Filter {
  /** In the order in which they can be given without a name. */
  readonly parameters: readonly string[];
  /** How many of them must be given. */
  readonly required: number;
  /** The result, as a node for the interpreter; undefined is Jinja2's undefined. */
  readonly apply: (input: Value, given: Arguments) => Expression | undefined;
}

/** A filter's arguments by the names of its parameters; an absent one was not given. */
export type Arguments = Readonly<Record<string, Value | undefined>>;

export function text(value: string): Expression {
  return { type: "StringLiteral", value };
}

export function integer(value: number): Expression {
  return { type: "IntegerLiteral", value };
}

export function list(value: Expression[]): Expression {
  return { type: "ArrayLiteral", value };
}

export function ready(value: Value): Expression {
  return { type: "Ready", value };
}

/** A whole number that may be left out. */
export function optionalInteger(value: Value | undefined, parameter: string): number | undefined {
  if (value === undefined || value.type === "NullValue") return undefined;
  if (value.type === "IntegerValue") return Number(value.value);
  throw new Error(`"${parameter}" takes a whole number`);
}

/** A number of spaces, within reason. */
export function optionalWidth(value: Value | undefined, parameter: string): number | undefined {
  const width = optionalInteger(value, parameter);
  if (width !== undefined && width > 200) throw new Error(`"${parameter}" takes at most 200`);
  return width === undefined ? undefined : Math.max(0, width);
}

/** What Python iterates over: a list's items, a map's keys, a text's characters, nothing of an undefined value. */
export function elementsOf(input: Value): readonly Value[] {
  switch (input.type) {
    case "StringValue":
      return [...pythonText(input)].map(textValue);
    case "ObjectValue":
      return entriesOf(input).map(([key]) => textValue(key));
    case "ArrayValue":
    case "TupleValue":
      return itemsOf(input);
    case "UndefinedValue":
      return [];
    default:
      throw new Error("only a list, a map or a text has items");
  }
}

/** Joins texts, unless the result would be out of all proportion. */
export function joined(parts: readonly string[], separator: string): string {
  const length = parts.reduce((sum, part) => sum + part.length, separator.length * parts.length);
  if (length > LONGEST_TEXT) throw new Error(`makes more than ${LONGEST_TEXT} characters`);
  return parts.join(separator);
}
