import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { ConfigProblem } from "./finding.ts";
import { readSettings } from "./load.ts";

const SEED = readFileSync(new URL("fixtures/seed-runners-config.yaml", import.meta.url), "utf8");

/** A file without a flaw; lines count as written here. */
const GOOD = `constants:
  pacing: adaptive
groups:
  - name: one
    workspace: acme
    labels: [gke.runner]
    namespace: default
    strategy: percentageRunnersIdle
    parameters:
      min: 1
      max: 10
      scale_up_threshold: 0.5
      scale_down_threshold: 0.2
      scale_up_multiplier: 1.5
      scale_down_multiplier: 0.5
`;

const GOOD_GROUP = GOOD.slice(GOOD.indexOf("  - name"));

/** The good file with one text replaced, which must be there. */
function good(from: string, to: string): string {
  expect(GOOD).toContain(from);
  return GOOD.replace(from, to);
}

function read(content: string | Uint8Array): readonly ConfigProblem[] {
  return readSettings(content, "f.yaml").diagnostics;
}

/** Place, code and path of each diagnostic: `4:11 invalid-value groups[0].name`. */
function places(content: string): string[] {
  return read(content).map(({ line, column, code, path }) => `${line}:${column} ${code} ${path}`);
}

describe("readSettings, the seed's own file", () => {
  test("loads without errors and says what its timing means now", () => {
    const { settings, diagnostics } = readSettings(SEED, "f.yaml");
    expect(diagnostics.map(({ severity, line, code }) => [severity, line, code])).toEqual([
      ["warning", 2, "pacing-sleeps"],
      ["warning", 4, "pacing-interval"],
    ]);
    expect(settings).toEqual({
      constants: {
        setupSleepMs: 10_000,
        deleteSleepMs: 5_000,
        pollingIntervalMs: 600_000,
        coolDownMs: 300_000,
        pacing: "adaptive",
        apiRequestsPerHour: 1000,
      },
      groups: [
        {
          name: "Runner group 1",
          workspace: "{6321d246-a40a-4776-8497-372a41771e65}",
          labels: ["gke.runner", "self.hosted", "linux", "autoscaler.created"],
          namespace: "default",
          strategy: "percentageRunnersIdle",
          parameters: {
            min: 1,
            max: 10,
            scaleUpThreshold: 0.5,
            scaleDownThreshold: 0.2,
            scaleUpMultiplier: 1.5,
            scaleDownMultiplier: 0.5,
          },
          resources: { requestsMemory: "2Gi", requestsCpu: "1000m", limitsMemory: "2Gi", limitsCpu: "1000m" },
          architecture: "amd64",
          nodeSelector: {},
        },
      ],
    });
  });

  test.each(["adaptive", "fixed"])("pacing: %s, once written down, silences the warnings", (pacing) => {
    const text = SEED.replace("constants:\n", `constants:\n  pacing: ${pacing}\n`);
    expect(readSettings(text, "f.yaml")).toMatchObject({ settings: { constants: { pacing } }, diagnostics: [] });
  });
});

describe("readSettings, defaults", () => {
  test("are the original's, each by itself", () => {
    const text = good("    strategy:", "    resources: {limits: {memory: 8Gi}}\n    strategy:").replace(
      "constants:\n  pacing: adaptive\n",
      "",
    );
    const { settings, diagnostics } = readSettings(text, "f.yaml");
    expect(diagnostics).toEqual([]);
    expect(settings?.constants).toEqual({
      setupSleepMs: 5_000,
      deleteSleepMs: 5_000,
      pollingIntervalMs: 600_000,
      coolDownMs: 300_000,
      pacing: "adaptive",
      apiRequestsPerHour: 1000,
    });
    expect(settings?.groups[0]?.resources).toEqual({
      requestsMemory: "4Gi",
      requestsCpu: "1000m",
      limitsMemory: "8Gi",
      limitsCpu: "1000m",
    });
  });

  test("the platform's label follows the architecture, and no label comes twice", () => {
    const text = good("[gke.runner]", "[b, self.hosted, a]\n    architecture: arm64");
    expect(readSettings(text, "f.yaml").settings?.groups[0]?.labels).toEqual([
      "b",
      "self.hosted",
      "a",
      "linux.arm64",
      "autoscaler.created",
    ]);
  });
});

