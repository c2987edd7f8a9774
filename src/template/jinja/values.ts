import { Environment } from "./engine.ts";
import type { Value } from "./value.ts";

/** The items of a list or tuple; of anything else, none. */
export function itemsOf(value: Value): readonly Value[] {
  return Array.isArray(value.value) ? (value.value as readonly Value[]) : [];
}

/** The entries of a map; of anything else, none. */
export function entriesOf(value: Value): readonly (readonly [string, Value])[] {
  return value.type === "ObjectValue" ? [...(value.value as ReadonlyMap<string, Value>)] : [];
}

/** A text as the engine holds it, whose class it does not export. */
export function textValue(text: string): Value {
  return new Environment().set("text", text);
}

export function booleanValue(holds: boolean): Value {
  return new Environment().set("boolean", holds);
}

/** Whether Python takes the value for true; an absent one is not. */
export function truth(value: Value | undefined): boolean {
  return value?.__bool__().value ?? false;
}

/** A number, or a boolean, which Python counts as one. */
export function numberOf(value: Value): number | undefined {
  return typeof value.value === "number" || typeof value.value === "boolean" ? Number(value.value) : undefined;
}
