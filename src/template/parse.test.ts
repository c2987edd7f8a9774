import { inspect } from "node:util";
import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import {
  anInput,
  REPOSITORY_UUID,
  RUNNER_UUID,
  repositoryScope,
  shippedTemplate,
  WORKSPACE_UUID,
} from "../../test/support/templates.ts";
import { Secret } from "../support/secret.ts";
import { TemplateError, type TemplateProblem } from "./errors.ts";
import { parseTemplate } from "./parse.ts";
import type { TemplateInput } from "./port.ts";

const FILE = "job.yaml.template";
const shipped = shippedTemplate();
const JOB_NAME = /(?<= )name: runner-<%runner_uuid%>$/m;
const SECRET_NAME = /name: runner-oauth-credentials-<%runner_uuid%>$/m;

describe("the shipped template", () => {
  test("makes a Job and a Secret with this program's marks, in the group's namespace", () => {
    const runner = render(shipped, anInput({ group: { namespace: "ci" } }));

    const own = { "runners-autoscaler/installation": "abcdefgh", runner_uuid: RUNNER_UUID };
    const labels = { account_uuid: WORKSPACE_UUID, runner_namespace: "ci", ...own };
    const annotations = { "runners-autoscaler/name": "Group 1 [abcdefgh-aaaaaa]" };
    expect(runner.job).toMatchObject({
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: `runner-${RUNNER_UUID}`, namespace: "ci", labels, annotations },
      spec: { template: { metadata: { labels } } },
    });
    expect(runner.secretOwnedBy("job-uid")).toEqual({
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        name: `runner-oauth-credentials-${RUNNER_UUID}`,
        namespace: "ci",
        labels,
        annotations,
        ownerReferences: [{ apiVersion: "batch/v1", kind: "Job", name: `runner-${RUNNER_UUID}`, uid: "job-uid" }],
      },
      data: { oauth_client_id: base64("example-client-id"), oauth_client_secret: base64("example-client-secret") },
    });
  });

  test("a repository's runner knows its repository", () => {
    const { job } = render(shipped, anInput({ scope: repositoryScope() }));

    expect(job).toMatchObject({
      metadata: { labels: { repository_uuid: REPOSITORY_UUID } },
      spec: { template: { metadata: { labels: { repository_uuid: REPOSITORY_UUID } } } },
    });
    expect(inspect(job, { depth: null })).toContain(`value: '{${REPOSITORY_UUID}}'`);
  });

  property.prop([fc.dictionary(labelName(), labelValue(), { maxKeys: 5 })])(
    "sends pods to the group's nodes, whatever the labels look like in YAML",
    (nodeSelector) => {
      const { job } = render(shipped, anInput({ group: { nodeSelector } }));
      const expected = Object.keys(nodeSelector).length === 0 ? undefined : nodeSelector;

      const { spec } = job as { spec: { template: { spec: { nodeSelector?: unknown } } } };
      expect(spec.template.spec.nodeSelector).toEqual(expected);
    },
  );
});