describe("readSettings, what the original accepts", () => {
  test.each<[what: string, text: string, warnings: string[]]>([
    [
      "numbers as quantities",
      good("    strategy:", "    resources: {requests: {cpu: 0.5}, limits: {cpu: 1}}\n    strategy:"),
      [],
    ],
    ["numbers in quotes", good("max: 10", 'max: "10"'), ["11:12 text-as-number groups[0].parameters.max"]],
    ["exponents without sign", good("1.5", "15e-1"), ["14:28 text-as-number groups[0].parameters.scale_up_multiplier"]],
    ["fractions of counts", good("max: 10", "max: 10.9"), ["11:12 fraction-dropped groups[0].parameters.max"]],
    ["numbers as labels", good("[gke.runner]", "[010]"), ["6:14 number-as-text groups[0].labels[0]"]],
    ["numbers as names", good("name: one", "name: 12:30"), ["4:11 number-as-text groups[0].name"]],
    ["an empty repository", good("    labels", "    repository:\n    labels"), []],
    ["constants that are all comments", good("  pacing: adaptive\n", "  # pacing: fixed\n"), []],
    [
      "anchors, aliases and merges",
      `${GOOD.replace("parameters:", "parameters: &p")}  - name: two
    workspace: acme
    labels: [two]
    namespace: default
    strategy: percentageRunnersIdle
    parameters: {<<: *p, max: 3}
`,
      [],
    ],
    ["a byte order mark, and Windows' line ends", `\uFEFF${GOOD.replaceAll("\n", "\r\n")}`, []],
    ["a document's start and end marks", `%YAML 1.1\n---\n${GOOD}...\n`, []],
    [
      "a set of labels with a member twice",
      good("[gke.runner]", "[gke.runner, gke.runner]"),
      ["6:26 duplicate-label groups[0].labels[1]"],
    ],
  ])("%s", (_, text, warnings) => {
    expect(places(text)).toEqual(warnings);
    expect(readSettings(text, "f.yaml").settings).toBeDefined();
  });

  test("reads them as the original does", () => {
    const text = good("[gke.runner]", "[010, 1.10]")
      .replace("max: 10", 'max: "10"')
      .replace("min: 1", "min: 1.9")
      .replace("    strategy:", "    node_selector: {pool: 7}\n    resources: {limits: {cpu: 1_5}}\n    strategy:");
    expect(readSettings(text, "f.yaml").settings?.groups[0]).toMatchObject({
      labels: ["8", "1.1", "self.hosted", "linux", "autoscaler.created"],
      parameters: { min: 1, max: 10 },
      nodeSelector: { pool: "7" },
      resources: { limitsCpu: "15" },
    });
  });

  test("of several merges the first has the last word", () => {
    const text = `${GOOD.replace("parameters:", "parameters: &p")}  - {name: two, workspace: acme, labels: [two], namespace: default, strategy: percentageRunnersIdle, parameters: &q {<<: *p, max: 3}}
  - {name: three, workspace: acme, labels: [three], namespace: default, strategy: percentageRunnersIdle, parameters: {<<: [*q, *p]}}
`;
    expect(readSettings(text, "f.yaml").settings?.groups[2]?.parameters).toMatchObject({ min: 1, max: 3 });
  });

  test("a merge's own keys win, and the group gets the rest", () => {
    const text = `${GOOD.replace("parameters:", "parameters: &p")}  - {name: two, workspace: acme, labels: [two], namespace: default, strategy: percentageRunnersIdle, parameters: {max: 3, <<: *p}}\n`;
    expect(readSettings(text, "f.yaml").settings?.groups[1]?.parameters).toMatchObject({ min: 1, max: 3 });
  });
});

