import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parseTemplate } from "../../src/template/parse.ts";
import type { TemplateInput } from "../../src/template/port.ts";
import { findKubeAssets, type KubeAssets } from "../support/kube-assets.ts";
import { anInput, RUNNER_UUID, repositoryScope, shippedTemplate } from "../support/templates.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";

const assets = findKubeAssets(process.env);
const NODE_SELECTOR = { "kubernetes.io/arch": "arm64", spot: "true", pool: "1e3", zone: "0644", numbered: "1234" };
const MANIFESTS = new URL("../../src/template/fixtures/manifests/", import.meta.url);

describe.skipIf(assets === undefined)("what templates make, on a real API server", () => {
  let cluster: ControlPlane;

  beforeAll(async () => {
    cluster = await startControlPlane(assets as KubeAssets, { with: ["controller-manager"] });
  });
  afterAll(() => cluster.stop());

  test.each<[string, TemplateInput]>([
    ["workspace", anInput()],
    ["repository, on chosen nodes", anInput({ scope: repositoryScope(), group: { nodeSelector: NODE_SELECTOR } })],
    ["namespace that YAML takes for a boolean", anInput({ group: { namespace: "on" } })],
    ["namespace that YAML takes for a number", anInput({ group: { namespace: "1234" } })],
  ])("the shipped template, for a %s: taken with every field known", async (_, input) => {
    await taken(shippedTemplate(), input);
  });

  test.each(["unquoted", "docker-mirror", "documents", "logic"])("a template as users have it: %s", async (name) => {
    const template = await readFile(new URL(`${name}.template`, MANIFESTS), "utf8");

    await taken(template, anInput());
    await taken(template, anInput({ scope: repositoryScope(), group: { nodeSelector: NODE_SELECTOR } }));
  });

  test("Kubernetes deletes the Secret when its Job is gone", async () => {
    const { job, secretOwnedBy } = render(shippedTemplate(), anInput());
    await kubectl(["create", "-f", "-"], job);
    const uid = await kubectl(["get", "job", `runner-${RUNNER_UUID}`, "-o", "jsonpath={.metadata.uid}"]);
    await kubectl(["create", "-f", "-"], secretOwnedBy(uid));
    const secret = `runner-oauth-credentials-${RUNNER_UUID}`;
    expect(await kubectl(["get", "secret", secret, "-o", "jsonpath={.data.oauth_client_id}"])).toBe(
      Buffer.from("example-client-id").toString("base64"),
    );

    await kubectl(["delete", "job", `runner-${RUNNER_UUID}`, "--cascade=foreground", "--wait=false"]);
    await vi.waitFor(
      async () => {
        expect(await kubectl(["get", "job,secret", "-o", "name", "-l", `runner_uuid=${RUNNER_UUID}`])).toBe("");
      },
      { timeout: 20_000, interval: 200 },
    );
  });

  async function taken(template: string, input: TemplateInput): Promise<void> {
    const { namespace } = input.group;
    if (namespace !== "default") await kubectl(["create", "namespace", namespace]);
    const { job, secretOwnedBy } = render(template, input);
    for (const object of [job, secretOwnedBy("d9607e19-f88f-11e6-a518-42010a800195")]) {
      const created = await kubectl(
        ["create", "--dry-run=server", "--validate=strict", "-o", "json", "-f", "-"],
        object,
      );
      // The server writes quantities and nulls in its own way.
      expect(JSON.parse(created)).toMatchObject({ kind: object.kind, metadata: withoutAnnotations(object) });
    }
  }

  function withoutAnnotations({ metadata }: Readonly<Record<string, unknown>>): object {
    const { annotations: _, ...rest } = metadata as Record<string, unknown>;
    return rest;
  }

  function render(template: string, input: TemplateInput) {
    const runner = parseTemplate(template, "job.yaml.template").render(input);
    return { job: runner.job, secretOwnedBy: (uid: string) => runner.secretOwnedBy(uid) };
  }

  async function kubectl(args: readonly string[], object?: unknown): Promise<string> {
    const { stdout, stderr, code } = await cluster.kubectl(
      args,
      object === undefined ? undefined : JSON.stringify(object),
    );
    expect(code, stderr).toBe(0);
    return stdout;
  }
});
