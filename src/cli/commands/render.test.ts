import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parseAllDocuments } from "yaml";
import type { Io } from "../io.ts";
import { run } from "../program.ts";

const CONFIG_MAP = new URL("../../../kustomize/base/cm-job-template.yaml", import.meta.url).pathname;
const CONFIG = `groups:
  - name: Runner group 1
    workspace: "{6321d246-a40a-4776-8497-372a41771e65}"
    labels: [gke.runner]
    namespace: default
    strategy: percentageRunnersIdle
    parameters: {min: 1, max: 10, scale_up_threshold: 0.5, scale_down_threshold: 0.2, scale_up_multiplier: 1.5, scale_down_multiplier: 0.5}
  - name: "ARM"
    workspace: team
    repository: web
    labels: [arm]
    namespace: "on"
    architecture: arm64
    node_selector: {kubernetes.io/arch: arm64, spot: "true"}
    strategy: percentageRunnersIdle
    parameters: {min: 1, max: 10, scale_up_threshold: 0.5, scale_down_threshold: 0.2, scale_up_multiplier: 1.5, scale_down_multiplier: 0.5}
`;

test("prints the Job, then the Secret that it owns, with the group's values and no secret", async () => {
  const { out, exitCode } = await render({ group: "ARM" });

  expect(exitCode).toBe(0);
  const [job, secret] = parseAllDocuments(out, { version: "1.1" }).map((document) => document.toJS() as unknown);
  expect(job).toMatchObject({
    kind: "Job",
    metadata: {
      name: "runner-00000000-0000-4000-8000-000000000000",
      namespace: "on",
      labels: {
        "runners-autoscaler/installation": "examples",
        repository_uuid: "22222222-2222-4222-8222-222222222222",
      },
      annotations: { "runners-autoscaler/name": "ARM [examples-aaaaaa]" },
    },
    spec: { template: { spec: { nodeSelector: { "kubernetes.io/arch": "arm64", spot: "true" } } } },
  });
  expect(secret).toMatchObject({
    kind: "Secret",
    metadata: { ownerReferences: [{ kind: "Job", name: "runner-00000000-0000-4000-8000-000000000000" }] },
    data: { oauth_client_id: "[masked]", oauth_client_secret: "[masked]" },
  });
  expect(out).toContain('namespace: "on"');
});

test("a workspace that is given by its uuid keeps it", async () => {
  const { out } = await render({ group: "Runner group 1" });

  expect(out).toContain("account_uuid: 6321d246-a40a-4776-8497-372a41771e65");
  expect(out).not.toContain("repository_uuid");
});

test("the template alone gives the same as the ConfigMap's manifest", async () => {
  const configMap = await readFile(CONFIG_MAP, "utf8");
  const [document] = parseAllDocuments(configMap);
  const template = String(document?.getIn(["data", "job.yaml.template"]));

  expect(await render({ group: "ARM", template })).toEqual(await render({ group: "ARM" }));
});

test("lines of the ConfigMap's manifest are those of its file", async () => {
  const template = (await readFile(CONFIG_MAP, "utf8")).replace("parallelism: 1", "parallelism: <% paralelism %>");
  const line = template.split("\n").findIndex((text) => text.includes("paralelism")) + 1;

  const { err, exitCode } = await render({ group: "ARM", template });
  expect(exitCode).toBe(2);
  expect(err).toContain(`job.yaml.template:${line}:`);
  expect(err).toContain('unknown variable "paralelism"');
});

test("a template that makes something else is refused with all that is wrong", async () => {
  const { err, out, exitCode } = await render({ group: "ARM", template: "kind: Pod" });

  expect({ out, exitCode }).toEqual({ out: "", exitCode: 2 });
  expect(err).toContain("job.yaml.template:1:1: it makes a Pod; a job template makes one Secret and one Job");
  expect(err).toContain("it makes no Secret");
  expect(err).toContain("it makes no Job");
});

test("secrets that a template holds itself are masked, too", async () => {
  const template = (await readFile(CONFIG_MAP, "utf8")).replace(
    /^( +)oauth_client_id: .*$/m,
    "$&\n$1mirror_password: bWlycm9yLXBhc3N3b3Jk",
  );

  const { out } = await render({ group: "ARM", template });
  expect(out).toContain('mirror_password: "[masked]"');
  expect(out).not.toContain("bWlycm9yLXBhc3N3b3Jk");
});

test("an unknown group is answered with the nearest name and all names", async () => {
  const { err, exitCode } = await render({ group: "runner-group-1" });

  expect(exitCode).toBe(2);
  expect(err).toBe(
    'error: there is no group "runner-group-1"; did you mean "Runner group 1"?\n' +
      '  The groups of the configuration file: "Runner group 1", "ARM".\n',
  );
});

test.each([
  [
    "a configuration with an error",
    { config: CONFIG.replace("labels: [arm]", "label: [arm]") },
    /config\.yaml:\d+:\d+: .*label/,
  ],
  [
    "a configuration that is not there",
    { configPath: "/nowhere/config.yaml" },
    /\/nowhere\/config\.yaml: there is no such file/,
  ],
  [
    "a template that is not there",
    { templatePath: "/nowhere/template" },
    /The job template \/nowhere\/template cannot be read/,
  ],
])("%s ends with its reason and exit code 2", async (_, given, message) => {
  const { out, err, exitCode } = await render({ group: "ARM", ...given });

  expect({ out, exitCode }).toEqual({ out: "", exitCode: 2 });
  expect(err).toMatch(message);
});

interface Given {
  readonly group: string;
  readonly config?: string;
  readonly configPath?: string;
  readonly template?: string;
  readonly templatePath?: string;
}

async function render({ group, config, configPath, template, templatePath }: Given) {
  const folder = await mkdtemp(join(tmpdir(), "render-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = async (name: string, text: string) => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const shown = { out: "", err: "" };
  const io: Io = {
    env: {},
    out: (text) => {
      shown.out += text;
    },
    err: (text) => {
      shown.err += text;
    },
    isTerminal: false,
    signal: new AbortController().signal,
    self: ["node"],
    exitCode: 0,
  };
  const options = [
    ["--group", group],
    ["--config", configPath ?? (await file("config.yaml", config ?? CONFIG))],
    ["--template", templatePath ?? (template === undefined ? CONFIG_MAP : await file("job.yaml.template", template))],
  ];
  await run(io, ["render", ...options.flat()]);
  return { ...shown, exitCode: io.exitCode };
}
