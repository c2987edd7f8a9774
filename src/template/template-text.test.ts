import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { anInput, repositoryScope, shippedTemplate } from "../../test/support/templates.ts";
import { TemplateError } from "./errors.ts";
import { parseTemplate } from "./parse.ts";
import { readTemplate } from "./template-text.ts";
import { variablesOf } from "./variables.ts";

const OPENINGS = /<%|\{%|\{#/;
/** Pieces that templates are made of, whole and broken. */
const piece = fc.constantFrom(
  ..."<% %> {% %} {# #} {{ }} <%- -%> {%- -%} {{- %}} { } ( ) [ ] | . , : = == ~ ' \" \\ \n \r\n - # % >".split(" "),
  ..."runner_uuid node_selector repository_uuid if else elif endif for in endfor set raw endraw x 1 'a'".split(" "),
  " ",
  "\n  ",
);
const soup = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(""));

describe("any text", () => {
  test.prop([fc.string({ unit: "binary" }).filter((text) => !OPENINGS.test(text))])(
    "without an opening comes out as it is, but for line ends as Jinja2 has them",
    (text) => {
      const expected = text.replaceAll(/\r\n?/g, "\n").replace(/\n$/, "");

      expect(render(text)).toBe(expected);
    },
  );

  test.prop([soup], { numRuns: 1_000 })("is rendered, or refused with its place; nothing else is thrown", (text) => {
    try {
      render(text);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      for (const { line, snippet } of error.problems) {
        expect(line).toBeDefined();
        const lines = text.replaceAll(/\r\n?/g, "\n").split("\n");
        expect(lines[(line ?? 0) - 1]?.trim()).toBe(snippet);
      }
    }
  });

  test.prop([soup, fc.nat()])(
    "inside a real template is rendered, or refused; nothing else is thrown",
    (text, where) => {
      const shipped = shippedTemplate();
      const at = where % shipped.length;

      try {
        parseTemplate(shipped.slice(0, at) + text + shipped.slice(at), "t").render(
          anInput({ scope: repositoryScope() }),
        );
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error;
      }
    },
  );
});

describe("any value", () => {
  test.prop([fc.string({ unit: "binary" })])("is printed as it is, whatever it looks like", (value) => {
    const variables = { ...variablesOf(anInput()), limits_cpu: value };

    expect(readTemplate('"{<%limits_cpu%>}"', "t").render(variables)).toBe(`"{${value}}"`);
  });

  test.prop([fc.dictionary(fc.string(), fc.string())])("of a map can be looped over in its order", (map) => {
    const variables = { ...variablesOf(anInput()), node_selector: map };
    const source = "{% for key, value in node_selector.items() %}[<%key%>|<%value%>]{% endfor %}";

    const expected = Object.entries(map).map(([key, value]) => `[${key}|${value}]`);
    expect(readTemplate(source, "t").render(variables)).toBe(expected.join(""));
  });
});

function render(source: string): string {
  return readTemplate(source, "job.yaml.template").render(variablesOf(anInput()));
}
