import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { documentsIn } from "./document.ts";
import { contentOf, nearestTo, PlainScalar, type Tree } from "./tree.ts";

/** The only document's tree. */
function treeOf(text: string): Tree {
  const [document] = documentsIn(text);
  if (document?.tree === undefined) throw new Error("no tree");
  return document.tree;
}

/** Values alone, as YAML 1.1 has them. */
function plain(content: unknown): unknown {
  if (content instanceof PlainScalar) return content.value;
  if (Array.isArray(content)) return content.map(plain);
  if (typeof content !== "object" || content === null) return content;
  return Object.fromEntries(Object.entries(content).map(([key, value]) => [key, plain(value)]));
}

describe("documents", () => {
  test.each([
    ["none in nothing", "", []],
    ["none in comments", "# a: 1\n\n", []],
    ["one without a marker", "a: 1", [{ a: 1 }]],
    ["an empty one behind a marker", "---\n", [null]],
    ["several", "a: 1\n---\n- b\n...\n---\nc", [{ a: 1 }, ["b"], "c"]],
    ["an anchor is its own document's", "&a 1\n---\n*a", [1, null]],
  ])("%s", (_, text, contents) => {
    expect([...documentsIn(text)].map(({ tree }) => tree && plain(contentOf(tree)))).toEqual(contents);
  });

  test("each has its own problems and its own beginning", () => {
    const text = "a: 1\na: 2\n---\nb: [\n---\nc: 3\n";
    expect([...documentsIn(text)].map(({ problems, tree }) => [problems.map(({ kind }) => kind), tree?.kind])).toEqual([
      [["duplicate-key"], "map"],
      [["syntax"], undefined],
      [[], "map"],
    ]);
  });
});

describe("values", () => {
  test.each([
    ["aliases are what they name", "a: &x [1]\nb: *x", { a: [1], b: [1] }],
    ["a key can have an anchor", "&k a: *k", { a: "a" }],
    ["a key can be an alias", "a: &k b\n*k : 1", { a: "b", b: 1 }],
    [
      "own keys win over merged ones",
      "x: &x {a: 1, b: 2}\ny: {b: 3, <<: *x}",
      { x: { a: 1, b: 2 }, y: { a: 1, b: 3 } },
    ],
    ["of merged maps the first wins", "<<: [{a: 1}, {a: 2, b: 2}]", { a: 1, b: 2 }],
    ["quoted, << is a key", '"<<": {a: 1}', { "<<": { a: 1 } }],
    ["a key is what was written", "0x10: a\non: b\n~: c", { "0x10": "a", on: "b", "~": "c" }],
    ["tags make text, or what they say", '[!!str 1, !!int "2", ! 3]', ["1", 2, "3"]],
    ["a block is text", "a: |\n  1\n  2\n", { a: "1\n2\n" }],
    ["a date is text", "2026-01-02", "2026-01-02"],
  ])("%s", (_, text, content) => {
    expect(plain(contentOf(treeOf(text)))).toEqual(content);
  });
});

describe("places", () => {
  const text = "a:\n  - b: 1\n    c: {d: e}\n";

  test.each([
    // path, what is found there, and where its key begins
    [["a", 0, "c", "d"], "e", "d: e"],
    [["a", 0, "b"], "1", "b: 1"],
    [["a", 0, "x", "y"], "b: 1\n    c: {d: e}\n", undefined],
    [["a", 7], "- b: 1\n    c: {d: e}\n", "a:"],
  ])("%j", (path, value, key) => {
    const { tree, keyStart } = nearestTo(treeOf(text), path);
    expect(text.slice(tree.start, tree.end)).toBe(value);
    expect(keyStart === undefined ? undefined : text.slice(keyStart, keyStart + (key ?? "").length)).toBe(key);
  });
});

describe("limits hold for the text as a whole", () => {
  test("words, signs and line ends", () => {
    const [document, second] = documentsIn("a: 1\n".repeat(30_000));
    expect(document).toMatchObject({ tree: undefined, problems: [{ kind: "too-long", path: [] }] });
    expect(second).toBeUndefined();
  });

  test.each([
    ["in a list", `[${",".repeat(90_000)}]`],
    ["behind a document", `[a]${"]".repeat(90_000)}\n`],
    ["before any document", "]".repeat(90_000)],
  ])("errors %s: the first is told, and those behind the twentieth are not looked for", (_, text) => {
    expect([...documentsIn(text)]).toMatchObject([{ tree: undefined, problems: [{ kind: "syntax" }] }]);
  });

  test("a number's characters: a longer one is no number, and told; a text is as long as it likes", () => {
    const [number] = documentsIn(`a: ${"1:".repeat(100_000)}1`);
    expect(number?.problems).toMatchObject([{ kind: "number", path: ["a"] }]);
    expect([...documentsIn(`a: "${"1".repeat(100_000)}"\nb: ${"x1".repeat(50_000)}`)][0]?.problems).toEqual([]);
  });

  test("anchors that a message lists", () => {
    const anchors = Array.from({ length: 1_000 }, (_, i) => `- &a${i} x\n`).join("");
    const [document] = documentsIn(`${anchors}- *b\n`);
    expect(document?.problems[0]?.expected).toBe("one of a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, 990 more");
  });

  test("a long text that is aliased counts as many values", () => {
    const [document] = documentsIn(`- &a ${"x".repeat(500_000)}\n${"- *a\n".repeat(20)}`);
    expect(document?.problems).toMatchObject([{ kind: "alias-bomb" }]);
  });

  test("nesting", () => {
    const [document] = documentsIn("[".repeat(100_000));
    expect(document?.problems).toMatchObject([{ kind: "too-deep", offset: 64 }]);
  });

  test("aliases of all documents together", () => {
    const hundred = `&a [${"x, ".repeat(99)}x]`;
    const document = `- ${hundred}\n${"- *a\n".repeat(400)}`;
    const read = [...documentsIn([document, document].join("---\n"))];
    expect(read.map(({ problems }) => problems.map(({ kind }) => kind))).toEqual([[], ["alias-bomb"]]);
  });
});

property.prop([
  fc.array(
    fc.constantFrom(
      ..."a: |- b|\n|  |---\n|...\n|&a |*a|<<: |{|}|[|]|, |'|\"|%YAML 1.1\n|!x |!!int |? |: |#|\t|>\n".split("|"),
    ),
    { maxLength: 40 },
  ),
])("whatever the text, its documents come with a tree or a problem inside it", (pieces) => {
  const text = pieces.join("");
  for (const { tree, problems, start } of documentsIn(text)) {
    expect(tree === undefined && problems.length === 0).toBe(false);
    expect(start).toBeLessThanOrEqual(text.length);
    for (const { offset } of problems) expect(offset).toBeLessThanOrEqual(text.length);
  }
});
