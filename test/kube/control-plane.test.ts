import { existsSync } from "node:fs";
import type { Pod } from "kubernetes-types/core/v1.d.ts";
import { Agent, request } from "undici";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { findKubeAssets, type KubeAssets } from "../support/kube-assets.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";

const assets = findKubeAssets(process.env);

describe.skipIf(assets === undefined)("the control plane that tests start", () => {
  let plane: ControlPlane;

  beforeAll(async () => {
    plane = await startControlPlane(assets as KubeAssets, { with: ["controller-manager", "scheduler", "kwok"] });
  });
  afterAll(() => plane.stop());

  test("runs a Job's pod, privileged containers and all, until the Job is deleted, pods first", async () => {
    expect(await plane.kubectl(["create", "-f", "-"], JSON.stringify(RUNNER))).toMatchObject({ code: 0 });
    // There is no pod to wait for before the Job counts it.
    for (const wait of ["job/runner-a --for=jsonpath={.status.active}=1", "pods --all --for=condition=Ready"]) {
      expect(await plane.kubectl(["wait", ...wait.split(" "), "--timeout=15s"])).toMatchObject({ code: 0 });
    }

    const { items } = JSON.parse((await plane.kubectl(["get", "pods", "-o", "json"])).stdout) as { items: Pod[] };
    expect(items.map(({ status }) => status?.phase)).toEqual(["Running"]);
    expect(items[0]?.status?.containerStatuses?.map(({ name, state }) => [name, Object.keys(state ?? {})])).toEqual([
      ["runner", ["running"]],
      ["docker", ["running"]],
    ]);

    const foreground = ["delete", "job", "runner-a", "--cascade=foreground", "--timeout=15s"];
    expect(await plane.kubectl(foreground)).toMatchObject({ code: 0 });
    expect((await plane.kubectl(["get", "jobs,pods", "-o", "name"])).stdout).toBe("");
  });

  test("gives a ServiceAccount's kubeconfig, in its namespace", async () => {
    const kubeconfig = await plane.serviceAccountKubeconfig("default", "nobody").catch(String);
    expect(kubeconfig).toContain("not found");

    const path = await plane.serviceAccountKubeconfig("default", "default");
    const who = await plane.kubectl([
      "--kubeconfig",
      path,
      "auth",
      "whoami",
      "-o",
      "jsonpath={.status.userInfo.username}",
    ]);
    expect(who.stdout).toBe("system:serviceaccount:default:default");
    const forbidden = await plane.kubectl(["--kubeconfig", path, "get", "pods"]);
    expect(forbidden.stderr).toContain('cannot list resource "pods" in API group "" in the namespace "default"');
  });

  test("leaves neither processes nor files behind", async () => {
    const dispatcher = new Agent({ connect: { ca: plane.ca } });
    onTestFinished(() => dispatcher.destroy());
    const version = () => request(`${plane.url}/version`, { dispatcher });
    expect((await version()).statusCode).toBe(200);
    expect(existsSync(plane.kubeconfig)).toBe(true);

    await plane.stop();

    await expect(version()).rejects.toThrow();
    expect(existsSync(plane.kubeconfig)).toBe(false);
  });
});

const RUNNER = {
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "runner-a" },
  spec: {
    template: {
      spec: {
        restartPolicy: "OnFailure",
        containers: [
          { name: "runner", image: "example.com/runner:1" },
          { name: "docker", image: "docker:dind", securityContext: { privileged: true } },
        ],
      },
    },
  },
};
