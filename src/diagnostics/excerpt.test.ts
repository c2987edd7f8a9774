import { expect, test } from "vitest";
import { excerptOf } from "./excerpt.ts";

test("a short line is itself", () => {
  expect(excerptOf("  a: b", 3)).toEqual({ text: "  a: b", column: 3 });
});

test("of a long line the part around the place is shown, and the place moves with it", () => {
  const line = `${"a".repeat(100_000)}!${"b".repeat(100_000)}`;
  const { text, column } = excerptOf(line, 100_001);
  expect(text).toBe(`…${"a".repeat(60)}!${"b".repeat(99)}…`);
  expect(text[column - 1]).toBe("!");
});

test.each([1, 2, 61, 62, 500, 1_000])("the place stays in the part at column %i", (at) => {
  const line = `${"a".repeat(at - 1)}!${"b".repeat(1_000 - at)}`;
  const { text, column } = excerptOf(line, at);
  expect(text[column - 1]).toBe("!");
});

test("control characters are shown by their pictures, one for one; tabs stay", () => {
  expect(excerptOf("\ta\u001b[2J\u007f\u202e", 2)).toEqual({ text: "\ta␛[2J\ufffd\ufffd", column: 2 });
});