describe("values that YAML would take for something else", () => {
  // Unquoted, as in many templates that are in use.
  const unquoted = shipped.replaceAll(/"(<%\w+%>)"/g, "$1");

  property.prop([fc.string({ minLength: 1, unit: "binary" }), fc.string({ minLength: 1, unit: "binary" })])(
    "credentials arrive in the Secret as they are",
    (id, secret) => {
      const input = anInput({ oauthClientId: id, oauthClientSecret: new Secret(secret) });
      const { data } = render(unquoted, input).secretOwnedBy("uid") as { data: Record<string, string> };

      expect(data).toEqual({ oauth_client_id: base64(id), oauth_client_secret: base64(secret) });
    },
  );

  test.each(["1234", "0644", "12345678", "1e10", "0x1F", "true"])("base64 that reads %s stays text", (text) => {
    const input = anInput({ oauthClientId: Buffer.from(text, "base64").toString("latin1") });
    const asText = unquoted.replace("<%oauth_client_id_base64%>", text.padEnd(Math.ceil(text.length / 4) * 4, "="));

    const { data } = render(asText, input).secretOwnedBy("uid") as { data: Record<string, string> };
    expect(data.oauth_client_id).toBe(text.padEnd(Math.ceil(text.length / 4) * 4, "="));
  });

  test.each(["on", "yes", "1234", "0644"])("a namespace called %s stays text", (namespace) => {
    const { job } = render(unquoted, anInput({ group: { namespace } }));

    expect(job).toMatchObject({
      metadata: { namespace, labels: { runner_namespace: namespace } },
      spec: { template: { metadata: { labels: { runner_namespace: namespace } } } },
    });
  });

  test("labels, annotations, variables, arguments and selectors are text; numbers elsewhere are numbers", () => {
    const source = edited([
      ["backoffLimit: 6", "backoffLimit: 0x6\nactiveDeadlineSeconds: 12:30"],
      [JOB_NAME, "name: runner-<%runner_uuid%>\nannotations: {mode: 0644, on: yes, none: ~}"],
      ["- name: WORKING_DIRECTORY", "- {name: PORT, value: 8080}\n- name: WORKING_DIRECTORY"],
      ["image: docker:dind", "image: docker:dind\nargs: [--mtu, 1460]"],
      [
        "restartPolicy: OnFailure",
        "restartPolicy: OnFailure\ntolerations: [{key: spot, value: true, tolerationSeconds: 60}]",
      ],
    ]);
    const { job } = render(source, anInput());

    expect(job).toMatchObject({
      metadata: { annotations: { mode: "0644", on: "yes", none: null } },
      spec: {
        backoffLimit: 6,
        activeDeadlineSeconds: 750,
        template: {
          spec: {
            tolerations: [{ key: "spot", value: "true", tolerationSeconds: 60 }],
            containers: [
              { env: expect.arrayContaining([{ name: "PORT", value: "8080" }]) as unknown },
              { args: ["--mtu", "1460"] },
            ],
          },
        },
      },
    });
  });
});

describe("what the user wrote", () => {
  test("stays, whether this program knows the field or not", () => {
    const source = edited([
      ["backoffLimit: 6", "backoffLimit: 6\nfutureField: {deep: [1, {a: b}]}"],
      ["image: docker:dind", "image: docker:dind\nfutureContainerField: true"],
      ["kind: Secret", "kind: Secret\nimmutable: true\ntype: example.com/runner"],
      [SECRET_NAME, "name: runner-oauth-credentials-<%runner_uuid%>\nownerReferences: [{uid: theirs}]"],
    ]);
    const runner = render(source, anInput({ labels: {}, annotations: {} }));
    const plain = render(shipped, anInput({ labels: {}, annotations: {} }));

    const { spec } = plain.job as { spec: { template: { spec: { containers: object[] } } } };
    const [agent, docker] = spec.template.spec.containers;
    const pod = { ...spec.template.spec, containers: [agent, { ...docker, futureContainerField: true }] };
    expect(runner.job).toEqual({
      ...plain.job,
      spec: { ...spec, futureField: { deep: [1, { a: "b" }] }, template: { ...spec.template, spec: pod } },
    });
    expect(runner.secretOwnedBy("ours")).toMatchObject({
      immutable: true,
      type: "example.com/runner",
      metadata: { ownerReferences: [{ uid: "theirs" }, { uid: "ours" }] },
    });
  });

  test("rendering twice gives the same, and changes nothing that was given before", () => {
    const template = parseTemplate(shipped, FILE);
    const first = template.render(anInput());
    const copy = structuredClone(first.job);
    first.secretOwnedBy("one");
    template.render(anInput({ scope: repositoryScope() }));

    expect(template.render(anInput()).job).toEqual(copy);
    expect(first.job).toEqual(copy);
  });

  test("two documents are as good as a List", () => {
    const [, secret = "", job = ""] = shipped
      .split(/^ {2}(?=- apiVersion)/m)
      .map((item) => item.replace(/^- {3}|^- /, "  ").replaceAll(/^ {4}/gm, ""));
    const documents = `---\n${job.replace(/^ +/, "")}\n---\n${secret.replace(/^ +/, "")}\n...\n`;

    const inOrder = render(shipped, anInput());
    const swapped = render(documents, anInput());
    expect(swapped.job).toEqual(inOrder.job);
    expect(swapped.secretOwnedBy("uid")).toEqual(inOrder.secretOwnedBy("uid"));
  });
});

