import { describe, expect, test } from "vitest";
import { anInput } from "../../test/support/templates.ts";
import { TemplateError } from "./errors.ts";
import { parseTemplate } from "./parse.ts";
import { readTemplate } from "./template-text.ts";
import { variablesOf } from "./variables.ts";

const grow = (body: string) =>
  `{% set n = namespace(x='ab', l=[1]) %}{% for i in range(1000) %}${body}{% endfor %}<% n.x %>`;

const doubled = (name: string) =>
  `{% set n.${name} = [1] %}{% for i in range(30) %}{% set n.${name} = [n.${name}, n.${name}] %}{% endfor %}`;
const long = "{% set n = namespace(x='ab') %}{% for i in range(16) %}{% set n.x = n.x ~ n.x %}{% endfor %}";

function manyArguments(count: number): string {
  const names = Array.from({ length: count }, (_, i) => `a${i}`);
  const call = `<% m(${names.map((name) => `${name}=1`).join()}) %>`;
  return `{% macro m(${names.join()}) %}{% endmacro %}{% for i in range(100) %}${call}{% endfor %}`;
}

describe("a template that would never end, or fill the memory, is refused", () => {
  test.each([
    ["a billion steps", "{% for a in range(10000) %}{% for b in range(10000) %}x{% endfor %}{% endfor %}"],
    ["a list of a billion numbers", "<% range(1000000000) | length %>"],
    ["a list of numbers without end", "<% range(0, 10, 0) %>"],
    ["a macro that calls itself", "{% macro m() %}<% m() %>{% endmacro %}<% m() %>"],
    ["a macro that calls itself, deeper each time", "{% macro m(x) %}x<% m([x]) %>{% endmacro %}<% m(1) %>"],
    ["a text that doubles", grow("{% set n.x = n.x ~ n.x %}")],
    ["a list that doubles", grow("{% set n.l = n.l + n.l %}")],
    ["lists of lists", grow("{% set n.l = n.l + [range(10000)] %}")],
    ["many long texts", grow("{% set n.l = n.l + ['x' | indent(200, true)] %}{% set n.x = n.l | join('y' * 1) %}")],
    ["a text that replaces itself", grow("{% set n.x = n.x | replace('a', n.x) %}")],
    ["a text joined by itself", grow("{% set n.x = [n.x, n.x, n.x] | join(n.x) %}")],
    ["a power without end", "<% 10 ** 10 ** 10 %>"],
    ["an indentation without end", "<% 'x' | indent(1000000000, true) %>"],
    ["brackets without end", `<% ${"[".repeat(20_000)}${"]".repeat(20_000)} %>`],
    ["tags without end", `${"{% if true %}".repeat(100)}${"{% endif %}".repeat(100)}`],
    ["operators without end", `<% ${"1 ~ ".repeat(100_000)}1 %>`],
    ["signs without end", `<% ${"-".repeat(100_000)}1 %>`],
    ["filters without end", `<% 1${" | upper".repeat(100_000)} %>`],
    ["choices without end", `<% ${"1 if 0 else ".repeat(100_000)}1 %>`],
    ["wrong tags without end", "{% iff %}".repeat(100_000)],
    ["unknown names without end", `<% [${Array.from({ length: 60_000 }, (_, i) => `zz${i}`).join()}] %>`],
    ["lists that double, printed", `{% set n = namespace() %}${doubled("a")}<% n.a %>`],
    ["lists that double, as JSON", `{% set n = namespace() %}${doubled("a")}<% n.a | tojson | length %>`],
    ["lists that double, compared", `{% set n = namespace() %}${doubled("a")}${doubled("b")}<% n.a == n.b %>`],
    ["lists that double, looked through", `{% set n = namespace() %}${doubled("a")}${doubled("b")}<% n.a in [n.b] %>`],
    ["lists in one another, printed", grow("{% set n.l = [n.l] %}").replace("n.x %>", "n.l %>")],
    ["a search that compares all with all", `${long}<% ('b' ~ n.x) in (n.x ~ n.x) %>`],
    ["a long text cut to pieces", `${long}{% for i in range(9000) %}{% set y = n.x[1:] %}{% endfor %}`],
    ["a macro's arguments without end", manyArguments(3_000)],
    ["YAML without end", "[".repeat(20_000) + "]".repeat(20_000)],
    [
      "an alias bomb",
      `a: &a [x]\n${"bcdefghi".replace(/./g, (key, at: number) => `${key}: &${key} [${`*${"abcdefgh"[at] ?? ""}, `.repeat(9)}]\n`)}`,
    ],
  ])("%s", (_, source) => {
    expect(() => parseTemplate(source, "job.yaml.template").render(anInput())).toThrow(TemplateError);
  });
});

describe("a fault of a long text has its line", () => {
  const half = "{% set n = namespace(x='a: 1\\n') %}{% for i in range(16) %}{% set n.x = n.x ~ n.x %}{% endfor %}";

  test("when it is the text's length: that of the tag that makes it too long", () => {
    const source = `${half}\n<% n.x %>\n<% n.x %>\n<% n.x %>\n<% n.x %>\n`;
    expect(() => parseTemplate(source, "t").render(anInput())).toThrow("t:5:1: makes more than 1000000 characters");
  });

  test("when it is something at its end", () => {
    const comments = "#\n".repeat(40_000);
    const source = `${comments}a: [\n`;
    expect(() => parseTemplate(source, "t").render(anInput())).toThrow(
      /^t:4000[12]:\d+: what it makes is not valid YAML/,
    );
  });
});

describe("a template reaches nothing but its variables", () => {
  test.each([
    "process",
    "globalThis",
    "require",
    "constructor",
    "this",
    "self",
    "Object",
    "__proto__",
    "strftime_now",
    "raise_exception",
  ])("%s is unknown", (name) => {
    expect(() => readTemplate(`<% ${name} %>`, "t")).toThrow(`unknown variable "${name}"`);
  });

  test.each([
    "<% node_selector['constructor'] %>",
    "<% node_selector['__proto__'] %>",
    "<% node_selector.toString %>",
    "<% runner_uuid['constructor'] %>",
    "<% range['constructor'] %>",
    "<% namespace(a=1).constructor %>",
    "<% [1]['constructor'] %>",
  ])("%s is undefined, as in Jinja2", (source) => {
    expect(readTemplate(source, "t").render(variablesOf(anInput()))).toBe("");
  });
});

test("a real template is far from the limits", () => {
  const nodeSelector = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`label-${index}`, "value"]));
  const loop = "{% for key, value in node_selector.items() %}<%key%>=<%value | upper%>\n{% endfor %}";

  const text = readTemplate(loop.repeat(10), "t").render(variablesOf(anInput({ group: { nodeSelector } })));
  expect(text.split("\n")).toHaveLength(2001);
});
