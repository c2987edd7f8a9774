import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { FILTERS } from "../../src/template/jinja/filters.ts";
import { DEEPEST_NESTING, LONGEST_LIST, LONGEST_TEXT, MOST_STEPS } from "../../src/template/jinja/limits.ts";
import { FUNCTIONS, METHODS, TESTS } from "../../src/template/jinja/methods.ts";
import { TAGS } from "../../src/template/jinja/parse.ts";
import { parseTemplate } from "../../src/template/parse.ts";
import type { TemplateInput } from "../../src/template/port.ts";
import { readTemplate } from "../../src/template/template-text.ts";
import { TEXT_VARIABLES, variablesOf } from "../../src/template/variables.ts";
import { anInput, shippedTemplate } from "../support/templates.ts";
import { codeSpans, read, type Table, tables } from "./markdown.ts";

const PAGE = read("docs/guides/job-template.md");
const TABLES = tables(PAGE);
const shipped = shippedTemplate();

test("lists every variable, in the code's words", () => {
  const listed = rows("variable", "holds").map(({ variable = "", holds = "" }) => [codeSpans(variable)[0], holds]);

  expect(listed.filter(([name]) => name !== "node_selector")).toEqual(Object.entries(TEXT_VARIABLES));
  expect(listed.map(([name]) => name)).toContain("node_selector");
});

test("lists everything that the language has", () => {
  const listed = Object.fromEntries(rows("what", "names").map(({ what = "", names = "" }) => [what, codeSpans(names)]));

  expect(listed).toEqual({
    tags: Object.keys(TAGS),
    filters: [...FILTERS.keys()].sort(),
    tests: [...TESTS.keys()].sort(),
    methods: [...METHODS.keys()].sort(),
    functions: [...FUNCTIONS.keys()].sort(),
  });
});

test.each(rows("written", "made"))("$written makes $made", ({ written = "", made = "" }) => {
  expect(readTemplate(inBackticks(written), "t").render(variablesOf(input()))).toBe(inBackticks(made));
});

test("states the limits", () => {
  const limits = section("Limits");

  for (const limit of [LONGEST_TEXT, LONGEST_LIST, MOST_STEPS, DEEPEST_NESTING]) {
    expect(limits).toContain(` ${limit.toLocaleString("en-US")} `);
  }
});

test("the least template is a runner, and nothing can be left out of it", () => {
  const [least = ""] = blocks(/^yaml template$/);

  expect(() => parseTemplate(least, "job.yaml.template").render(input())).not.toThrow();
  for (const line of least.split("\n").filter((text) => /<%|restartPolicy/.test(text))) {
    expect(() => parseTemplate(least.replace(line, ""), "t").render(input()), line).toThrow();
  }
});

test("the broken template has that message", () => {
  const [broken = ""] = blocks(/^yaml broken$/);
  const [message = ""] = blocks(/^text$/);

  expect(() => parseTemplate(broken, "job.yaml.template")).toThrow(message.trimEnd());
});

describe("examples", () => {
  const examples = [...PAGE.matchAll(/^```yaml after="(.*)"\n([^]*?)^```/gm)].map(([, line = "", text = ""]) => ({
    line,
    text,
  }));

  test("each says the line that it goes below", () => {
    expect(examples.length).toBeGreaterThan(4);
    for (const { line } of examples) expect(PAGE).toContain(`elow \`${line}\``);
  });

  test.each(examples)("%j goes into the shipped template", ({ line, text }) => {
    const pattern = new RegExp(`^( *)${line}$`, "m");
    const indent = pattern.exec(shipped)?.[1] ?? "";
    const source = shipped.replace(pattern, (whole) => `${whole}\n${text.trimEnd().replaceAll(/^/gm, indent)}`);

    const { job } = parseTemplate(source, "job.yaml.template").render(input());
    const { spec } = job as { spec: { template: { spec: { containers: object[] } } } };
    const pod = spec.template.spec;
    const added = parse(readTemplate(text, "t").render(variablesOf(input()))) as object;
    expect([pod, ...pod.containers]).toContainEqual(expect.objectContaining(added));
  });

  test("the pod's annotations", () => {
    const text = /^```yaml\n(template:[^]*?)^```/m.exec(PAGE)?.[1] ?? "";
    const indent = " ".repeat(6);
    const source = shipped.replace(
      /^ {6}template:\n {8}metadata:\n {10}labels:\n(?: {12}.*\n)*/m,
      text.replaceAll(/^(?=.)/gm, indent),
    );

    expect(source).not.toBe(shipped);
    expect(parseTemplate(source, "t").render(input()).job).toMatchObject({
      spec: { template: { metadata: { annotations: { "karpenter.sh/do-not-disrupt": "true" } } } },
    });
  });
});

function rows(...columns: readonly string[]): Table["rows"] {
  const found = TABLES.find((table) => columns.every((column) => table.columns.includes(column)));
  if (found === undefined) throw new Error(`no table with ${columns.join(", ")}`);
  return found.rows;
}

function inBackticks(cell: string): string {
  return /^`(.*)`$/.exec(cell)?.[1] ?? "";
}

function section(heading: string): string {
  return PAGE.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
}

function blocks(language: RegExp): string[] {
  return [...PAGE.matchAll(/^```(.*)\n([^]*?)^```/gm)].flatMap(([, info = "", text = ""]) =>
    language.test(info) ? [text] : [],
  );
}

/** The group that the guide's table speaks of. */
function input(): TemplateInput {
  return anInput({ group: { nodeSelector: { pool: "ci" } } });
}
