import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { Deployment } from "kubernetes-types/apps/v1.d.ts";
import type { ConfigMap, Secret } from "kubernetes-types/core/v1.d.ts";
import type { ClusterRole } from "kubernetes-types/rbac/v1.d.ts";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import packageJson from "../../package.json" with { type: "json" };
import { findKubectl } from "../support/kube-assets.ts";
import { CREDENTIALS, copyOverlay, OVERLAYS, type Overlay, type OverlayCopy } from "./overlays.ts";

const kubectl = findKubectl(process.env);
const NAMESPACE = "bitbucket-runner-control-plane";

describe.skipIf(kubectl === undefined)("kubectl kustomize", () => {
  describe.each(OVERLAYS)("%s overlay", (overlay) => {
    test("builds every object once, in the control plane's namespace", async () => {
      const objects = await build(await scratchCopy(overlay));

      expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? "-"}/${metadata.name}`)).toEqual([
        `Namespace -/${NAMESPACE}`,
        `ServiceAccount ${NAMESPACE}/runners-autoscaler`,
        `Role ${NAMESPACE}/runners-autoscaler`,
        "ClusterRole -/runners-autoscaler",
        `RoleBinding ${NAMESPACE}/runners-autoscaler`,
        "ClusterRoleBinding -/runners-autoscaler",
        `ConfigMap ${NAMESPACE}/runners-autoscaler-config`,
        `ConfigMap ${NAMESPACE}/runners-autoscaler-job-template`,
        `Secret ${NAMESPACE}/runner-bitbucket-credentials`,
        `Deployment ${NAMESPACE}/runner-controller`,
        `Deployment ${NAMESPACE}/runner-controller-cleaner`,
      ]);
    });

    test("its credentials reach the first container of both Deployments, through the Secret", async () => {
      const objects = await build(await scratchCopy(overlay));
      const { data = {} } = find<Secret>(objects, "Secret", "runner-bitbucket-credentials");

      expect(Object.fromEntries(Object.entries(data).map(([key, value]) => [key, fromBase64(value)]))).toEqual(
        CREDENTIALS[overlay],
      );
      for (const deployment of deployments(objects)) {
        expect(deployment.spec?.template.spec?.containers[0]?.env).toEqual(ENVIRONMENT[overlay]);
      }
    });

    test.each([
      ["runner-controller", "controller"],
      ["runner-controller-cleaner", "cleaner"],
    ])("%s: labels as in the original, one process, our image and command", async (name, command) => {
      const { metadata, spec } = find<Deployment>(await build(await scratchCopy(overlay)), "Deployment", name);
      const selected = { app: name, "app.kubernetes.io/part-of": "runners-autoscaler" };

      expect(metadata?.labels).toEqual({ ...selected, inject: "runners-autoscaler-envs" });
      expect(spec?.selector.matchLabels).toEqual(selected);
      expect(spec?.template.metadata?.labels).toEqual(selected);
      expect(spec).toMatchObject({ replicas: 1, strategy: { type: "Recreate" } });
      expect(spec?.template.spec?.serviceAccountName).toBe("runners-autoscaler");
      expect(spec?.template.spec?.containers).toHaveLength(1);
      expect(spec?.template.spec?.containers[0]).toMatchObject({
        image: `runners-autoscaler:${packageJson.version}`,
        args: [command],
      });
    });

    test("both files are mounted as folders, at the original's paths", async () => {
      const objects = await build(await scratchCopy(overlay));

      for (const { spec } of deployments(objects)) {
        const pod = spec?.template.spec;
        const mounts = pod?.containers[0]?.volumeMounts?.map(({ mountPath, subPath, name }) => ({
          mountPath,
          subPath,
          configMap: pod.volumes?.find((volume) => volume.name === name)?.configMap?.name,
        }));
        expect(mounts).toEqual([
          { mountPath: "/opt/conf/config", subPath: undefined, configMap: "runners-autoscaler-config" },
          { mountPath: "/opt/conf/job_template", subPath: undefined, configMap: "runners-autoscaler-job-template" },
        ]);
      }
      expect(Object.keys(find<ConfigMap>(objects, "ConfigMap", "runners-autoscaler-job-template").data ?? {})).toEqual([
        "job.yaml.template",
      ]);
      expect(parse(runnersConfig(objects))).toEqual(parse(await readFile(SEED_CONFIG, "utf8")));
    });
  });

  test("the role holds no wildcard", async () => {
    const { rules = [] } = find<ClusterRole>(
      await build(await scratchCopy("shipped")),
      "ClusterRole",
      "runners-autoscaler",
    );

    expect(rules.length).toBeGreaterThan(0);
    for (const { apiGroups = [], resources = [], verbs } of rules) {
      expect([...apiGroups, ...resources, ...verbs]).not.toContain("*");
    }
  });

  test("nothing that a process needs stands in env: the base has none", async () => {
    const copy = await scratchCopy("shipped");
    await copy.edit("kustomization.yaml", (text) => text.slice(0, text.indexOf("patches:")));

    for (const deployment of deployments(await build(copy))) {
      expect(deployment.spec?.template.spec?.containers[0]?.env ?? []).toEqual([]);
    }
  });

  describe("the shipped overlay's comments", () => {
    test("the second option, taken, gives what the users' own overlay gives", async () => {
      const copy = await scratchCopy("shipped");
      await copy.edit("kustomization.yaml", takeSecondOption);
      const objects = await build(copy);
      const users = await build(await scratchCopy("api-token"));

      expect(deployments(objects)).toEqual(deployments(users));
      const { data = {} } = find<Secret>(objects, "Secret", "runner-bitbucket-credentials");
      expect(Object.fromEntries(Object.entries(data).map(([key, value]) => [key, fromBase64(value)]))).toEqual({
        atlassianAccountEmail: "<your-email>",
        atlassianApiToken: "<api-token>",
      });
    });

    test("the image can come from another registry, at the base's version", async () => {
      const copy = await scratchCopy("shipped");
      await copy.edit("kustomization.yaml", (text) => uncomment(text, /^# images:$/, /^$/));

      for (const deployment of deployments(await build(copy))) {
        expect(deployment.spec?.template.spec?.containers[0]?.image).toBe(
          `registry.example.com/team/runners-autoscaler:${packageJson.version}`,
        );
      }
    });

    test("further variables can be added to the credentials", async () => {
      const copy = await scratchCopy("shipped");
      await copy.edit("kustomization.yaml", (text) => uncomment(text, /### Both processes/, /^$/));

      for (const deployment of deployments(await build(copy))) {
        expect(deployment.spec?.template.spec?.containers[0]?.env).toEqual([
          ...(ENVIRONMENT.shipped ?? []),
          { name: "LOG_LEVEL", value: "debug" },
        ]);
      }
    });
  });
});

const SEED_CONFIG = new URL("fixtures/seed/runners_config.yaml", import.meta.url);

const OAUTH = [
  variable("BITBUCKET_OAUTH_CLIENT_ID", "bitbucketOauthClientId"),
  variable("BITBUCKET_OAUTH_CLIENT_SECRET", "bitbucketOauthClientSecret"),
];
const ENVIRONMENT: Readonly<Record<Overlay, readonly unknown[]>> = {
  oauth: OAUTH,
  "api-token": [
    variable("ATLASSIAN_ACCOUNT_EMAIL", "atlassianAccountEmail"),
    variable("ATLASSIAN_API_TOKEN", "atlassianApiToken"),
  ],
  shipped: OAUTH,
};

function variable(name: string, key: string) {
  return { name, valueFrom: { secretKeyRef: { key, name: "runner-bitbucket-credentials" } } };
}

interface KubeObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

async function scratchCopy(overlay: Overlay): Promise<OverlayCopy> {
  const copy = await copyOverlay(overlay);
  onTestFinished(copy.remove);
  return copy;
}

async function build({ folder }: OverlayCopy): Promise<KubeObject[]> {
  const { stdout } = await promisify(execFile)(kubectl ?? "kubectl", ["kustomize", folder]);
  return parseAllDocuments(stdout).map((document) => document.toJS() as KubeObject);
}

function find<T>(objects: readonly KubeObject[], kind: string, name: string): T {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found as T;
}

function deployments(objects: readonly KubeObject[]): Deployment[] {
  const found = objects.filter(({ kind }) => kind === "Deployment") as unknown as Deployment[];
  expect(found).toHaveLength(2);
  return found;
}

function runnersConfig(objects: readonly KubeObject[]): string {
  return find<ConfigMap>(objects, "ConfigMap", "runners-autoscaler-config").data?.["runners_config.yaml"] ?? "";
}

function fromBase64(text: string): string {
  return Buffer.from(text, "base64").toString();
}

/** As a user would: comments out the lines of each first option, and takes the comment signs off each second one. */
function takeSecondOption(text: string): string {
  let option = 0;
  return text
    .split("\n")
    .map((line) => {
      const heading = /### Option (\d)/.exec(line);
      if (heading !== null) option = Number(heading[1]);
      else if (/^\S|^ {2}- |### /.test(line)) option = 0;
      else if (option === 1 && line.trim() !== "") return line.replace(/^(\s*)/, "$1# ");
      else if (option === 2) return line.replace("# ", "");
      return line;
    })
    .join("\n");
}

/** Takes the comment signs off the lines from `first` to before `end`. */
function uncomment(text: string, first: RegExp, end: RegExp): string {
  const lines = text.split("\n");
  const from = lines.findIndex((line) => first.test(line));
  const to = lines.findIndex((line, index) => index > from && end.test(line));
  return lines.map((line, index) => (index >= from && index < to ? line.replace(/^(\s*)# /, "$1") : line)).join("\n");
}