describe("faults of what it makes", () => {
  const podLabel = /(?<= {10}labels:\n {12})account_uuid: "<%account_uuid%>"/;
  test.each<[what: string, edits: [string | RegExp, string][], message: string, on: string]>([
    [
      "another name",
      [[JOB_NAME, "name: r-<%runner_uuid%>"]],
      `the Job's metadata.name is "r-${RUNNER_UUID}"; it must be "runner-${RUNNER_UUID}"`,
      "name: r-",
    ],
    [
      "another Secret",
      [[SECRET_NAME, "name: creds"]],
      `the Secret's metadata.name is "creds"; it must be "runner-oauth-credentials-${RUNNER_UUID}"`,
      "name: creds",
    ],
    [
      "another namespace",
      [[JOB_NAME, "name: runner-<%runner_uuid%>\nnamespace: other"]],
      `the Job's metadata.namespace is "other"; it must be "default"`,
      "namespace: other",
    ],
    [
      "an old API",
      [["apiVersion: batch/v1", "apiVersion: batch/v1beta1"]],
      `the Job's apiVersion is "batch/v1beta1"; it must be "batch/v1"`,
      "batch/v1beta1",
    ],
    [
      "a restart policy",
      [["restartPolicy: OnFailure", "restartPolicy: Always"]],
      `the Job's spec.template.spec.restartPolicy is "Always"; it must be "OnFailure" or "Never"`,
      "restartPolicy",
    ],
    [
      "no restart policy",
      [["restartPolicy: OnFailure", "hostNetwork: false"]],
      `the Job's spec.template.spec.restartPolicy is missing; it must be "OnFailure" or "Never"`,
      "spec:",
    ],
    [
      "a lacking label",
      [[podLabel, "x: y"]],
      `the Job's spec.template.metadata.labels.account_uuid is missing; it must be "${WORKSPACE_UUID}"`,
      "labels:",
    ],
    [
      "a braced label",
      [[podLabel, 'account_uuid: "{<%account_uuid%>}"']],
      `the Job's spec.template.metadata.labels.account_uuid is "{${WORKSPACE_UUID}}"; it must be "${WORKSPACE_UUID}"`,
      'account_uuid: "{',
    ],
    [
      "a label of ours",
      [[podLabel, 'account_uuid: "<%account_uuid%>"\nrunners-autoscaler/installation: mine']],
      'the label "runners-autoscaler/installation" is set by this program itself: remove it from the template',
      "installation: mine",
    ],
    [
      "an annotation of ours",
      [[JOB_NAME, "name: runner-<%runner_uuid%>\nannotations: {runners-autoscaler/name: x}"]],
      'the annotation "runners-autoscaler/name" is set by this program itself: remove it from the template',
      "runners-autoscaler/name",
    ],
    [
      "a label that Kubernetes refuses",
      [[podLabel, 'account_uuid: "<%account_uuid%>"\nteam: "a b"']],
      'the label "team" holds "a b"',
      "team:",
    ],
    [
      "a label's name that Kubernetes refuses",
      [[podLabel, 'account_uuid: "<%account_uuid%>"\na/b/c: d']],
      '"a/b/c" is not a label that Kubernetes accepts',
      "a/b/c",
    ],
    [
      "annotations that are not a map",
      [[JOB_NAME, "name: runner-<%runner_uuid%>\nannotations: []"]],
      "metadata.annotations is not a map",
      "annotations: []",
    ],
    [
      "no RUNNER_UUID",
      [["- name: RUNNER_UUID", "- name: RUNNER"]],
      'no container has the env RUNNER_UUID with the value "{<%runner_uuid%>}"',
      "containers:",
    ],
    [
      "RUNNER_UUID without braces",
      [['value: "{<%runner_uuid%>}"', 'value: "<%runner_uuid%>"']],
      'no container has the env RUNNER_UUID with the value "{<%runner_uuid%>}"',
      "containers:",
    ],
    ["two pods", [["parallelism: 1", "parallelism: 2"]], "spec.parallelism must be 1", "parallelism"],
    [
      "no client id",
      [["oauth_client_id: ", "client_id: "]],
      `the Secret's data lacks "oauth_client_id": <%oauth_client_id_base64%>`,
      "data:",
    ],
    [
      "a client id that is not encoded",
      [["<%oauth_client_id_base64%>", "plain text"]],
      `the Secret's data has a value under "oauth_client_id" that is not base64`,
      "oauth_client_id",
    ],
    [
      "a third object",
      [["items:", "items:\n  - {apiVersion: v1, kind: ConfigMap, metadata: {name: x}}"]],
      "it makes a ConfigMap; a job template makes one Secret and one Job",
      "kind: ConfigMap",
    ],
    ["an object without kind", [["items:", "items:\n  - {a: b}"]], "it makes something without a kind", "{a: b}"],
    [
      "two Jobs",
      [["items:", "items:\n  - {apiVersion: batch/v1, kind: Job}"]],
      "it makes 2 objects of kind Job",
      "kind: Job",
    ],
    [
      "a key twice",
      [["completions: 1", "completions: 1\ncompletions: 1"]],
      "what it makes is not valid YAML: the key completions appears twice in this map",
      "completions",
    ],
    ["bad indentation", [["completions: 1", " completions: 1"]], "what it makes is not valid YAML", "parallelism"],
    [
      "a tag",
      [["completions: 1", "completions: !ruby/object 1"]],
      "what it makes is not valid YAML: the tag !ruby/object has no meaning here",
      "completions",
    ],
    [
      "an alias that leads nowhere",
      [["completions: 1", "completions: *one"]],
      "what it makes is not valid YAML: the alias *one has no anchor &one before it",
      "completions",
    ],
  ])("%s", (_, edits, message, on) => {
    const source = edited(edits);
    const problems = problemsOf(() => render(source, anInput()));

    const problem = problems.find((each) => each.message.startsWith(message));
    expect(problem, problems.map((each) => each.message).join("\n")).toBeDefined();
    expect(problem?.snippet).toContain(on);
    expect(source.split("\n")[(problem?.line ?? 0) - 1]).toContain(on);
  });

  test.each([
    ["nothing", ""],
    ["only a comment", "# nothing here"],
    ["a List of nothing", "kind: List\nitems: []"],
    ["a text", "hello"],
  ])("%s is no runner", (_, source) => {
    expect(problemsOf(() => render(source, anInput())).map(({ message }) => message)).toContain(
      source === "hello"
        ? "it makes something without a kind; a job template makes one Secret and one Job"
        : "it makes no Job; a job template makes one Secret and one Job",
    );
  });

  test("all are told at once, in the template's order", () => {
    const source = edited([
      ["parallelism: 1", "parallelism: 3"],
      ["restartPolicy: OnFailure", "restartPolicy: Always"],
      ["oauth_client_secret: ", "secret: "],
    ]);

    expect(problemsOf(() => render(source, anInput())).map(({ name }) => name)).toEqual([
      "oauth_client_secret",
      "parallelism",
      "restartPolicy",
    ]);
  });

  test("the line is right behind loops, conditions and other line ends", () => {
    const source = edited([["restartPolicy: OnFailure", "restartPolicy: Always"]]).replaceAll("\n", "\r\n");
    const input = anInput({ scope: repositoryScope(), group: { nodeSelector: { a: "b", c: "d" } } });

    const [problem] = problemsOf(() => render(source, input));
    expect(source.split("\r\n")[(problem?.line ?? 0) - 1]).toContain("restartPolicy: Always");
  });

  test("a fault that a loop makes is put to the loop's line", () => {
    const source = edited([['"<%key%>": "<%value%>"', '"<%key%>": [']]);

    const [problem] = problemsOf(() => render(source, anInput({ group: { nodeSelector: { a: "b" } } })));
    expect(problem?.message).toContain("what it makes is not valid YAML");
    expect(problem?.line).toBeGreaterThan(0);
  });
});

