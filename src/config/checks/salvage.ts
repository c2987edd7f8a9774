import * as z from "zod";
import { bare, fieldsOf, type Schema } from "../field.ts";

/** The same shape with holes where the file is wrong. */
export type Salvaged<T> = T extends readonly (infer Item)[]
  ? readonly (Salvaged<Item> | undefined)[]
  : T extends string | number | boolean
    ? T
    : { readonly [Key in keyof T]?: Salvaged<T[Key]> | undefined };

/** What of a value fits its schema, defaults filled in: so that every rule can speak even when other parts of the file are wrong. */
export function salvage<S extends z.ZodType>(schema: S, value: unknown): Salvaged<z.output<S>> {
  return parts(schema, value) as Salvaged<z.output<S>>;
}

function parts(schema: Schema, value: unknown): unknown {
  const inner = bare(schema);
  if (inner instanceof z.ZodObject) {
    const given = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
    return Object.fromEntries(fieldsOf(inner).map(([key, field]) => [key, parts(field, own(given, key))]));
  }
  if (inner instanceof z.ZodArray) {
    return Array.isArray(value) ? value.map((item) => parts(inner.element, item)) : [];
  }
  const result = z.safeParse(schema, value);
  return result.success ? result.data : undefined;
}

function own(map: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}
