import { describe, expect, test } from "vitest";
import { shown, shownLines, shownNames } from "./shown.ts";

describe("shown", () => {
  test.each([
    ["a name", "a name"],
    ["two\nlines\r\tand a tab", "two\\nlines\\r\\tand a tab"],
    ["\u001b[2Jgone", "\\u001b[2Jgone"],
    ["\u0000\u007f\u009b", "\\u0000\\u007f\\u009b"],
    ["a\u2028b\u202ec\u2066", "a\\u2028b\\u202ec\\u2066"],
    ["é😀", "é😀"],
  ])("%j is %j", (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  test("what is too long is cut", () => {
    expect(shown("a".repeat(1_000_000))).toBe(`${"a".repeat(199)}…`);
    expect(shown("abcdef", 4)).toBe("abc…");
  });
});

test("shownLines keeps the line ends and cuts each line", () => {
  expect(shownLines(`a\u0000\n${"b".repeat(5_000)}\nc`)).toBe(`a\\u0000\n${"b".repeat(999)}…\nc`);
});

test("shownNames lists some, and looks at no more", () => {
  function* names() {
    for (let i = 0; ; i += 1) yield `n${i}`;
  }
  expect(shownNames(["a", "b\n"], 2)).toBe("a, b\\n");
  expect(shownNames(names(), 1_000)).toBe("n0, n1, n2, n3, n4, n5, n6, n7, n8, n9, 990 more");
});
