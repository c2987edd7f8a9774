import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { shippedTemplate } from "../../test/support/templates.ts";
import { PlainScalar } from "../yaml/tree.ts";
import { TemplateError } from "./errors.ts";
import expectedOutcomes from "./fixtures/snippets.expected.json" with { type: "json" };
import snippets from "./fixtures/snippets.json" with { type: "json" };
import variableSets from "./fixtures/variables.json" with { type: "json" };
import { readTemplate } from "./template-text.ts";
import { readYaml } from "./yaml-text.ts";

/** Every expected output here was made by Python's Jinja2 and PyYAML: fixtures/render.py. */
const MANIFESTS = new URL("fixtures/manifests/", import.meta.url);
const SETS = Object.keys(variableSets) as (keyof typeof variableSets)[];

const templates = new Map([
  ...readdirSync(MANIFESTS)
    .filter((name) => name.endsWith(".template"))
    .map((name) => [name.replace(".template", ""), readFileSync(new URL(name, MANIFESTS), "utf8")] as const),
  ["shipped", shippedTemplate()] as const,
]);

describe.each([...templates.keys()])("the template %s", (name) => {
  test.each(SETS)("makes Jinja2's text for a runner of a %s", (set) => {
    expect(render(templates.get(name) ?? "", set)).toBe(stored(`${name}.${set}.txt`));
  });

  test.each(SETS)("is read like PyYAML reads it for a runner of a %s", (set) => {
    const documents = readYaml(stored(`${name}.${set}.txt`));

    const contents = "faults" in documents ? documents : documents.map(({ content }) => plain(content));
    expect(contents).toEqual(JSON.parse(stored(`${name}.${set}.json`)));
  });
});

const { refused, ...compared } = snippets;
const outcomes = expectedOutcomes as Record<string, Record<string, { text?: string; fails?: boolean }>>;

describe.each(Object.entries(compared))("%s", (_, sources) => {
  test.each(sources)("%j", (source) => {
    for (const set of SETS) expect(outcome(source, set), set).toEqual(outcomes[source]?.[set]);
  });
});

describe("what Jinja2 would take and this program does not", () => {
  test.each(refused)("%j", (source) => {
    for (const set of SETS) expect(() => render(source, set)).toThrow(TemplateError);
  });
});

function outcome(source: string, set: keyof typeof variableSets): { text?: string; fails?: boolean } {
  try {
    return { text: render(source, set) };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return { fails: true };
  }
}

function render(source: string, set: keyof typeof variableSets): string {
  return readTemplate(source, "job.yaml.template").render({
    repository_uuid: undefined,
    ...variableSets[set],
  });
}

function stored(name: string): string {
  return readFileSync(new URL(name, MANIFESTS), "utf8");
}

function plain(content: unknown): unknown {
  if (content instanceof PlainScalar) return content.value;
  if (Array.isArray(content)) return content.map(plain);
  if (typeof content !== "object" || content === null) return content;
  return Object.fromEntries(Object.entries(content).map(([key, value]) => [key, plain(value)]));
}
