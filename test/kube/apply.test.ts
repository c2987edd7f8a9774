import { readFile } from "node:fs/promises";
import type { Deployment } from "kubernetes-types/apps/v1.d.ts";
import type { Pod, Secret } from "kubernetes-types/core/v1.d.ts";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { findKubeAssets, type KubeAssets } from "./assets.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";
import { CREDENTIALS, copyOverlay, OVERLAYS, type Overlay, type OverlayCopy } from "./overlays.ts";

const assets = findKubeAssets(process.env);
const NAMESPACE = "bitbucket-runner-control-plane";
const DEPLOYMENTS = ["runner-controller", "runner-controller-cleaner"] as const;
const ORIGINAL = new URL("fixtures/original.yaml", import.meta.url);
const ORIGINAL_IMAGE = "bitbucketpipelines/runners-autoscaler:3.9.0";

describe.skipIf(assets === undefined)("kubectl apply -k values, on a real control plane", () => {
  let cluster: ControlPlane;

  beforeAll(async () => {
    cluster = await startControlPlane(assets as KubeAssets, { with: ["controller-manager", "scheduler", "kwok"] });
  });
  afterAll(() => cluster.stop());

  test("starts both processes on an empty cluster, as the restricted Pod Security Standard allows them", async () => {
    await kubectl(["create", "namespace", NAMESPACE]);
    await kubectl(["label", "namespace", NAMESPACE, "pod-security.kubernetes.io/enforce=restricted"]);
    onTestFinished(async () => {
      await kubectl(["label", "namespace", NAMESPACE, "pod-security.kubernetes.io/enforce-"]);
    });
    const { folder } = await scratchCopy("oauth");

    await kubectl(["apply", "-k", folder]);

    await rolledOut();
    expect(await runningPods()).toEqual(DEPLOYMENTS);
    const again = await kubectl(["apply", "-k", folder]);
    for (const line of again.trim().split("\n")) expect(line).toMatch(/ unchanged$/);
  });

  test.each(OVERLAYS)(
    "%s overlay: accepted over the original's installation, of which nothing stays",
    async (overlay) => {
      await applyOriginal();
      const { folder } = await scratchCopy(overlay);

      const dryRun = await kubectl(["apply", "-k", folder, "--dry-run=server"]);
      expect(dryRun.trim().split("\n")).toHaveLength(9);
      expect(await images()).toEqual([ORIGINAL_IMAGE, ORIGINAL_IMAGE]);

      await kubectl(["apply", "-k", folder]);
      expect(await credentials()).toEqual(CREDENTIALS[overlay]);
      for (const name of DEPLOYMENTS) {
        const { spec } = await deployment(name);
        expect(spec?.strategy).toEqual({ type: "Recreate" });
        expect(spec?.template.spec?.containers.map((container) => container.name)).toEqual([name]);
        expect(spec?.template.spec?.containers[0]?.command).toBeUndefined();
        expect(spec?.template.spec?.containers[0]?.env?.map(({ valueFrom }) => valueFrom?.secretKeyRef?.key)).toEqual(
          Object.keys(CREDENTIALS[overlay]),
        );
        expect(spec?.template.spec?.volumes?.map((volume) => volume.name)).toEqual(["config", "job-template"]);
      }
    },
  );

  test("the original's pods give way to ours, and ours to the original's", async () => {
    await applyOriginal();
    const { folder } = await scratchCopy("oauth");

    await kubectl(["apply", "-k", folder]);
    await rolledOut();
    expect(await runningPods()).toEqual(DEPLOYMENTS);

    await applyOriginal();
    expect(await images()).toEqual([ORIGINAL_IMAGE, ORIGINAL_IMAGE]);
    const { spec } = await deployment("runner-controller");
    expect(spec?.strategy?.type).toBe("RollingUpdate");
    expect(spec?.template.spec?.securityContext).toEqual({});
  });

  test("server-side apply takes over once the original's Deployments are deleted", async () => {
    await applyOriginal();
    const { folder } = await scratchCopy("oauth");
    const serverSide = ["apply", "-k", folder, "--server-side", "--force-conflicts"];
    // The original's has a field that the server once filled in and that goes with no other strategy; only its manager could remove it.
    expect((await cluster.kubectl(serverSide)).stderr).toContain("spec.strategy.rollingUpdate: Forbidden");

    await kubectl(["delete", "deployment", ...DEPLOYMENTS, "-n", NAMESPACE]);
    await kubectl(serverSide);

    expect(await images()).toEqual([expect.stringMatching(/^runners-autoscaler:/), expect.any(String)]);
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
    await kubectl(["apply", "-f", "-"], await readFile(ORIGINAL, "utf8"));
  }

  async function rolledOut(): Promise<void> {
    for (const name of DEPLOYMENTS) {
      await kubectl(["rollout", "status", `deployment/${name}`, "-n", NAMESPACE, "--timeout=20s"]);
    }
  }

  async function get<T>(what: string): Promise<T> {
    return JSON.parse(await kubectl(["get", ...what.split(" "), "-n", NAMESPACE, "-o", "json"])) as T;
  }

  const deployment = (name: string) => get<Deployment>(`deployment ${name}`);

  async function images(): Promise<unknown[]> {
    const all = await Promise.all(DEPLOYMENTS.map(deployment));
    return all.map(({ spec }) => spec?.template.spec?.containers[0]?.image);
  }

  /** The `app` labels of the pods that run and are not going. */
  async function runningPods(): Promise<(string | undefined)[]> {
    const { items } = await get<{ items: Pod[] }>("pods");
    return items
      .filter(({ metadata, status }) => metadata?.deletionTimestamp === undefined && status?.phase === "Running")
      .map(({ metadata }) => metadata?.labels?.app)
      .sort();
  }

  async function credentials(): Promise<Record<string, string>> {
    const { data = {} } = await get<Secret>("secret runner-bitbucket-credentials");
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]),
    );
  }
});

async function scratchCopy(overlay: Overlay): Promise<OverlayCopy> {
  const copy = await copyOverlay(overlay);
  onTestFinished(copy.remove);
  return copy;
}
