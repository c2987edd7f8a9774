import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { Lines } from "./lines.ts";

describe("the place of an offset", () => {
  const lines = new Lines("ab\n\ncd\n");

  test.each([
    // offset → line column
    [0, 1, 1],
    [2, 1, 3],
    [3, 2, 1],
    [4, 3, 1],
    [6, 3, 3],
    [7, 4, 1],
    [1000, 4, 1],
  ])("%i is %i:%i", (offset, line, column) => {
    expect(lines.placeOf(offset)).toEqual({ line, column });
  });

  test("a line is its text without its end", () => {
    expect([1, 2, 3, 4, 5].map((line) => lines.line(line))).toEqual(["ab", "", "cd", "", ""]);
  });

  property.prop([fc.string({ unit: fc.constantFrom("a", "\n", "é") }), fc.nat({ max: 30 })])(
    "leads back to the offset",
    (text, offset) => {
      const { line, column } = new Lines(text).placeOf(offset);
      const before = text.split("\n").slice(0, line - 1);
      expect(before.join("\n").length + (line === 1 ? 0 : 1) + column - 1).toBe(Math.min(offset, text.length));
    },
  );
});
