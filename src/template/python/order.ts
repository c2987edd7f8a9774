import { EvaluationError, type Meter } from "../jinja/meter.ts";
import { type Dict, List, numberOf, type Value } from "./values.ts";

/** Python's `==`: by kind and content. */
export function equals(a: Value, b: Value, meter: Meter): boolean {
  meter.spend(1);
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left !== undefined && right !== undefined) return Number(left) === Number(right);
  if (typeof a === "string" && typeof b === "string") return compareText(a, b, meter) === 0;
  if (a instanceof List && b instanceof List) {
    if (a.kind !== b.kind || a.items.length !== b.items.length) return false;
    return meter.within(() => a.items.every((item, index) => equals(item, b.items[index], meter)));
  }
  if (!(a instanceof Map && b instanceof Map)) return a === b;
  const [one, other] = [a as Dict, b as Dict];
  if (one.size !== other.size) return false;
  meter.spend(one.size);
  const same = ([key, item]: readonly [string, Value]) => other.has(key) && equals(item, other.get(key), meter);
  return meter.within(() => [...one].every(same));
}

/** Below, at or above zero, as Python orders texts or numbers. @throws {EvaluationError} for anything else */
export function compare(a: Value, b: Value, meter: Meter, ordered: "compared" | "sorted"): number {
  if (typeof a === "string" && typeof b === "string") return compareText(a, b, meter);
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left !== undefined && right !== undefined) return Number(left) - Number(right);
  throw new EvaluationError(`only texts, or only numbers, can be ${ordered}`);
}

/** Python orders by characters, as UTF-8 does; JavaScript would order by units of 16 bits. */
export function compareText(a: string, b: string, meter: Meter): number {
  meter.spend((1 + a.length + b.length) / 100);
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b)) || (a < b ? -1 : 1);
}