describe("readSettings, one wrong value", () => {
  test.each<[what: string, text: string, place: string, more: Partial<ConfigProblem>]>([
    [
      "a misspelt key",
      good("pacing: adaptive", "pasing: adaptive"),
      "2:3 unknown-key constants.pasing",
      { message: "there is no key pasing in constants", value: "pasing", suggestion: "pacing" },
    ],
    [
      "a key in camel case",
      good("scale_up_threshold", "scaleUpThreshold"),
      "12:7 unknown-key groups[0].parameters.scaleUpThreshold",
      { suggestion: "scale_up_threshold" },
    ],
    [
      "a key in the wrong map",
      good("    strategy:", "    min: 3\n    strategy:"),
      "8:5 unknown-key groups[0].min",
      { suggestion: "min under groups[].parameters" },
    ],
    [
      "a key like no other",
      good("constants:", "retention: 3\nconstants:"),
      "1:1 unknown-key retention",
      { message: "there is no key retention at the top level", expected: "one of constants, groups" },
    ],
    [
      "a key twice",
      good("max: 10", "max: 10\n      max: 11"),
      "12:7 duplicate-key groups[0].parameters.max",
      { expected: "each key once" },
    ],
    ["a map as key", good("constants:", "? {a: b}\n: 1\nconstants:"), "1:3 unknown-key ", {}],
    [
      "a key of JavaScript's own",
      good("    strategy:", "    node_selector: {__proto__: x}\n    strategy:"),
      "8:21 unknown-key groups[0].node_selector",
      {},
    ],
    [
      "a key too few",
      good("    namespace: default\n", ""),
      "4:5 missing-key groups[0].namespace",
      { message: "groups[0].namespace is missing" },
    ],
    ["no groups", "constants: {}\n", "1:1 missing-key groups", { expected: "a list of 1 to 1000 groups" }],
    ["an empty list of groups", "groups: []\n", "1:9 invalid-value groups", { message: "groups is an empty list" }],
    ["a group that is none", "groups: [7]\n", "1:10 invalid-value groups[0]", { message: "groups[0] is 7" }],
    [
      "no labels",
      good("[gke.runner]", "[]"),
      "6:13 invalid-value groups[0].labels",
      { expected: "a list of 1 to 100 labels" },
    ],
    [
      "a label without its list",
      good("[gke.runner]", "gke.runner"),
      "6:13 invalid-value groups[0].labels",
      { suggestion: '["gke.runner"]' },
    ],
    [
      "a label in capitals and hyphens",
      good("gke.runner", "GKE-Runner"),
      "6:14 invalid-value groups[0].labels[0]",
      {
        value: "GKE-Runner",
        expected: "lower-case letters, digits and dots, at most 200 of them",
        suggestion: "gke.runner",
      },
    ],
    [
      "a boolean where text is meant",
      good("name: one", "name: yes"),
      "4:11 invalid-value groups[0].name",
      { message: "groups[0].name is a boolean in YAML 1.1 (yes)", suggestion: '"yes"' },
    ],
    [
      "a date where text is meant",
      good("name: one", "name: 2026-11-24"),
      "4:11 invalid-value groups[0].name",
      { suggestion: '"2026-11-24"' },
    ],
    [
      "a date where a map is meant",
      good("constants:\n  pacing: adaptive", "constants: 2026-11-24"),
      "1:12 invalid-value constants",
      { message: "constants is a date in YAML 1.1", value: "2026-11-24" },
    ],
    [
      "a name of two lines",
      good("name: one", 'name: "a\\nb"'),
      "4:11 invalid-value groups[0].name",
      { expected: "one line of text, at most 200 characters" },
    ],
    ["an empty name", good("name: one", 'name: " "'), "4:11 invalid-value groups[0].name", {}],
    [
      "braces without quotes",
      good("acme", "{6321d246-a40a-4776-8497-372a41771e65}"),
      "5:16 invalid-value groups[0].workspace",
      { suggestion: '"{6321d246-a40a-4776-8497-372a41771e65}"' },
    ],
    [
      "a UUID without braces",
      good("acme", "6321d246-a40a-4776-8497-372a41771e65"),
      "5:16 invalid-value groups[0].workspace",
      {
        message: "groups[0].workspace is a UUID without its braces",
        suggestion: '"{6321d246-a40a-4776-8497-372a41771e65}"',
      },
    ],
    ["the original's placeholder", good("acme", '"{workspace_uuid}"'), "5:16 placeholder groups[0].workspace", {}],
    ["an angled placeholder", good("acme", "<workspace_uuid>"), "5:16 placeholder groups[0].workspace", {}],
    ["a path as slug", good("acme", ".."), "5:16 invalid-value groups[0].workspace", {}],
    [
      "a repository with its workspace",
      good("    labels", "    repository: acme/shop\n    labels"),
      "6:17 invalid-value groups[0].repository",
      { suggestion: "shop" },
    ],
    [
      "the reserved namespace",
      good("default", "bitbucket-runner-control-plane"),
      "7:16 reserved-namespace groups[0].namespace",
      { expected: "another namespace", suggestion: "default" },
    ],
    [
      "a namespace in capitals",
      good("default", "My_Runners"),
      "7:16 invalid-value groups[0].namespace",
      { suggestion: "my-runners" },
    ],
    ["a namespace that is too long", good("default", "a".repeat(64)), "7:16 invalid-value groups[0].namespace", {}],
    [
      "a misspelt strategy",
      good("percentageRunnersIdle", "percentageIdle"),
      "8:15 invalid-value groups[0].strategy",
      { expected: "percentageRunnersIdle", suggestion: "percentageRunnersIdle" },
    ],
    ["a misspelt pacing", good("adaptive", "fixd"), "2:11 invalid-value constants.pacing", { suggestion: "fixed" }],
    [
      "a min below 0",
      good("min: 1", "min: -1"),
      "10:12 invalid-value groups[0].parameters.min",
      { expected: "a whole number from 0 to 100" },
    ],
    ["a max above 100", good("max: 10", "max: 101"), "11:12 invalid-value groups[0].parameters.max", { value: "101" }],
    [
      "min above max",
      good("min: 1", "min: 11"),
      "10:12 min-above-max groups[0].parameters.min",
      { message: "groups[0].parameters.min is 11, above its max of 10", expected: "a whole number from 0 to 10" },
    ],
    [
      "a percentage",
      good("0.5", "50"),
      "12:27 invalid-value groups[0].parameters.scale_up_threshold",
      { suggestion: "0.5" },
    ],
    [
      "a percentage with its sign",
      good("0.2", "20%"),
      "13:29 invalid-value groups[0].parameters.scale_down_threshold",
      { suggestion: "0.2" },
    ],
    [
      "a multiplier that does not grow",
      good("1.5", "1"),
      "14:28 invalid-value groups[0].parameters.scale_up_multiplier",
      { expected: "a number above 1" },
    ],
    [
      "a multiplier that does not shrink",
      good("multiplier: 0.5", "multiplier: 1.0"),
      "15:30 invalid-value groups[0].parameters.scale_down_multiplier",
      { expected: "a number between 0 and 1, both excluded" },
    ],
    ["not a number", good("0.5", ".nan"), "12:27 invalid-value groups[0].parameters.scale_up_threshold", {}],
    [
      "no polling interval",
      good("pacing", "runner_api_polling_interval: 0\n  pacing"),
      "2:32 invalid-value constants.runner_api_polling_interval",
      {},
    ],
    [
      "a budget of nothing",
      good("pacing", "api_requests_per_hour: 0\n  pacing"),
      "2:26 invalid-value constants.api_requests_per_hour",
      {},
    ],
    [
      "a unit that Kubernetes does not know",
      good("    strategy:", "    resources: {limits: {memory: 8Gb}}\n    strategy:"),
      "8:34 invalid-value groups[0].resources.limits.memory",
      { expected: "a Kubernetes quantity such as 4Gi or 512Mi", suggestion: "8Gi" },
    ],
    [
      "processors in words",
      good("    strategy:", "    resources: {limits: {cpu: 2 cores}}\n    strategy:"),
      "8:31 invalid-value groups[0].resources.limits.cpu",
      { suggestion: "2" },
    ],
    [
      "a boolean as node label",
      good("    strategy:", "    node_selector: {gpu: true}\n    strategy:"),
      "8:26 invalid-value groups[0].node_selector.gpu",
      { suggestion: '"true"' },
    ],
    [
      "a key that no node has",
      good("    strategy:", '    node_selector: {"a b": c}\n    strategy:'),
      '8:21 invalid-value groups[0].node_selector["a b"]',
      { value: "a b" },
    ],
    [
      "an architecture of another name",
      good("    strategy:", "    architecture: amd46\n    strategy:"),
      "8:19 invalid-value groups[0].architecture",
      { suggestion: "amd64" },
    ],
  ])("%s", (_, text, place, more) => {
    expect(places(text)).toEqual([place]);
    expect(read(text)[0]).toMatchObject({ severity: "error", file: "f.yaml", ...more });
    expect(readSettings(text, "f.yaml").settings).toBeUndefined();
  });
});

