import { readFile } from "node:fs/promises";
import type { Deployment } from "kubernetes-types/apps/v1.d.ts";
import type { Pod, Secret } from "kubernetes-types/core/v1.d.ts";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { findKubeAssets, type KubeAssets } from "../support/kube-assets.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";
import { CREDENTIALS, copyOverlay, OVERLAYS, type Overlay, type OverlayCopy } from "./overlays.ts";

const assets = findKubeAssets(process.env);
const NAMESPACE = "bitbucket-runner-control-plane";
const DEPLOYMENTS = ["runner-controller", "runner-controller-cleaner"] as const;
const ORIGINAL = new URL("fixtures/original.yaml", import.meta.url);
const ENFORCE = "pod-security.kubernetes.io/enforce";
const RESTRICTED = {
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: NAMESPACE, labels: { [ENFORCE]: "restricted" } },
};
const ORIGINAL_IMAGE = "bitbucketpipelines/runners-autoscaler:3.9.0";

describe.skipIf(assets === undefined)("kubectl apply -k values, on a real control plane", () => {
  let cluster: ControlPlane;

  beforeAll(async () => {
    cluster = await startControlPlane(assets as KubeAssets, { with: ["controller-manager", "scheduler", "kwok"] });
  });
  afterAll(() => cluster.stop());

  test("starts both processes on an empty cluster, as the restricted Pod Security Standard allows them", async () => {
    await kubectl(["create", "-f", "-"], JSON.stringify(RESTRICTED));
    onTestFinished(async () => {
      await kubectl(["label", "namespace", NAMESPACE, `${ENFORCE}-`]);
    });
    const { folder } = await scratchCopy("oauth");

    await kubectl(["apply", "-k", folder]);

    await rolledOut();
    expect((await state()).running).toEqual(DEPLOYMENTS);
    const again = await kubectl(["apply", "-k", folder]);
    for (const line of again.trim().split("\n")) expect(line).toMatch(/ unchanged$/);
  });

  test.each(OVERLAYS)(
    "%s overlay: the original's installation and ours take turns, and nothing of the other stays",
    async (overlay) => {
      // Over ours, which the test before this one applied.
      await applyOriginal();
      const theirs = await state();
      expect(theirs.images).toEqual([ORIGINAL_IMAGE, ORIGINAL_IMAGE]);
      expect(theirs.deployments[0]?.spec?.strategy?.type).toBe("RollingUpdate");
      expect(theirs.deployments[0]?.spec?.template.spec?.securityContext).toEqual({});

      const { folder } = await scratchCopy(overlay);
      const dryRun = await kubectl(["apply", "-k", folder, "--dry-run=server"]);
      expect(dryRun.trim().split("\n")).toHaveLength(11);
      const applied = await kubectl(["apply", "-k", folder]);
      // What it says of the real one shows that the dry run changed nothing.
      expect(dryRun.replaceAll(" (server dry run)", "")).toBe(applied);
      for (const name of DEPLOYMENTS) expect(applied).toContain(`deployment.apps/${name} configured\n`);

      const ours = await state();
      expect(ours.credentials).toEqual(CREDENTIALS[overlay]);
      for (const { metadata, spec } of ours.deployments) {
        expect(spec?.strategy).toEqual({ type: "Recreate" });
        expect(spec?.template.spec?.containers.map((container) => container.name)).toEqual([metadata?.name]);
        expect(spec?.template.spec?.containers[0]?.command).toBeUndefined();
        expect(spec?.template.spec?.containers[0]?.env?.map(({ valueFrom }) => valueFrom?.secretKeyRef?.key)).toEqual(
          Object.keys(CREDENTIALS[overlay]),
        );
        expect(spec?.template.spec?.volumes?.map((volume) => volume.name)).toEqual(["config", "job-template"]);
      }
    },
  );

  test("the original's pods give way to ours", async () => {
    await rolledOut();
    expect((await state()).running).toEqual(DEPLOYMENTS);
  });

  test("server-side apply takes over once the original's Deployments are deleted", async () => {
    await applyOriginal();
    const { folder } = await scratchCopy("oauth");
    const serverSide = ["apply", "-k", folder, "--server-side", "--force-conflicts"];
    // The original's has a field that the server once filled in and that goes with no other strategy; only its manager could remove it.
    expect((await cluster.kubectl(serverSide)).stderr).toContain("spec.strategy.rollingUpdate: Forbidden");

    await kubectl(["delete", "deployment", ...DEPLOYMENTS, "-n", NAMESPACE]);
    await kubectl(serverSide);

    const { images } = await state();
    expect(images).toEqual([expect.stringMatching(/^runners-autoscaler:/), images[0]]);
  });

  test("a placeholder that was left is refused as no base64", async () => {
    const copy = await scratchCopy("oauth");
    await copy.edit("kustomization.yaml", (text) => text.replace(/value: ".*"/, 'value: "<BASE64_CLIENT_ID>"'));

    const { code, stderr } = await cluster.kubectl(["apply", "-k", copy.folder]);

    expect(code).not.toBe(0);
    expect(stderr).toContain("illegal base64 data");
  });

  /** What kubectl printed. @throws {Error} with what it said when it failed. */
  async function kubectl(args: readonly string[], input?: string): Promise<string> {
    const { stdout, stderr, code } = await cluster.kubectl(args, input);
    if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: exit code ${code}\n${stderr}`);
    return stdout;
  }

  async function applyOriginal(): Promise<void> {
    // What is no part of the proof is done without the API's own schema, which costs kubectl more than all the rest.
    const cheap = ["--validate=false", "--openapi-patch=false"];
    await kubectl(["apply", "-f", "-", ...cheap], await readFile(ORIGINAL, "utf8"));
  }

  async function rolledOut(): Promise<void> {
    await Promise.all(
      DEPLOYMENTS.map((name) => kubectl(["rollout", "status", `deployment/${name}`, "-n", NAMESPACE, "--timeout=20s"])),
    );
  }

  /** All that the tests look at, in one call. */
  async function state() {
    const text = await kubectl(["get", "deployments,pods,secrets", "-n", NAMESPACE, "-o", "json"]);
    const { items } = JSON.parse(text) as { items: readonly { kind: string; metadata: { name: string } }[] };
    const of = <T>(kind: string) => items.filter((item) => item.kind === kind) as readonly unknown[] as readonly T[];
    const deployments = of<Deployment>("Deployment");
    const secret = of<Secret>("Secret").find(({ metadata }) => metadata?.name === "runner-bitbucket-credentials");
    return {
      deployments,
      images: deployments.map(({ spec }) => spec?.template.spec?.containers[0]?.image),
      /** The `app` labels of the pods that run and are not going. */
      running: of<Pod>("Pod")
        .filter(({ metadata, status }) => metadata?.deletionTimestamp === undefined && status?.phase === "Running")
        .map(({ metadata }) => metadata?.labels?.app)
        .sort(),
      credentials: Object.fromEntries(
        Object.entries(secret?.data ?? {}).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]),
      ),
    };
  }
});

async function scratchCopy(overlay: Overlay): Promise<OverlayCopy> {
  const copy = await copyOverlay(overlay);
  onTestFinished(copy.remove);
  return copy;
}
