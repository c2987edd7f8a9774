import { readFileSync } from "node:fs";
import { shippedTemplate } from "../support/templates.ts";

const many = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join("");

const GROUP = `groups:
  - name: "G1"
    workspace: team
    labels: [gke.runner]
    namespace: runners
    strategy: percentageRunnersIdle
    parameters: {min: 1, max: 2, scale_up_threshold: 0.5, scale_down_threshold: 0.2, scale_up_multiplier: 1.5, scale_down_multiplier: 0.5}
`;
const KUBECONFIG = readFileSync(new URL("../support/kubeconfig.yaml", import.meta.url), "utf8");
const MEBIBYTE = 1_048_576;

/** Configurations of at most 1 MiB that filled the memory, or took minutes, or are like those: none is a configuration. */
export const CONFIGURATIONS: Readonly<Record<string, string>> = {
  "a long name that does not match": GROUP.replace('"G1"', `"${"a".repeat(200_000)}\\x01"`),
  "a long name of spaces": GROUP.replace('"G1"', `"${" ".repeat(200_000)}\\x01"`),
  "a long label that does not match": GROUP.replace("gke.runner", `"${"a".repeat(200_000)}!"`),
  "a long label of dots": GROUP.replace("gke.runner", `"${".".repeat(200_000)}!a"`),
  "a long workspace that does not match": GROUP.replace("team", `"${"a".repeat(200_000)}!"`),
  "a long namespace": GROUP.replace("runners", "n".repeat(900_000)),
  "a long number of base 60": `${GROUP}x: ${"1:".repeat(400_000)}1\n`,
  "a long number": `${GROUP}constants: {api_requests_per_hour: ${"9".repeat(900_000)}}\n`,
  "anchors and aliases that lead nowhere": `l:\n${many(40_000, (i) => `- &a${i} x\n`)}${"- *b\n".repeat(60_000)}`,
  "an anchor and aliases that lead nowhere": `l:\n- &${"a".repeat(500_000)} x\n${"- *b\n".repeat(20_000)}`,
  "aliases of a long text": `l:\n- &a ${"x".repeat(500_000)}\n${"- *a\n".repeat(20_000)}`,
  "merges of a map": `b: &b {${many(5_000, (i) => `k${i}: 1, `)}z: 1}\nl:\n${"- {<<: *b}\n".repeat(5_000)}`,
  "duplicate keys": `${GROUP}${"k: 1\n".repeat(150_000)}`,
  "unknown keys": `${GROUP}${many(20_000, (i) => `min${i}: 1\n`)}`,
  "unknown keys below a long one": `${GROUP}${"k".repeat(300_000)}:\n${"  k: 1\n".repeat(20_000)}`,
  labels: GROUP.replace("[gke.runner]", `[${many(100_000, (i) => `l${i},`)}]`),
  "labels, fewer": GROUP.replace("[gke.runner]", `[${many(40_000, () => "l,")}]`),
  groups: `groups: [${"1,".repeat(45_000)}]`,
  "groups of maps": `groups: [${"{},".repeat(30_000)}]`,
  documents: "---\n".repeat(250_000),
  comments: "#\n".repeat(500_000),
  "line ends": "\n".repeat(MEBIBYTE),
  commas: `x: [${",".repeat(1_000_000)}`,
  brackets: `x: ${"[".repeat(500_000)}${"]".repeat(500_000)}`,
  "closing brackets": "]".repeat(1_000_000),
  "a word of brackets and brackets that close nothing": `\\${"{".repeat(500_000)}${"}".repeat(500_000)}`,
  quotes: '"'.repeat(1_000_000),
  "one word": "a".repeat(MEBIBYTE),
  "a key of a map": `? {${"a: 1, ".repeat(10_000)}}\n: 1\n`,
  controls: "\u0000\u001b[2J".repeat(200_000),
};

const doubled = (times: number) =>
  `{% set ns = namespace(l=[1]) %}{% for i in range(${times}) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}`;
const grown = (text: string, times: number) =>
  `{% set ns = namespace(x='${text}') %}{% for i in range(${times}) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}`;
