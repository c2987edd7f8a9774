import type { Value } from "./value.ts";
import { numberOf } from "./values.ts";

/** Jinja2's tests (what stands behind `is`) that take no argument, with Python's answers. */
export const TESTS: ReadonlyMap<string, (value: Value) => boolean> = new Map<string, (value: Value) => boolean>([
  ["boolean", ({ type }) => type === "BooleanValue"],
  ["defined", ({ type }) => type !== "UndefinedValue"],
  ["even", (value) => remainder(value) === 0],
  ["false", ({ value }) => value === false],
  ["integer", ({ type }) => type === "IntegerValue"],
  ["mapping", ({ type }) => type === "ObjectValue"],
  ["none", ({ type }) => type === "NullValue"],
  ["number", (value) => numberOf(value) !== undefined],
  ["odd", (value) => remainder(value) === 1],
  ["string", ({ type }) => type === "StringValue"],
  ["true", ({ value }) => value === true],
  ["undefined", ({ type }) => type === "UndefinedValue"],
]);

function remainder(value: Value): number {
  const number = numberOf(value);
  if (number === undefined) throw new Error("only a number is odd or even");
  return Math.abs(number % 2);
}
