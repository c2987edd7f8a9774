import { readFileSync } from "node:fs";
import { readSettings } from "../../src/config/load.ts";
import { readCredentials } from "../../src/credentials/read-credentials.ts";
import { diagnosticBlock, diagnosticLine } from "../../src/diagnostics/render.ts";
import { proxyEnvironment, proxyFor } from "../../src/http/proxy.ts";
import { kubeconfigAccess } from "../../src/kubernetes/auth/kubeconfig.ts";
import { logLevel } from "../../src/observability/log/log-level.ts";
import { anchorFrom } from "../../src/process/clock.ts";
import { flavourFrom, serverUrl } from "../../src/process/environment.ts";
import { ANCHOR_VARIABLE, systemClock } from "../../src/support/clock.ts";
import { messageOf, RemediedError } from "../../src/support/errors.ts";
import { parseTemplate } from "../../src/template/parse.ts";
import { exampleScope, renderExample } from "../../src/template/render-example.ts";
import { aGroup } from "../support/groups.ts";
import { shippedTemplate } from "../support/templates.ts";

/** A parser of text that comes from outside, and what its inputs are made of. */
export interface FuzzedParser {
  readonly name: string;
  /** Texts that it takes. */
  readonly good: readonly string[];
  /** The pieces that mean something to it: inputs are made of them. */
  readonly atoms: readonly string[];
  /** Brackets of every kind: what can be nested. */
  readonly brackets: readonly (readonly [open: string, close: string])[];
  /** Longest input, in characters. */
  readonly longest: number;
  /**
   * Reads one input as the program does.
   *
   * @returns every piece of text about it that a person would see. @throws nothing: whatever is thrown is a fault of the parser
   */
  read(text: string): Promise<readonly string[]> | readonly string[];
}

const MEBIBYTE = 1_048_576;
const PLAIN = { bold: same, red: same, yellow: same, green: same };

const YAML_ATOMS = [
  ..."a|1|: | |\n|- |? |,|'|\"|&a |*a|!t |!!str |!!int |#|\t|---\n|...\n|%YAML 1.1\n|\r\n|<<: *a\n|a: |a: b\n|- a\n|  |\\|''".split(
    "|",
  ),
  ..."1:|0x|0b|_|.|e+|~|null|yes|2026-01-01|__proto__: 1\n|\u0000|\u001b[2J|\ufeff|\u2028|é|😀|\ud800".split("|"),
  "|\n",
  ">\n",
];
const YAML_BRACKETS: FuzzedParser["brackets"] = [
  ["[", "]"],
  ["{", "}"],
  ["{a: ", "}"],
  ["- ", ""],
  ["? ", ""],
  ['"', '"'],
];

const GOOD_CONFIG = file("../../src/config/fixtures/seed-runners-config.yaml");
const GOOD_KUBECONFIG = file("../support/kubeconfig.yaml");