describe("readSettings, groups that collide", () => {
  const second = (labels: string, name = "two") =>
    `${GOOD}${GOOD_GROUP.replace("[gke.runner]", labels).replace("name: one", `name: ${name}`)}`;

  test("two names alike", () => {
    expect(places(second("[other]", "one"))).toEqual(["16:11 duplicate-name groups[1].name"]);
  });

  test.each(["[gke.runner]", "[gke.runner, gke.runner]", "[linux, gke.runner]"])(
    "two label sets alike: %s",
    (labels) => {
      expect(places(second(labels)).filter((place) => !/own-label|duplicate-label /.test(place))).toEqual([
        "18:13 duplicate-label-set groups[1].labels",
      ]);
    },
  );

  test("a set that is not right by itself is not compared", () => {
    expect(places(second("[gke.runner, GKE]"))).toEqual(["18:26 invalid-value groups[1].labels[1]"]);
  });

  test("the architecture tells label sets apart", () => {
    expect(places(second("[gke.runner]\n    architecture: arm64"))).toEqual([]);
  });

  test("more runners wanted than one workspace may have", () => {
    const text = second("[other]").replaceAll("max: 10", "max: 60");
    expect(places(text)).toEqual(["23:12 scope-overbooked groups[1].parameters.max"]);
    expect(places(text.replace("workspace: acme", "workspace: other"))).toEqual([]);
    // A third group does not say it again.
    expect(places(`${text}${GOOD_GROUP.replace("one", "three").replace("gke.runner", "third")}`)).toHaveLength(1);
  });
});