const map = `{% set m = {${many(9_000, (i) => `'k${i}': 1,`)}} %}`;
const GOOD = shippedTemplate();

/** Templates that filled the memory, or took minutes, or are like those: none makes a runner's objects. */
export const TEMPLATES: Readonly<Record<string, string>> = {
  "doubled lists, printed": `${doubled(30)}# <% ns.l %>\n${GOOD}`,
  "doubled lists, as JSON": `${doubled(30)}{% set z = ns.l | tojson %}${GOOD}`,
  "doubled lists, joined": `${doubled(30)}{% set z = ns.l | join(',') %}${GOOD}`,
  "doubled lists, with ~": `${doubled(30)}{% set z = ns.l ~ '' %}${GOOD}`,
  "doubled lists, compared": `${doubled(30)}{% set a = ns.l %}${doubled(30)}{% set z = ns.l == a %}${GOOD}`,
  "loops without a body": `{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}${GOOD}`,
  "loops over a list without a body": `{% set l = range(10000) %}{% for a in l %}{% for b in l %}{% endfor %}{% endfor %}${GOOD}`,
  "a long text that is no number": `${grown("1", 19)}{% set z = (ns.x ~ 'x') | int %}`,
  "a long text that is no number, with lines below": `${grown("1_1", 18)}{% set z = (ns.x ~ 'x') | float %}`,
  "a map copied again and again": `${map}{% for a in range(9000) %}{% set z = namespace(m) %}{% endfor %}${GOOD}`,
  "a map's keys again and again": `${map}{% for a in range(9000) %}{% set z = m.keys() %}{% endfor %}${GOOD}`,
  "a map measured again and again": `${map}{% for a in range(9000) %}{% set z = m | length %}{% endfor %}${GOOD}`,
  "a list reversed again and again": `{% set l = range(10000) %}{% for a in l %}{% set z = l | reverse %}{% endfor %}${GOOD}`,
  "unknown names": `# <% [${many(60_000, (i) => `zz${i},`)}0] %>\n${GOOD}`,
  "brackets in a tag that is never closed": `${GOOD}\n1${"<% [".repeat(200_000)}${"] %>".repeat(50_000)}`,
  "wrong tags": `${GOOD}\n${"{% iff %}".repeat(100_000)}`,
  keys: `${GOOD}\n${many(60_000, (i) => `x${i}: 1\n`)}`,
  "brackets in YAML": `${GOOD}\nx: ${"[".repeat(100_000)}${"]".repeat(100_000)}\n`,
  "a long number of base 60": `${GOOD}\nx: ${"1:".repeat(100_000)}1\n`,
  "aliases of a long text": `${GOOD}\nx: &a ${"x".repeat(500_000)}\ny:\n${"- *a\n".repeat(10_000)}`,
  documents: `${GOOD}\n${"---\na\n".repeat(20_000)}`,
  "too much text": `${grown("a: 1\\n", 18)}<% ns.x %><% ns.x %>${GOOD}`,
  "names of YAML in a long line": `# ${",&".repeat(45_000)} <% runner_uuid %>\n${",&".repeat(40_000)} <% runner_uuid %>`,
};

/** Kubeconfigs of at most 1 MiB that are none. */
export const KUBECONFIGS: Readonly<Record<string, string>> = {
  contexts: KUBECONFIG.replace("current-context: test", "current-context: another").replace(
    "contexts: [",
    `contexts: [${many(9_000, (i) => `{name: c${i}, context: {}},`)}`,
  ),
  "wrong clusters": `clusters: [${"1,".repeat(40_000)}]`,
  "a long name": KUBECONFIG.replaceAll("test", "t".repeat(200_000)).replace("server:", "other:"),
  "a map as a key": `? {a: 1}\n: 1\n${KUBECONFIG}`,
  "a map as the context": KUBECONFIG.replace("current-context: test", "current-context: {a: 1}"),
  "an alias bomb": many(9, (i) => `k${i}: &k${i} [${`${i === 0 ? "x" : `*k${i - 1}`},`.repeat(9)}]\n`),
  "controls in names": KUBECONFIG.replaceAll("test", '"\\u001b[2J\\n"').replace("server:", "other:"),
};
