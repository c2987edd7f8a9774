import { fc, test as property } from "@fast-check/vitest";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { renderJsonSchema, SettingsFile } from "./schema.ts";

const editor = new Ajv2020({ strict: true, allErrors: true }).compile(JSON.parse(renderJsonSchema()) as object);

const GROUP = {
  name: "one",
  workspace: "acme",
  labels: ["gke.runner"],
  namespace: "default",
  strategy: "percentageRunnersIdle",
  parameters: {
    min: 1,
    max: 10,
    scale_up_threshold: 0.5,
    scale_down_threshold: 0.2,
    scale_up_multiplier: 1.5,
    scale_down_multiplier: 0.5,
  },
};

type Path = readonly (string | number)[];

/** The good file with another value at a path; undefined takes the key away. */
function fileWith(path: Path, value: unknown): unknown {
  const file: unknown = structuredClone({
    constants: {},
    groups: [{ ...GROUP, resources: { requests: {}, limits: {} }, node_selector: {} }],
  });
  let at = file as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) at = at[step] as Record<string | number, unknown>;
  const last = path.at(-1) ?? "";
  if (value === undefined) delete at[last];
  else at[last] = value;
  return file;
}

function verdicts(file: unknown): { editor: boolean; program: boolean } {
  return { editor: editor(file), program: SettingsFile.safeParse(file).success };
}

describe("the JSON Schema judges as the program does", () => {
  test.each<[good: boolean, path: Path, value: unknown]>([
    [true, ["constants"], undefined],
    [true, ["constants"], {}],
    [false, ["constants"], null],
    [false, ["constants", "pasing"], "fixed"],
    [true, ["constants", "pacing"], "fixed"],
    [false, ["constants", "pacing"], "quick"],
    [true, ["constants", "default_sleep_time_runner_setup"], 0],
    [false, ["constants", "default_sleep_time_runner_setup"], -1],
    [false, ["constants", "default_sleep_time_runner_setup"], 1.5],
    [false, ["constants", "default_sleep_time_runner_setup"], "5"],
    [false, ["constants", "runner_api_polling_interval"], 0],
    [true, ["constants", "runner_api_polling_interval"], 604_800],
    [false, ["constants", "runner_api_polling_interval"], 604_801],
    [false, ["constants", "api_requests_per_hour"], 59],
    [false, ["groups"], undefined],
    [false, ["groups"], []],
    [false, ["groups"], {}],
    [false, ["groups", 0], 7],
    [false, ["groups", 0, "extra"], 1],
    [false, ["groups", 0, "name"], undefined],
    [false, ["groups", 0, "name"], "  "],
    [false, ["groups", 0, "name"], "a\nb"],
    [true, ["groups", 0, "name"], "é – 漢"],
    [true, ["groups", 0, "workspace"], "{6321d246-a40a-4776-8497-372a41771e65}"],
    [false, ["groups", 0, "workspace"], "6321d246-a40a-4776-8497-372a41771e65"],
    [false, ["groups", 0, "workspace"], "{workspace_uuid}"],
    [false, ["groups", 0, "workspace"], "a/b"],
    [false, ["groups", 0, "workspace"], ".."],
    [true, ["groups", 0, "repository"], "my_repo.git-2"],
    [false, ["groups", 0, "labels"], []],
    [false, ["groups", 0, "labels"], "gke.runner"],
    [false, ["groups", 0, "labels"], ["GKE"]],
    [false, ["groups", 0, "labels"], ["..."]],
    [false, ["groups", 0, "namespace"], "bitbucket-runner-control-plane"],
    [true, ["groups", 0, "namespace"], "bitbucket-runner-control-plane-2"],
    [false, ["groups", 0, "namespace"], "-a"],
    [true, ["groups", 0, "namespace"], "a".repeat(63)],
    [false, ["groups", 0, "namespace"], "a".repeat(64)],
    [false, ["groups", 0, "strategy"], "other"],
    [false, ["groups", 0, "parameters"], {}],
    [false, ["groups", 0, "parameters", "max"], 101],
    [false, ["groups", 0, "parameters", "scale_up_threshold"], 1.01],
    [false, ["groups", 0, "parameters", "scale_up_multiplier"], 1],
    [false, ["groups", 0, "parameters", "scale_down_multiplier"], 0],
    [false, ["groups", 0, "parameters", "scale_down_multiplier"], 1],
    [true, ["groups", 0, "resources"], undefined],
    [true, ["groups", 0, "resources", "requests", "memory"], "1.5Gi"],
    [true, ["groups", 0, "resources", "requests", "memory"], "1e9"],
    [false, ["groups", 0, "resources", "requests", "memory"], "8Gb"],
    [false, ["groups", 0, "resources", "requests", "memory"], "-1Gi"],
    [true, ["groups", 0, "resources", "requests", "cpu"], 1],
    [true, ["groups", 0, "resources", "requests", "cpu"], 0.5],
    [false, ["groups", 0, "resources", "requests", "cpu"], -1],
    [false, ["groups", 0, "resources", "requests", "cpu"], true],
    [true, ["groups", 0, "architecture"], "arm64"],
    [false, ["groups", 0, "architecture"], "arm"],
    [true, ["groups", 0, "node_selector"], { "kubernetes.io/arch": "arm64", pool: 7, empty: "" }],
    [false, ["groups", 0, "node_selector"], { "a b": "c" }],
    [false, ["groups", 0, "node_selector"], { a: "b c" }],
    [false, ["groups", 0, "node_selector"], { a: true }],
  ])("%s: %j = %j", (good, path, value) => {
    expect(verdicts(fileWith(path, value))).toEqual({ editor: good, program: good });
  });

  const anyPath = fc.constantFrom<Path>(
    ["constants"],
    ["constants", "pacing"],
    ["constants", "runner_api_polling_interval"],
    ["groups"],
    ["groups", 0],
    ["groups", 0, "name"],
    ["groups", 0, "workspace"],
    ["groups", 0, "labels"],
    ["groups", 0, "labels", 0],
    ["groups", 0, "namespace"],
    ["groups", 0, "parameters", "max"],
    ["groups", 0, "parameters", "scale_up_multiplier"],
    ["groups", 0, "resources", "limits"],
    ["groups", 0, "resources", "limits", "memory"],
    ["groups", 0, "node_selector"],
    ["groups", 0, "node_selector", "a"],
  );
  // The loader itself refuses this key, wherever it stands.
  const anyValue = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string(),
  );
  property.prop([anyPath, anyValue.filter((value) => !JSON.stringify(value).includes("__proto__"))], { numRuns: 500 })(
    "whatever stands wherever",
    (path, value) => {
      const { editor: one, program } = verdicts(fileWith(path, value));
      expect(one).toBe(program);
    },
  );
});

test("the schema names its draft and nothing of our own", () => {
  const text = renderJsonSchema();
  expect(text).toContain('"$schema": "https://json-schema.org/draft/2020-12/schema"');
  expect(text).not.toContain('"expected"');
});
