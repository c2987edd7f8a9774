import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { readSettings } from "./load.ts";

/** Each doubles, or multiplies by nine, what the one before holds. */
function aliasBomb(): string {
  const names = [..."abcdefghi"];
  const lines = names.map((name, index) => {
    const of = index === 0 ? "x" : `*${names[index - 1] ?? ""}`;
    return `${name}: &${name} [${Array.from({ length: 9 }, () => of).join(", ")}]`;
  });
  return `${lines.join("\n")}\n`;
}

/** A chain of ever deeper aliases. */
function aliasChain(): string {
  return Array.from(
    { length: 2000 },
    (_, index) => `k${index}: &k${index} [${index === 0 ? "x" : `*k${index - 1}`}]`,
  ).join("\n");
}

const bytes = (...values: (string | number)[]) =>
  new Uint8Array(values.flatMap((value) => (typeof value === "number" ? value : [...new TextEncoder().encode(value)])));

describe("a file that is no configuration is one clear error", () => {
  test.each<[what: string, content: string | Uint8Array, place: string, message: string]>([
    ["nothing", "", "0:0 empty-file", "the file is empty"],
    ["spaces and comments", "\n  # groups:\n\t\n", "0:0 empty-file", "the file is empty"],
    ["an empty document", "---\n...\n", "1:4 empty-file", "the file is empty"],
    ["a list", "- a\n- b\n", "1:1 not-a-map", "the file is a list"],
    ["a text", "groups\n", "1:1 not-a-map", 'the file is "groups"'],
    ["a number", "# one\n7\n", "2:1 not-a-map", "the file is 7"],
    [
      "Latin-1",
      bytes("a: 1\nb: caf", 0xe9, "\n"),
      "2:7 not-utf8",
      "the file is not UTF-8 text: byte 0xe9 is not valid there",
    ],
    [
      "a cut-off character",
      bytes("a: é", 0xc3),
      "1:5 not-utf8",
      "the file is not UTF-8 text: byte 0xc3 is not valid there",
    ],
    ["UTF-16, the other way round", bytes(0xfe, 0xff, 0, "a"), "0:0 not-utf8", "the file is UTF-16 text"],
    ["UTF-16", bytes(0xff, 0xfe, "a", 0), "0:0 not-utf8", "the file is UTF-16 text"],
    ["a megabyte and more", "#".repeat(1024 * 1024 + 1), "0:0 file-too-large", "the file has more than 1048576 bytes"],
    ["a tab", "constants:\n\tpacing: fixed\n\tx: 1\n", "2:1 yaml-tab", "a tab is used as indentation"],
    [
      "an open bracket",
      "groups: [a, b\nconstants: {}\n",
      "2:1 yaml-syntax",
      "the indentation does not match that of the lines it belongs to",
    ],
    ["two colons", "constants: pacing: fixed\n", "1:12 yaml-syntax", "a second `key:` is where a value belongs"],
    ["an open quote", 'constants: "x\n', "2:1 yaml-syntax", 'missing closing "quote'],
    [
      "a reserved character",
      "constants: @x\n",
      "1:12 yaml-syntax",
      "plain value cannot start with reserved character @",
    ],
    ["two documents", "constants: {}\n---\ngroups: []\n", "2:1 yaml-syntax", "a second document begins here"],
    ["an alias bomb", aliasBomb(), "5:28 yaml-alias-bomb", "aliases turn this text into more than 50000 values"],
    [
      "a chain of aliases",
      aliasChain(),
      "316:14 yaml-alias-bomb",
      "aliases turn this text into more than 50000 values",
    ],
    [
      "a hundred thousand brackets",
      "[".repeat(100_000),
      "1:65 yaml-too-deep",
      "lists and maps are nested more than 64 levels deep",
    ],
    [
      "a hundred thousand dashes",
      "- ".repeat(100_000),
      "1:128 yaml-too-deep",
      "lists and maps are nested more than 64 levels deep",
    ],
  ])("%s", (_, content, place, message) => {
    const { settings, diagnostics } = readSettings(content, "f.yaml");
    expect(settings).toBeUndefined();
    expect(diagnostics.map(({ line, column, code }) => `${line}:${column} ${code}`)).toEqual([place]);
    expect(diagnostics[0]).toMatchObject({ severity: "error", file: "f.yaml", path: "", message });
  });
});

describe("aliases, merges and tags that lead nowhere", () => {
  test.each<[text: string, place: string, message: string]>([
    ["constants: *defaults\n", "1:12 yaml-alias", "the alias *defaults has no anchor &defaults before it"],
    ["groups: &all [*all]\n", "1:15 yaml-alias", "the alias *all has no anchor &all before it"],
    ["constants:\n  <<: 3\n", "2:3 yaml-alias", "<< merges something that is not a map"],
    ["constants: !env FILE\n", "1:17 yaml-tag", "the tag !env has no meaning here"],
    [
      "constants: !!python/object:os.system x\n",
      "1:38 yaml-tag",
      "the tag !!python/object:os.system has no meaning here",
    ],
  ])("%s", (text, place, message) => {
    const [first] = readSettings(text, "f.yaml").diagnostics.filter(({ code }) => code.startsWith("yaml-"));
    expect(`${first?.line}:${first?.column} ${first?.code}`).toBe(place);
    expect(first?.message).toBe(message);
  });
});

test("an enormous number of errors is cut, and that is said last", () => {
  const { diagnostics } = readSettings(
    Array.from({ length: 500 }, (_, index) => `key${index}: 1`).join("\n"),
    "f.yaml",
  );
  expect(diagnostics).toHaveLength(201);
  expect(diagnostics.at(-1)).toMatchObject({
    code: "more-errors",
    message: "301 more errors are not listed",
    line: 500,
  });
});

describe("any content gives a reading", () => {
  /** Settings exactly when there is no error, and every place inside the text. */
  function holds(content: string | Uint8Array): void {
    const { settings, diagnostics } = readSettings(content, "f.yaml");
    expect(settings === undefined).toBe(diagnostics.some(({ severity }) => severity === "error"));
    const lines = (typeof content === "string" ? content : new TextDecoder().decode(content)).split("\n").length;
    for (const { line, column } of diagnostics) {
      expect(line).toBeLessThanOrEqual(lines);
      expect(Math.sign(line)).toBe(Math.sign(column));
    }
  }

  property.prop([fc.uint8Array({ maxLength: 200 })], { numRuns: 200 })("bytes", holds);
  property.prop([fc.string({ unit: "binary", maxLength: 200 })], { numRuns: 200 })("text", holds);

  const pieces = fc.constantFrom(
    ..."\n|  |    |- |: |? |[|]|{|}|,|&a |*a|<<: *a|!!str |!x |'|\"|#|---|...|>|\\||%|@|0|1.5|yes|~|10|\t".split("|"),
    "groups:",
    "constants:",
    "name: ",
    "labels: ",
    "parameters: ",
    "min: ",
    "max: ",
    "workspace: ",
    "resources: ",
    "requests: ",
    "memory: ",
    "node_selector: ",
    "__proto__: ",
    "constructor: ",
  );
  property.prop([fc.array(pieces, { maxLength: 60 })], { numRuns: 400 })("YAML's own pieces", (parts) => {
    holds(parts.join(""));
  });
});
