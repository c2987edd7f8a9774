import { describe, expect, test } from "vitest";
import type { Diagnostic } from "./diagnostic.ts";
import { type Colours, diagnosticBlock, diagnosticLine, diagnosticWithSnippet } from "./render.ts";

/** What a terminal would colour stands in brackets. */
const colours: Colours = {
  bold: (text) => `[b ${text}]`,
  red: (text) => `[r ${text}]`,
  yellow: (text) => `[y ${text}]`,
  green: (text) => `[g ${text}]`,
};
const inFile = { severity: "error", file: "f.yaml", line: 3, column: 5, message: "there is no key lables" } as const;

describe("in one line", () => {
  test.each<[what: string, diagnostic: Diagnostic, line: string]>([
    ["a place in a file", inFile, "f.yaml:3:5: there is no key lables"],
    ["a file as a whole", { ...inFile, line: 0, column: 0 }, "f.yaml: there is no key lables"],
    ["a file without a place", { severity: "error", file: "f.yaml", message: "is empty" }, "f.yaml: is empty"],
    ["what was expected", { ...inFile, expected: "labels" }, "f.yaml:3:5: there is no key lables; expected labels"],
    [
      "the nearest word",
      { ...inFile, nearest: "labels" },
      'f.yaml:3:5: there is no key lables; did you mean "labels"?',
    ],
    [
      "a variable",
      { severity: "warning", variable: "TOKEN", message: "is empty", remedy: "Fill it in." },
      "TOKEN is empty. Fill it in.",
    ],
    [
      "nothing in particular",
      { severity: "error", variable: "", message: "none are set", remedy: "Set A." },
      "none are set. Set A.",
    ],
  ])("%s", (_, diagnostic, line) => {
    expect(diagnosticLine(diagnostic)).toBe(line);
  });
});

test("with the file's line below", () => {
  expect(diagnosticWithSnippet({ ...inFile, snippet: "lables: []" })).toBe(
    "f.yaml:3:5: there is no key lables\n    3 | lables: []",
  );
});

describe("as a block", () => {
  test("shows the line, a caret under each wrong character, the expectation and what to write", () => {
    const diagnostic = {
      ...inFile,
      snippet: "\t   lables: []",
      value: "lables",
      expected: "a key",
      suggestion: "labels",
    };
    expect(diagnosticBlock(diagnostic, colours)).toBe(
      [
        "[b f.yaml:3:5]: [r error]: there is no key lables",
        "  3 | \t   lables: []",
        "    | \t   [r ^^^^^^]",
        "  expected a key",
        "  write [g labels]",
      ].join("\n"),
    );
  });

  test("is one line where there is no more to say", () => {
    expect(diagnosticBlock({ ...inFile, severity: "warning", snippet: " " }, colours)).toBe(
      "[b f.yaml:3:5]: [y warning]: there is no key lables",
    );
  });
});