describe("a template's names and tags", () => {
  test("the message has file, line, column, snippet and the nearest known name", () => {
    const source = "kind: List\nitems:\n  - name: runner-<% runner_uid %>\n";

    expect(() => parseTemplate(source, FILE)).toThrow(
      new TemplateError([
        {
          severity: "error",
          file: FILE,
          message: 'unknown variable "runner_uid"',
          name: "runner_uid",
          nearest: "runner_uuid",
          line: 3,
          column: 21,
          snippet: "- name: runner-<% runner_uid %>",
        },
      ]),
    );
    expect(messageOf(() => parseTemplate(source, FILE))).toBe(
      'job.yaml.template:3:21: unknown variable "runner_uid"; did you mean "runner_uuid"?\n    3 | - name: runner-<% runner_uid %>',
    );
  });

  test.each([
    ["<% runner_uuid | uper %>", 1, 18, 'unknown filter "uper"', "upper"],
    ["a\n{% if runner_uuid is defind %}{% endif %}", 2, 22, 'unknown test "defind"', "defined"],
    ["a\n\n  {% fore x in [] %}{% endfor %}", 3, 3, 'unknown tag "fore"', "for"],
    ["{% for x in [] %}<% loop.indx %>{% endfor %}", 1, 26, 'unknown attribute of loop "indx"', "index"],
    ["<% node_selector.itms() %>", 1, 18, 'unknown method "itms"', "items"],
    ["{% if true %}\n{% endfor %}", 2, 1, '"{% endfor %}" stands where "{% endif %}" is expected', undefined],
    [
      "a\n{% if true %}\n{% for x in [] %}\n{% endfor %}",
      2,
      1,
      '"{% if %}" is never closed by "{% endif %}"',
      undefined,
    ],
    ["a\n  <% runner_uuid", 2, 3, '"<%" is never closed by "%>"', undefined],
    ["a <% (runner_uuid %> b\n'c", 1, 6, '"(" is never closed by ")"', undefined],
    [
      "<% runner_uuid account_uuid %>",
      1,
      16,
      'unexpected "account_uuid"; the tag is written <% EXPRESSION %>',
      undefined,
    ],
    ["{% for x of [] %}{% endfor %}", 1, 10, 'unexpected "of"; the tag is written {% for NAME in LIST %}', undefined],
    ["{% if %}{% endif %}", 1, 1, "the tag ends too early; it is written {% if CONDITION %}", undefined],
    ["{% set true = 1 %}", 1, 8, '"true" cannot be set', undefined],
    ["{% include 'x' %}", 1, 1, `the tag "include" is Jinja2's, but cannot be used in a job template`, undefined],
    ["<% 'a' | replace('b') %>", 1, 10, 'the filter "replace" needs: old, new', undefined],
    ["<% 'a' | indent(size=2) %>", 1, 10, 'the filter "indent" takes here: width, first, blank', undefined],
    ["<% 'a'.strip('x') %>", 1, 8, 'the method "strip" takes 0 argument(s) at most here', undefined],
    ["<% runner_uuid() %>", 1, 4, '"runner_uuid" cannot be called', undefined],
  ])("%j", (source, line, column, message, nearest) => {
    const [problem] = problemsOf(() => parseTemplate(source, FILE));

    expect(problem).toMatchObject({ message, line, column, ...(nearest !== undefined && { nearest }) });
  });

  test("a fault that only values show has its line as well", () => {
    const source = "a\n{% if true %}\n  <% [1, 'a'] | sort %>\n{% endif %}";

    expect(problemsOf(() => render(source, anInput()))).toEqual([
      {
        severity: "error",
        file: FILE,
        message: "only texts, or only numbers, can be sorted",
        line: 3,
        column: 3,
        snippet: "<% [1, 'a'] | sort %>",
      },
    ]);
  });

  test("all unknown names are told at once", () => {
    const source = "<% a %>\n<% b | c %>\n{% if d is e %}{% endif %}";

    expect(problemsOf(() => parseTemplate(source, FILE)).map(({ name }) => name)).toEqual(["a", "b", "c", "d", "e"]);
  });
});

