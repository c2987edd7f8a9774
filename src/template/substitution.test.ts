import { readFileSync } from "node:fs";
import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { anInput, RUNNER_UUID, repositoryScope, shippedTemplate } from "../../test/support/templates.ts";
import { Secret } from "../support/secret.ts";
import { TemplateError } from "./errors.ts";
import { parseTemplate } from "./parse.ts";
import type { JobTemplate, TemplateInput } from "./port.ts";
import { skeletonOf } from "./skeleton.ts";
import { readTemplate } from "./template-text.ts";
import { variablesOf } from "./variables.ts";

const MANIFESTS = new URL("fixtures/manifests/", import.meta.url);
const shipped = shippedTemplate();
const templates = new Map([
  ["shipped", shipped],
  ["shipped without quotes", shipped.replaceAll(/"(<%\w+%>)"/g, "$1")],
  ...["unquoted", "docker-mirror", "documents", "logic"].map((name) => {
    return [name, readFileSync(new URL(`${name}.template`, MANIFESTS), "utf8")] as const;
  }),
]);

/** What makes a difference to YAML, to Jinja, or to something that looks for other values in it. */
const hostile = fc.constantFrom(
  ...[
    "",
    "'",
    '"',
    "\n",
    " ",
    "a: b",
    "# x",
    "{{",
    "<% x %>",
    "*x",
    "&x",
    "!x",
    "%",
    "1234",
    "true",
    "null",
    "~",
    "1e3",
    "0x1f",
  ],
  ...[
    "a first client's id",
    "a first client's secret???",
    "example-client-id",
    RUNNER_UUID,
    "\u{1F600}",
    "x".repeat(500),
  ],
);
const text = fc.oneof(hostile, fc.string(), fc.string({ unit: "binary" }), fc.base64String());
const uuid = fc.oneof(
  fc.uuid().map((value) => `{${value}}`),
  fc.constantFrom(
    "{a7c3e9f1-4b2d-4f6a-8c1e-9d5b3f7a1c2e}",
    "{10f8b6d4-e3a5-4c97-b2d0-61e84a0c5f97}",
    "{1e10}",
    "{}",
    "on",
    "{a\nb}",
  ),
  hostile,
);
const runner = fc.record({ runnerUuid: uuid, oauthClientId: text, oauthClientSecret: text });

describe.each([...templates.keys()])(
  "a runner made from others of its group is the same as a rendered one: %s",
  (name) => {
    const source = templates.get(name) ?? "";
    const warm = warmed(source);

    property.prop([runner, fc.boolean()])("whatever its values are", (values, isOfRepository) => {
      const input = inputOf(values, isOfRepository);

      expect(outcome(warm, input)).toEqual(outcome(parseTemplate(source, "t"), input));
    });

    test("and is not rendered, unless the template does more with a value than print it", () => {
      const isPrintedOnly = !source.includes("runner_uuid|upper");

      expect(skeletonOf(readTemplate(source, "t"), variablesOf(anInput())) !== undefined).toBe(isPrintedOnly);
    });
  },
);