describe("readSettings, warnings", () => {
  test.each<[what: string, text: string, place: string, more: Partial<ConfigProblem>]>([
    [
      "min 0",
      good("min: 1", "min: 0"),
      "10:12 min-zero groups[0].parameters.min",
      { suggestion: "1, which keeps one runner warm" },
    ],
    ["max 0", good("min: 1", "min: 0").replace("max: 10", "max: 0"), "11:12 max-zero groups[0].parameters.max", {}],
    ["a label that is added", good("gke.runner", "linux, gke.runner"), "6:14 own-label groups[0].labels[0]", {}],
    [
      "another platform",
      good("gke.runner", "gke.runner, linux.arm64"),
      "6:26 second-platform groups[0].labels[1]",
      { suggestion: "architecture: arm64 instead of the label" },
    ],
    [
      "ten labels",
      good("gke.runner", "a, b, c, d, e, f, g, h, i, j"),
      "6:13 many-labels groups[0].labels",
      { expected: "at most 9 labels" },
    ],
    [
      "a threshold that is never exceeded",
      good("0.5", "1"),
      "12:27 never-grows groups[0].parameters.scale_up_threshold",
      {},
    ],
    [
      "a threshold that is never undercut",
      good("0.2", "0"),
      "13:29 never-shrinks groups[0].parameters.scale_down_threshold",
      {},
    ],
    [
      "thresholds the wrong way round",
      good("0.2", "0.6"),
      "13:29 thresholds-oscillate groups[0].parameters.scale_down_threshold",
      { expected: "a share below 0.5" },
    ],
    [
      "thresholds that are one",
      good("0.2", "0.5"),
      "13:29 thresholds-oscillate groups[0].parameters.scale_down_threshold",
      {},
    ],
    [
      "growth that leads to shrinking",
      good("0.2", "0.4").replace("multiplier: 0.5", "multiplier: 0.9"),
      "13:29 thresholds-oscillate groups[0].parameters.scale_down_threshold",
      { expected: "a share of at most 0.333" },
    ],
    [
      "shrinking that leads to growth",
      good("multiplier: 0.5", "multiplier: 0.3"),
      "13:29 thresholds-oscillate groups[0].parameters.scale_down_threshold",
      { expected: "a share of at most 0.15" },
    ],
    [
      "a request above its limit",
      good("    strategy:", "    resources: {requests: {memory: 5Gi}}\n    strategy:"),
      "8:36 requests-above-limits groups[0].resources.requests.memory",
      { expected: "at most 4Gi" },
    ],
    [
      "bytes for mebibytes",
      good("    strategy:", "    resources: {limits: {memory: 4096}, requests: {memory: 4Ki}}\n    strategy:").replace(
        "4Ki}",
        "64Mi}",
      ),
      "8:34 odd-quantity groups[0].resources.limits.memory",
      { expected: "at least 64Mi" },
    ],
    [
      "processors for thousandths",
      good("    strategy:", "    resources: {limits: {cpu: 2000}}\n    strategy:"),
      "8:31 odd-quantity groups[0].resources.limits.cpu",
      { suggestion: "2000m" },
    ],
    [
      "nodes of another architecture",
      good("    strategy:", "    node_selector: {kubernetes.io/arch: arm64}\n    strategy:"),
      '8:41 architecture-mismatch groups[0].node_selector["kubernetes.io/arch"]',
      { expected: "amd64" },
    ],
    [
      "the original's interval",
      good("pacing: adaptive", "runner_api_polling_interval: 600"),
      "2:32 pacing-interval constants.runner_api_polling_interval",
      {},
    ],
    [
      "the original's sleeps",
      good("pacing: adaptive", "default_sleep_time_runner_delete: 5"),
      "2:37 pacing-sleeps constants.default_sleep_time_runner_delete",
      {},
    ],
  ])("%s", (_, text, place, more) => {
    const found = read(text).filter(({ code }) => place.includes(code));
    expect(found.map(({ line, column, code, path }) => `${line}:${column} ${code} ${path}`)).toEqual([place]);
    expect(found[0]).toMatchObject({ severity: "warning", ...more });
    expect(readSettings(text, "f.yaml").settings).toBeDefined();
  });

  test("the smallest interval that changes nothing is no matter", () => {
    expect(places(good("pacing: adaptive", "runner_api_polling_interval: 15"))).toEqual([]);
  });

  test("nine labels and what is added to them are fine", () => {
    expect(places(good("gke.runner", "a, b, c, d, e, f, g, h, i"))).toEqual([]);
  });
});

test("all problems come at once, in the order of the file, whatever their kind", () => {
  const text = good("pacing: adaptive", "pasing: adaptive")
    .replace("gke.runner", "GKE")
    .replace("min: 1", "min: 11")
    .replace("0.5\n", "50\n")
    .replace("0.2", "0")
    .concat("extra: 1\n");
  expect(places(text)).toEqual([
    "2:3 unknown-key constants.pasing",
    "6:14 invalid-value groups[0].labels[0]",
    "10:12 min-above-max groups[0].parameters.min",
    "12:27 invalid-value groups[0].parameters.scale_up_threshold",
    "13:29 never-shrinks groups[0].parameters.scale_down_threshold",
    "16:1 unknown-key extra",
  ]);
});
