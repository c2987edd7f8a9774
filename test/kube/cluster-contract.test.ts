import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { JOBS } from "../../src/kubernetes/client/kind.ts";
import { connectKubernetes, type KubeConnection } from "../../src/kubernetes/connection.ts";
import { systemClock } from "../../src/support/clock.ts";
import { systemRandom } from "../../src/support/random.ts";
import { clusterContract } from "../contract/cluster.ts";
import { keptLog } from "../support/kept-log.ts";
import { findKubeAssets, type KubeAssets } from "../support/kube-assets.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";

const assets = findKubeAssets(process.env);
const PATIENCE_MS = 20_000;

describe.skipIf(assets === undefined)("the Kubernetes adapter, on a real control plane", () => {
  let plane: ControlPlane;
  let connection: KubeConnection;
  const clock = systemClock();
  const { log, logged } = keptLog();

  beforeAll(async () => {
    plane = await startControlPlane(assets as KubeAssets, { with: ["controller-manager", "scheduler", "kwok"] });
    const env = { KUBECONFIG: plane.kubeconfig };
    connection = await connectKubernetes({ env, clock, random: systemRandom(), log });
  });
  afterAll(async () => {
    await connection.close();
    await plane.stop();
  });

  clusterContract(() => ({
    client: connection.client,
    clock,
    async eventually(look) {
      for (const until = clock.now() + PATIENCE_MS; clock.now() < until; await sleep(50)) {
        const found = await look();
        if (found !== undefined) return found;
      }
      throw new Error(`nothing to see within ${PATIENCE_MS} ms`);
    },
  }));

  const never = new AbortController().signal;

  test("a field that the server does not know reaches it: it says so itself", async () => {
    const containers = [{ name: "runner", image: "runner:1", fieldOfTomorrow: { deep: [1] } }];
    const spec = { template: { spec: { restartPolicy: "OnFailure", containers } } };
    await connection.client.create(JOBS, "default", { metadata: { name: "tomorrow" }, spec }, never);
    const warnings = logged.map(([, , fields]) => fields.warning);
    expect(warnings).toContain('unknown field "spec.template.spec.containers[0].fieldOfTomorrow"');
  });

  test("more Jobs than fit on a page are listed whole", async () => {
    const template = { spec: { restartPolicy: "OnFailure", containers: [{ name: "runner", image: "runner:1" }] } };
    const make = (i: number) => {
      const metadata = { name: `many-${i}`, labels: { many: "yes" } };
      return connection.client.create(JOBS, "default", { metadata, spec: { suspend: true, template } }, never);
    };
    await Promise.all(Array.from({ length: 501 }, (_, i) => make(i)));
    const { items } = await connection.client.list(JOBS, { labelSelector: "many=yes" }, (job) => job, never);
    expect(items).toHaveLength(501);
  });

  test("a ServiceAccount without permission is told which rule is missing", async () => {
    const env = { KUBECONFIG: await plane.serviceAccountKubeconfig("default", "default") };
    const weak = await connectKubernetes({ env, clock, random: systemRandom(), log });
    try {
      await expect(weak.client.list(JOBS, { namespace: "default" }, (job) => job, never)).rejects.toMatchObject({
        status: 403,
        reason: "Forbidden",
        message: expect.stringContaining('cannot list resource "jobs"') as unknown,
        remedy: expect.stringContaining('apiGroups: ["batch"], resources: ["jobs"], verbs: ["list"]') as unknown,
      });
    } finally {
      await weak.close();
    }
  });
});