describe("a template that does more with a runner's values than print them is rendered for each", () => {
  const extra = (line: string) => `${line}\n${shipped}`;
  const inJob = (line: string) => shipped.replace("completions: 1", `completions: 1\n      ${line}`);
  const cases: [string, string][] = [
    ["a condition", extra("{% if runner_uuid[0] == 'a' %}# a{% endif %}")],
    ["a condition that leads elsewhere", inJob("x: {% if '0' in oauth_client_id_base64 %}1{% else %}2{% endif %}")],
    ["a filter", inJob("x: <% runner_uuid | upper %>")],
    ["a part", inJob("x: <% runner_uuid[:8] %>")],
    ["a length", inJob("x: <% oauth_client_secret_base64 | length %>")],
    ["a loop", inJob('x: "{% for c in runner_uuid %}<%c%>{% endfor %}"')],
    ["a comparison of a variable that holds it", inJob("{% set u = runner_uuid %}x: <% u > '8' %>")],
    ["a comparison of a text that holds it", inJob("{% set u %}-<% runner_uuid %>{% endset %}x: <% u > '-8' %>")],
    ["a comparison of a macro's text", inJob("{% macro m() %}<% runner_uuid %>{% endmacro %}x: <% m() > '8' %>")],
    [
      "an argument of a macro",
      inJob("{% macro m(a) %}{% if a > '8' %}1{% endif %}{% endmacro %}x: <% m(runner_uuid) %>"),
    ],
    ["a key", inJob("x: {<% runner_uuid %>: 1}")],
    ["an anchor", inJob("x: [&<% runner_uuid %> 1, *<% runner_uuid %>]")],
    ["an escape", inJob('x: "\\x4<% runner_uuid %>"')],
    ["a list", inJob("x: <% [runner_uuid] %>")],
  ];

  test.each(cases)("%s", (_, source) => {
    expect(skeletonOf(readTemplate(source, "t"), variablesOf(anInput()))).toBeUndefined();
  });

  describe.each(cases)("and stays right: %s", (_, source) => {
    const warm = warmed(source);

    property.prop([runner], { numRuns: 20 })("for any values", (values) => {
      const input = inputOf(values, false);

      expect(outcome(warm, input)).toEqual(outcome(parseTemplate(source, "t"), input));
    });
  });
});

test("a value that makes a number of an unquoted text is taken for what a rendering takes it for", () => {
  const source = shipped.replace("completions: 1", "completions: 1\n      x: <% oauth_client_id_base64 %>");
  const warm = warmed(source);

  for (const asBase64 of ["0400", "04000400", "TRUE"]) {
    const oauthClientId = Buffer.from(asBase64, "base64").toString("utf8");
    const input = inputOf({ runnerUuid: `{${RUNNER_UUID}}`, oauthClientId, oauthClientSecret: "s" }, false);
    const { job } = warm.render(input);
    expect(job).toEqual(parseTemplate(source, "t").render(input).job);
    expect(JSON.stringify(job)).not.toContain(`"x":"${asBase64}"`);
  }
});

test("what is wrong with one runner's labels is told as a rendering tells it", () => {
  const source = shipped
    .replace("completions: 1", "completions: 1")
    .replace(/^( +)runner_uuid: "<%runner_uuid%>"/m, '$&\n$1client: "<%oauth_client_id_base64%>"');
  const warm = warmed(source);
  const long = inputOf(
    { runnerUuid: `{${RUNNER_UUID}}`, oauthClientId: "x".repeat(60), oauthClientSecret: "s" },
    false,
  );

  expect(() => warm.render(long)).toThrow(TemplateError);
  expect(outcome(warm, long)).toEqual(outcome(parseTemplate(source, "t"), long));
});

/** A template that has rendered for two runners of each group. */
function warmed(source: string): JobTemplate {
  const template = parseTemplate(source, "t");
  for (const scope of [undefined, repositoryScope()]) {
    for (let times = 0; times < 2; times += 1) outcome(template, anInput(scope && { scope }));
  }
  return template;
}

function inputOf(
  values: { readonly runnerUuid: string; readonly oauthClientId: string; readonly oauthClientSecret: string },
  isOfRepository: boolean,
): TemplateInput {
  return anInput({
    ...values,
    oauthClientSecret: new Secret(values.oauthClientSecret),
    labels: {
      "runners-autoscaler/installation": "abcdefgh",
      runner_uuid: values.runnerUuid.replace(/^\{(.*)\}$/, "$1"),
    },
    ...(isOfRepository && { scope: repositoryScope() }),
  });
}

function outcome(template: JobTemplate, input: TemplateInput): unknown {
  try {
    const rendered = template.render(input);
    return { job: rendered.job, secret: rendered.secretOwnedBy("job-uid") };
  } catch (error) {
    if (error instanceof TemplateError) return error.message;
    throw error;
  }
}
