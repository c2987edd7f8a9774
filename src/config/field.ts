import * as z from "zod";
import type { Path } from "../yaml/tree.ts";

/** Any schema: what the file's schema is made of. */
export type Schema = z.core.$ZodType;

/** The schema without what only wraps it: optional, default, transformed. */
export function bare(schema: Schema): Schema {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return bare(schema.unwrap());
  }
  return schema instanceof z.ZodPipe ? bare(schema.in) : schema;
}

/** The schema of one key of a map or of an item of a list; undefined when there is no such key. */
export function childOf(schema: Schema, step: string | number): Schema | undefined {
  const inner = bare(schema);
  if (inner instanceof z.ZodObject) return Object.hasOwn(inner.shape, step) ? shapeOf(inner)[step] : undefined;
  if (inner instanceof z.ZodArray) return inner.element;
  return inner instanceof z.ZodRecord ? inner.valueType : undefined;
}

/** The schema at a path. */
export function fieldAt(schema: Schema, path: Path): Schema | undefined {
  return path.reduce<Schema | undefined>((at, step) => (at === undefined ? undefined : childOf(at, step)), schema);
}

/** The keys of a map with fixed keys, in the order of the schema; none for anything else. */
export function fieldsOf(schema: Schema): readonly (readonly [key: string, schema: Schema])[] {
  const inner = bare(schema);
  return inner instanceof z.ZodObject ? Object.entries(shapeOf(inner)) : [];
}

/** Whether the key may be left out. */
export function isOptional(schema: Schema): boolean {
  return schema._zod.optin !== undefined;
}

/** The value that an absent key has; undefined when it must be there or may simply be absent. */
export function defaultOf(schema: Schema): unknown {
  return schema instanceof z.ZodDefault ? schema.def.defaultValue : undefined;
}

export function isText(schema: Schema): boolean {
  const inner = bare(schema);
  if (inner instanceof z.ZodUnion) return inner.options.some(isText);
  return inner instanceof z.ZodString || inner instanceof z.ZodEnum;
}

/** Text that may also be written as a number, such as a quantity. */
export function isTextOrNumber(schema: Schema): boolean {
  return bare(schema) instanceof z.ZodUnion;
}

export function isNumber(schema: Schema): boolean {
  return bare(schema) instanceof z.ZodNumber;
}

export function isWholeNumber(schema: Schema): boolean {
  const inner = bare(schema);
  return inner instanceof z.ZodNumber && inner.isInt;
}

/** The end of the sentence "expected …". */
export function expectedOf(schema: Schema): string | undefined {
  return metaText(schema, "expected");
}

export function descriptionOf(schema: Schema): string | undefined {
  return metaText(schema, "description");
}

/** The outermost schema that says something counts. */
function metaText(schema: Schema, key: "expected" | "description"): string | undefined {
  const text = z.globalRegistry.get(schema)?.[key];
  if (typeof text === "string") return text;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return metaText(schema.unwrap(), key);
  }
  return schema instanceof z.ZodPipe ? metaText(schema.in, key) : undefined;
}

function shapeOf(schema: z.ZodObject): Readonly<Record<string, Schema>> {
  return schema.shape;
}
