import { pythonText } from "./python-text.ts";
import type { Value } from "./value.ts";
import { entriesOf, itemsOf } from "./values.ts";

/**
 * JSON as Jinja2's `tojson` writes it: keys sorted, only ASCII, and the characters that mean something in HTML escaped.
 *
 * @param indent spaces a level; undefined writes it in one line
 */
export function pythonJson(value: Value, indent: number | undefined): string {
  return json(value, indent, 0).replace(
    /[<>&']|[^\u0020-\u007e\n]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function json(value: Value, indent: number | undefined, depth: number): string {
  switch (value.type) {
    case "NullValue":
      return "null";
    case "BooleanValue":
    case "StringValue":
      return JSON.stringify(value.value);
    case "IntegerValue":
    case "FloatValue":
      return pythonText(value);
    case "ArrayValue":
    case "TupleValue": {
      const items = itemsOf(value).map((item) => json(item, indent, depth + 1));
      return enclosed("[", items, "]", indent, depth);
    }
    case "ObjectValue": {
      const sorted = entriesOf(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
      const items = sorted.map(([key, item]) => `${JSON.stringify(key)}: ${json(item, indent, depth + 1)}`);
      return enclosed("{", items, "}", indent, depth);
    }
    default:
      throw new Error("an undefined value, a function or a namespace has no JSON");
  }
}

function enclosed(open: string, items: readonly string[], close: string, indent: number | undefined, depth: number) {
  if (items.length === 0) return open + close;
  if (indent === undefined) return open + items.join(", ") + close;
  const line = `\n${" ".repeat(indent * (depth + 1))}`;
  return `${open}${line}${items.join(`,${line}`)}\n${" ".repeat(indent * depth)}${close}`;
}
