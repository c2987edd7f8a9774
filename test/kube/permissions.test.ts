import type { Secret } from "kubernetes-types/core/v1.d.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ConfigMapRecord, JobRecord, SecretRecord } from "../../src/domain/cluster-objects.ts";
import { restCluster } from "../../src/kubernetes/cluster.ts";
import { connectKubernetes, type KubeConnection } from "../../src/kubernetes/connection.ts";
import type { Cluster } from "../../src/kubernetes/port.ts";
import { systemClock } from "../../src/support/clock.ts";
import { silentLog } from "../../src/support/log.ts";
import { systemRandom } from "../../src/support/random.ts";
import { findKubeAssets, type KubeAssets } from "../support/kube-assets.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";
import { copyOverlay } from "./overlays.ts";

const assets = findKubeAssets(process.env);
const CONTROL_NAMESPACE = "bitbucket-runner-control-plane";
const signal = new AbortController().signal;

describe.skipIf(assets === undefined)("the ServiceAccount of kustomize/, on a real API server", () => {
  let plane: ControlPlane;
  let kubeconfig: string;
  let connection: KubeConnection | undefined;

  beforeAll(async () => {
    plane = await startControlPlane(assets as KubeAssets);
    const overlay = await copyOverlay("shipped");
    await kubectl(["apply", "-k", overlay.folder]);
    await overlay.remove();
    kubeconfig = await plane.serviceAccountKubeconfig(CONTROL_NAMESPACE, "runners-autoscaler");
    connection = await connectKubernetes({
      env: { KUBECONFIG: kubeconfig },
      clock: systemClock(),
      random: systemRandom(),
      log: silentLog,
    });
  });
  afterAll(async () => {
    await connection?.close();
    await plane.stop();
  });

  test("may make every call of the program", async () => {
    const { cluster, called } = recording(restCluster((connection as KubeConnection).client));

    await cluster.namespaceUid("kube-system", signal);
    await cluster.ensureNamespace("runners", signal);
    const job = present(await cluster.createJob("runners", JOB, signal));
    const secret = present(await cluster.createSecret("runners", SECRET, signal));
    expect(await cluster.createJob("runners", JOB, signal)).toBe("exists");
    expect(await cluster.jobs("runners", signal)).toEqual([job]);
    expect(await cluster.job("runners", job.name, signal)).toEqual(job);
    expect(await cluster.pods("runners", signal)).toEqual([]);
    expect(await cluster.secrets("runners", signal)).toEqual([secret]);
    expect(await cluster.secret("runners", secret.name, signal)).toEqual(secret);
    const marked = present(await cluster.patchJobMetadata(job, { annotations: { mark: "draining" } }, signal));
    const emptied = present(await cluster.emptySecret(secret, { labels: { emptied: "yes" } }, signal));

    expect(marked.annotations).toMatchObject({ mark: "draining" });
    expect(emptied.labels).toMatchObject({ emptied: "yes" });
    const stored = await kubectl(["get", "secret", secret.name, "-n", "runners", "-o", "json"]);
    expect((JSON.parse(stored) as Secret).data).toBeUndefined();

    const map = present(await cluster.createConfigMap(CONTROL_NAMESPACE, CONFIG_MAP, signal));
    expect(await cluster.configMaps(CONTROL_NAMESPACE, "app=test", signal)).toEqual([map]);
    expect(await cluster.configMap(CONTROL_NAMESPACE, map.name, signal)).toEqual(map);
    const changed = present(await cluster.replaceConfigMapData(map, { "ledger.json": "{}" }, signal));
    expect(changed.data).toEqual({ "ledger.json": "{}" });
    expect(await cluster.deleteConfigMap(map, signal)).toBe("conflict");
    expect(await cluster.deleteConfigMap(changed, signal)).toBe("deleted");

    expect(await cluster.deleteSecret(emptied, signal)).toBe("deleted");
    expect(await cluster.deleteJob(marked, signal)).toBe("deleted");
    expect(await cluster.secret("runners", secret.name, signal)).toBeUndefined();
    expect((await cluster.job("runners", job.name, signal))?.deleting).toBe(true);
    expect([...called].sort()).toEqual(Object.keys(cluster).sort());
  });

  test.each([
    ["default", []],
    [CONTROL_NAMESPACE, ["/configmaps: get list create patch delete"]],
  ])("may do nothing else in %s", async (namespace, ownNotes) => {
    const question = {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectRulesReview",
      spec: { namespace },
    };

    const answer = await kubectl(
      ["--kubeconfig", kubeconfig, "create", "--validate=false", "-f", "-", "-o", "json"],
      JSON.stringify(question),
    );

    const { status } = JSON.parse(answer) as {
      status: { resourceRules: { apiGroups: string[]; resources: string[]; verbs: string[] }[] };
    };
    const allowed = status.resourceRules.flatMap(({ apiGroups, resources, verbs }) =>
      resources.map((resource) => `${apiGroups.join()}/${resource}: ${verbs.join(" ")}`),
    );
    // Everybody who is logged in may ask who they are and what they may do.
    expect(allowed.filter((rule) => !rule.includes("/selfsubject")).sort()).toEqual([
      ...ownNotes,
      "/namespaces: get create",
      "/pods: list",
      "/secrets: get list create patch delete",
      "batch/jobs: get list create patch delete",
    ]);
  });

  /** What kubectl printed. @throws {Error} with what it said when it failed. */
  async function kubectl(args: readonly string[], input?: string): Promise<string> {
    const { stdout, stderr, code } = await plane.kubectl(args, input);
    if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: exit code ${code}\n${stderr}`);
    return stdout;
  }
});

const JOB = {
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "runner-a", labels: { app: "test" } },
  spec: {
    template: {
      spec: { restartPolicy: "Never", containers: [{ name: "runner", image: "example.com/runner:1" }] },
    },
  },
};
const CONFIG_MAP = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "runners-autoscaler-notes", labels: { app: "test" } },
  data: { "old.json": "[]" },
};
const SECRET = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "runner-oauth-credentials-a" },
  data: { oauth_client_id: "YQ==" },
};

/** The same cluster, and which of its methods were called. */
function recording(inner: Cluster): { cluster: Cluster; called: ReadonlySet<string> } {
  const called = new Set<string>();
  const cluster = new Proxy(inner, {
    get(target, name, receiver) {
      called.add(String(name));
      return Reflect.get(target, name, receiver) as unknown;
    },
  });
  return { cluster, called };
}

function present<T extends JobRecord | SecretRecord | ConfigMapRecord>(written: T | string): T {
  if (typeof written === "string") throw new Error(`not written: ${written}`);
  return written;
}
