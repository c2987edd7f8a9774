import { pythonFloat } from "../../yaml/scalars.ts";
import type { Value } from "./value.ts";
import { entriesOf, itemsOf } from "./values.ts";

/** What Python's `str()` makes of a value: how Jinja2 prints it. An undefined value prints nothing. */
export function pythonText(value: Value): string {
  if (value.type === "UndefinedValue") return "";
  return value.type === "StringValue" ? String(value.value) : pythonRepr(value);
}

/** What Python's `repr()` makes of a value: how it prints inside a list or a map. */
function pythonRepr(value: Value): string {
  switch (value.type) {
    case "NullValue":
      return "None";
    case "BooleanValue":
      return truthName(value);
    case "IntegerValue":
      return String(value.value);
    case "FloatValue":
      return pythonFloat(Number(value.value));
    case "StringValue":
      return quoted(String(value.value));
    case "ArrayValue":
      return `[${itemsOf(value).map(pythonRepr).join(", ")}]`;
    case "TupleValue": {
      const items = itemsOf(value).map(pythonRepr);
      return items.length === 1 ? `(${items.join("")},)` : `(${items.join(", ")})`;
    }
    case "ObjectValue": {
      const entries = entriesOf(value).map(([key, item]) => `${quoted(key)}: ${pythonRepr(item)}`);
      return `{${entries.join(", ")}}`;
    }
    default:
      throw new Error("a function, a namespace or an undefined value cannot be printed");
  }
}

function truthName(value: Value): string {
  return value.value === true ? "True" : "False";
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escapes: Readonly<Record<string, string>> = {
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\\": "\\\\",
    [quote]: `\\${quote}`,
  };
  return quote + text.replace(/[\n\r\t\\'"]/g, (character) => escapes[character] ?? character) + quote;
}