/** Every parser of a text from outside. To add one: a line here. */
export const PARSERS: readonly FuzzedParser[] = [
  {
    name: "configuration",
    good: [GOOD_CONFIG],
    atoms: [...YAML_ATOMS, ...linesOf(GOOD_CONFIG)],
    brackets: YAML_BRACKETS,
    longest: MEBIBYTE,
    read(text) {
      const { diagnostics } = readSettings(text, "runners_config.yaml");
      const lines = text.split("\n");
      return diagnostics.flatMap((each) => [
        diagnosticLine(each),
        ...diagnosticBlock({ ...each, snippet: lines[each.line - 1] ?? "" }, PLAIN).split("\n"),
        each.path,
      ]);
    },
  },
  {
    name: "template",
    good: [shippedTemplate()],
    atoms: [
      ...YAML_ATOMS,
      ..."<% |%>|{% |%}|{# |#}|{%- |-%}|if |else|endif|for x in |endfor|set x = |endset|macro m(x)|endmacro|raw|endraw".split(
        "|",
      ),
      ..."x|m(x)|~ |+ |** |// |== |in |not |is |and |or |[|]|(|)|.|range(9999)|namespace(a=1)|loop.index|9999".split(
        "|",
      ),
      ..."<% x %>|{% set x = [x, x] %}|{% for i in range(30) %}{% set n.x = n.x ~ n.x %}{% endfor %}|{% set n = namespace(x='1') %}".split(
        "|",
      ),
      ..."upper|join('a')|tojson|indent(9)|replace('a', 'aa')|items()|split('a')|int|dictsort|runner_uuid|node_selector"
        .split("|")
        .flatMap((word) => [word, ` | ${word}`, `.${word}`]),
    ],
    brackets: [
      ...YAML_BRACKETS,
      ["<% ", " %>"],
      ["{% if true %}", "{% endif %}"],
      ["{% for a in [1, 2] %}", "{% endfor %}"],
      ["(", ")"],
      ["<% [", "] %>"],
    ],
    longest: MEBIBYTE,
    read: (text) =>
      told(() => {
        const group = aGroup({});
        const template = parseTemplate(text, "job.yaml.template");
        // The second and the third runner go other ways than the first.
        for (let runner = 0; runner < 3; runner += 1)
          renderExample(template, group, exampleScope(group), { labels: {}, annotations: {} });
      }),
  },
  {
    name: "kubeconfig",
    good: [GOOD_KUBECONFIG],
    atoms: [
      ...YAML_ATOMS,
      ...linesOf(GOOD_KUBECONFIG),
      "namespace: a\n",
      "exec: {command: a, apiVersion: b}",
      "token: x\n",
    ],
    brackets: YAML_BRACKETS,
    longest: MEBIBYTE,
    read: (text) =>
      told(async () => {
        const log = { debug: none, info: none, warn: none, error: none };
        const runCommand = () => Promise.resolve({ kind: "not-found" } as const);
        const dependencies = { env: {}, clock: systemClock(), log, runCommand, readFile: () => Promise.resolve(text) };
        const { describe } = await kubeconfigAccess(["/home/user/.kube/config"], dependencies);
        return [describe];
      }),
  },
  {
    name: "environment",
    good: [
      "https://user:secret@proxy.example:8080",
      "10.0.0.0/8,.svc,[::1]:80,*.example.com",
      '{"epochMs":0,"monotonicMs":0,"speed":1}',
    ],
    atoms:
      'http://|https://|:|@|/|,|.|*|[|]|8080|10.0.0.0/8|a| |\n|\u0000|\u001b[2J|é|{|}|"|<|>|=|YQ==|true|debug|AT|\ud800'.split(
        "|",
      ),
    brackets: [
      ["{", "}"],
      ["[", "]"],
      ["<", ">"],
    ],
    // Linux takes no longer variable.
    longest: 131_072,
    async read(text) {
      const variables = [
        "BITBUCKET_API_FLAVOUR",
        "BITBUCKET_API_URL",
        "LOG_LEVEL",
        ANCHOR_VARIABLE,
        "HTTP_PROXY",
        "HTTPS_PROXY",
      ];
      const env = Object.fromEntries(variables.map((name) => [name, text]));
      const { problems } = await readCredentials(
        { BITBUCKET_OAUTH_CLIENT_ID: text, BITBUCKET_OAUTH_CLIENT_SECRET_FILE: "file" },
        () => Promise.resolve(new TextEncoder().encode(text)),
      );
      const readings = [
        () => void flavourFrom(env),
        () => void serverUrl(env, "BITBUCKET_API_URL"),
        () => void logLevel(env),
        () => void anchorFrom(env),
        () => void proxyEnvironment(env),
        () => void proxyFor("https://api.example.com/2.0", { httpsProxy: "http://proxy.example", noProxy: text }),
      ];
      const all = await Promise.all(readings.map((reading) => told(reading)));
      return [...problems.map(diagnosticLine), ...all.flat()];
    },
  },
];

/** What an error that is meant for people says; others go on. */
async function told(
  work: () => void | readonly string[] | Promise<void | readonly string[]>,
): Promise<readonly string[]> {
  try {
    return (await work()) ?? [];
  } catch (error) {
    if (!(error instanceof RemediedError)) throw error;
    return [...messageOf(error).split("\n"), error.remedy];
  }
}

function file(path: string): string {
  return readFileSync(new URL(path, import.meta.url), "utf8");
}

function linesOf(text: string): string[] {
  return text.split(/(?<=\n)/);
}

function same(text: string): string {
  return text;
}

function none(): void {}