describe("secrets", () => {
  const leaks: [string, [string | RegExp, string][]][] = [
    ["as a name", [[JOB_NAME, "name: <%oauth_client_secret_base64%>"]]],
    [
      "as a label",
      [
        ["completions: 1", "completions: 1"],
        ['account_uuid: "<%account_uuid%>"', 'account_uuid: "<%oauth_client_secret_base64%> x"'],
      ],
    ],
    [
      "as a key, twice",
      [["data:", 'data:\n  "<%oauth_client_secret_base64%>": x\n  "<%oauth_client_secret_base64%>": y']],
    ],
    ["as an alias", [["completions: 1", "completions: *<%oauth_client_secret_base64%>"]]],
    ["as a tag", [["completions: 1", "completions: !<%oauth_client_secret_base64%> x"]]],
    ["behind a value", [["completions: 1", 'completions: "1" <%oauth_client_secret_base64%>']]],
    ["as a kind", [["items:", "items:\n  - {kind: <%oauth_client_secret_base64%>}"]]],
    ["where a number is needed", [["completions: 1", "completions: <% [oauth_client_secret_base64, 1] | sort %>"]]],
  ];

  test.each(leaks)("%s, are in no error", (_, edits) => {
    const secret = "s3cret/value?with+everything";
    const error = errorOf(() => render(edited(edits), anInput({ oauthClientSecret: new Secret(secret) })));

    const everything = `${error.message}${JSON.stringify(error)}${inspect(error, { depth: null, showHidden: true })}`;
    expect(everything).not.toContain(secret);
    expect(everything).not.toContain(base64(secret));
  });
});

