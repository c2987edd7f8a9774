import type { Expression } from "./ast.ts";
import { type Arguments, type Filter, joined, optionalInteger, optionalWidth, text } from "./filter.ts";
import { pythonJson } from "./python-json.ts";
import { pythonText } from "./python-text.ts";
import type { Value } from "./value.ts";
import { truth } from "./values.ts";

/** Filters whose result is a text. */
export const TEXT_FILTERS: Readonly<Record<string, Filter>> = {
  capitalize: change(capitalized),
  indent: { parameters: ["width", "first", "blank"], required: 0, apply: indented },
  lower: change((value) => value.toLowerCase()),
  replace: { parameters: ["old", "new", "count"], required: 2, apply: replaced },
  string: change((value) => value),
  title: change((value) =>
    value
      .split(/([-\s({[<]+)/)
      .map(capitalized)
      .join(""),
  ),
  tojson: {
    parameters: ["indent"],
    required: 0,
    apply: (input, { indent }) => text(pythonJson(input, optionalWidth(indent, "indent"))),
  },
  trim: { parameters: ["chars"], required: 0, apply: trimmed },
  upper: change((value) => value.toUpperCase()),
};

function change(by: (value: string) => string): Filter {
  return { parameters: [], required: 0, apply: (input) => text(by(pythonText(input))) };
}

function capitalized(value: string): string {
  return value.slice(0, 1).toUpperCase() + value.slice(1).toLowerCase();
}

function replaced(input: Value, { old, new: by, count }: Arguments): Expression {
  const search = old === undefined ? "" : pythonText(old);
  if (search === "") throw new Error('"replace" needs a text to look for');
  const parts = pythonText(input).split(search);
  const most = optionalInteger(count, "count") ?? -1;
  const times = most < 0 ? parts.length - 1 : Math.min(most, parts.length - 1);
  const untouched = parts.slice(times).join(search);
  return text(joined([...parts.slice(0, times), untouched], by === undefined ? "" : pythonText(by)));
}

function indented(input: Value, { width, first, blank }: Arguments): Expression {
  const indent = width?.type === "StringValue" ? pythonText(width) : " ".repeat(optionalWidth(width, "width") ?? 4);
  const [head = "", ...rest] = pythonText(input).split("\n");
  const lines = rest.map((line) => (line === "" && !truth(blank) ? line : indent + line));
  return text(joined([truth(first) ? indent + head : head, ...lines], "\n"));
}

function trimmed(input: Value, { chars }: Arguments): Expression {
  const value = pythonText(input);
  if (chars === undefined || chars.type === "NullValue") return text(value.trim());
  const strip = new Set(pythonText(chars));
  const letters = [...value];
  let from = 0;
  while (from < letters.length && strip.has(letters[from] ?? "")) from += 1;
  let to = letters.length;
  while (to > from && strip.has(letters[to - 1] ?? "")) to -= 1;
  return text(letters.slice(from, to).join(""));
}
