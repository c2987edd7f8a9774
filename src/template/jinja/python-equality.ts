import type { Value } from "./value.ts";
import { entriesOf, itemsOf, numberOf } from "./values.ts";

/** Python's `==`: by kind and content, where the engine compares as JavaScript does. */
export function pythonEquals(a: Value, b: Value): boolean {
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left !== undefined || right !== undefined) return left === right;
  if (a.type !== b.type) return false;
  switch (a.type) {
    case "ArrayValue":
    case "TupleValue": {
      const [items, others] = [itemsOf(a), itemsOf(b)];
      return items.length === others.length && items.every((item, index) => same(item, others[index]));
    }
    case "ObjectValue": {
      const others = new Map(entriesOf(b));
      const entries = entriesOf(a);
      return entries.length === others.size && entries.every(([key, item]) => same(item, others.get(key)));
    }
    default:
      return a.value === b.value;
  }
}

function same(a: Value, b: Value | undefined): boolean {
  return b !== undefined && pythonEquals(a, b);
}