/** The shipped template with some text replaced, once each. Further lines of a replacement get the indentation of the first. */
function edited(edits: readonly (readonly [string | RegExp, string])[]): string {
  return edits.reduce((source, [search, replacement]) => {
    expect(source).toMatch(search);
    const at = source.search(typeof search === "string" ? search.replaceAll(/[|*?.+(){}[\]]/g, "\\$&") : search);
    const indent = /^ */.exec(source.slice(source.lastIndexOf("\n", at) + 1))?.[0] ?? "";
    return source.replace(search, () => replacement.replaceAll("\n", `\n${indent}`));
  }, shipped);
}

function render(source: string, input: TemplateInput) {
  return parseTemplate(source, FILE).render(input);
}

function errorOf(action: () => unknown): TemplateError {
  try {
    action();
  } catch (error) {
    if (error instanceof TemplateError) return error;
    throw error;
  }
  throw new Error("nothing was wrong");
}

function problemsOf(action: () => unknown): readonly TemplateProblem[] {
  return errorOf(action).problems;
}

function messageOf(action: () => unknown): string {
  return errorOf(action).message;
}

function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}

function labelValue() {
  return fc.oneof(
    fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9_.-]{0,10}[A-Za-z0-9])?$/),
    fc.constantFrom("true", "on", "12:30", "0644", "1e3", "1_000", "null", "2026-01-02", ""),
  );
}

function labelName() {
  return fc.oneof(fc.stringMatching(/^[a-z]{1,8}\.[a-z]{1,8}\/[a-z]{1,8}$/), fc.constantFrom("yes", "1234", "pool"));
}
