import type { Expression } from "./ast.ts";
import { type Arguments, elementsOf, type Filter, integer, joined, list, ready, text } from "./filter.ts";
import { pythonText } from "./python-text.ts";
import type { Value } from "./value.ts";
import { entriesOf, numberOf, truth } from "./values.ts";

const length: Filter = { parameters: [], required: 0, apply: (input) => integer(elementsOf(input).length) };

/** Filters of lists and maps. */
export const LIST_FILTERS: Readonly<Record<string, Filter>> = {
  count: length,
  dictsort: { parameters: ["case_sensitive", "by", "reverse"], required: 0, apply: sortedEntries },
  first: { parameters: [], required: 0, apply: (input) => optional(elementsOf(input)[0]) },
  items: { parameters: [], required: 0, apply: (input) => list(mapOf(input).map(pair)) },
  join: {
    parameters: ["d"],
    required: 0,
    apply: (input, { d }) => text(joined(elementsOf(input).map(pythonText), d === undefined ? "" : pythonText(d))),
  },
  last: { parameters: [], required: 0, apply: (input) => optional(elementsOf(input).at(-1)) },
  length,
  list: { parameters: [], required: 0, apply: (input) => list(elementsOf(input).map(ready)) },
  reverse: { parameters: [], required: 0, apply: reversed },
  sort: { parameters: ["reverse", "case_sensitive"], required: 0, apply: sorted },
};

function optional(value: Value | undefined): Expression | undefined {
  return value === undefined ? undefined : ready(value);
}

function reversed(input: Value): Expression {
  if (input.type === "StringValue") return text([...pythonText(input)].reverse().join(""));
  return list(elementsOf(input).map(ready).reverse());
}

/** Like Python's, a reversed sort keeps equal items in their order. */
function sorted(input: Value, { reverse, case_sensitive: caseSensitive }: Arguments): Expression {
  const direction = truth(reverse) ? -1 : 1;
  const values = elementsOf(input).toSorted((a, b) => direction * compare(a, b, truth(caseSensitive)));
  return list(values.map(ready));
}

function sortedEntries(input: Value, { case_sensitive: caseSensitive, by, reverse }: Arguments): Expression {
  const order = by === undefined ? "key" : pythonText(by);
  if (order !== "key" && order !== "value") throw new Error('"dictsort" sorts by "key" or by "value"');
  const direction = truth(reverse) ? -1 : 1;
  const entries = mapOf(input).toSorted(([aKey, a], [bKey, b]) =>
    order === "key"
      ? direction * compareText(aKey, bKey, truth(caseSensitive))
      : direction * compare(a, b, truth(caseSensitive)),
  );
  return list(entries.map(pair));
}

function mapOf(input: Value): ReturnType<typeof entriesOf> {
  if (input.type !== "ObjectValue" && input.type !== "UndefinedValue") throw new Error("only a map has entries");
  return entriesOf(input);
}

function pair([key, value]: readonly [string, Value]): Expression {
  return list([text(key), ready(value)]);
}

function compare(a: Value, b: Value, caseSensitive: boolean): number {
  if (a.type === "StringValue" && b.type === "StringValue") {
    return compareText(pythonText(a), pythonText(b), caseSensitive);
  }
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left === undefined || right === undefined) throw new Error("only texts, or only numbers, can be sorted");
  return left - right;
}

function compareText(a: string, b: string, caseSensitive: boolean): number {
  const [left, right] = caseSensitive ? [a, b] : [a.toLowerCase(), b.toLowerCase()];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
