import { describe, expect, test } from "vitest";
import { KubernetesTestWorld } from "../../../../test/support/kubernetes-world.ts";
import type { JobObject, KubeObject } from "../objects.ts";

// Sequences marked (1.34.4) were watched on a real controller manager.

const JOBS = "/apis/batch/v1/namespaces/default/jobs";

/** A runner whose Secret is owned by its Job, as the program makes it. */
async function running(
  options: ConstructorParameters<typeof KubernetesTestWorld>[0] = {},
): Promise<{ cluster: KubernetesTestWorld; job: JobObject }> {
  const cluster = new KubernetesTestWorld(options);
  cluster.createRunner();
  const job = cluster.job("runner");
  if (job === undefined) throw new Error("the Job is not there");
  own(cluster, "runner-credentials", [job]);
  await cluster.clock.advance(60_000);
  return { cluster, job };
}

function own(cluster: KubernetesTestWorld, secret: string, owners: readonly KubeObject[]): void {
  const ownerReferences = owners.map(({ apiVersion, kind, metadata: { name, uid } }) => ({
    apiVersion,
    kind,
    name,
    uid,
  }));
  cluster.world.change("secrets", "default", secret, (object) => ({
    ...object,
    metadata: { ...object.metadata, ownerReferences },
  }));
}

const left = ({ world }: KubernetesTestWorld) => [
  ...world.list("jobs").map(() => "job"),
  ...world.list("pods").map(() => "pod"),
  ...world.list("secrets").map(() => "secret"),
];

describe("deleting a Job", () => {
  test("in the foreground: it stays, marked, until its pods are gone; its Secret goes with them (1.34.4)", async () => {
    const { cluster, job } = await running({ agentOnSigterm: "lasts-until-killed" });
    const options = {
      propagationPolicy: "Foreground",
      gracePeriodSeconds: 5,
      preconditions: { uid: job.metadata.uid },
    };

    const { body } = await cluster.call("DELETE", `${JOBS}/runner`, options);

    expect(body.metadata).toMatchObject({ finalizers: ["foregroundDeletion"], deletionGracePeriodSeconds: 0 });
    await cluster.clock.advance(1_000);
    expect(left(cluster)).toEqual(["job", "pod"]);
    // The Job's grace is not its pods': they have their own 30 s.
    expect(cluster.pod().metadata.deletionGracePeriodSeconds).toBe(30);
    await cluster.clock.advance(28_000);
    expect(left(cluster)).toEqual(["job", "pod"]);
    await cluster.clock.advance(3_000);
    expect(left(cluster)).toEqual([]);
  });

  test("in the foreground makes no new pods", async () => {
    const { cluster } = await running({ agentOnSigterm: "lasts-until-killed" });
    cluster.world.delete("jobs", "default", "runner", { propagationPolicy: "Foreground" });
    await cluster.clock.advance(20_000);
    expect(cluster.pods()).toHaveLength(1);
  });

  test("in the background: it is gone at once, pods and Secret within a second or two", async () => {
    const { cluster } = await running();
    cluster.world.delete("jobs", "default", "runner", { propagationPolicy: "Background" });
    expect(left(cluster)).toEqual(["pod", "secret"]);
    await cluster.clock.advance(3_000);
    expect(left(cluster)).toEqual([]);
  });

  test("with orphans: its pods and its Secret lose their owner and stay (1.34.4)", async () => {
    const { cluster } = await running();
    cluster.world.delete("jobs", "default", "runner", { propagationPolicy: "Orphan" });
    await cluster.clock.advance(10_000);
    expect(left(cluster)).toEqual(["pod", "secret"]);
    expect(cluster.pod().metadata.ownerReferences).toBeUndefined();
    expect(cluster.agents[0]?.killedAt).toBeUndefined();
  });
});

describe("an owner that is not there", () => {
  test.each([
    ["never existed", { name: "runner", uid: "another" }],
    ["has another name", { name: "none", uid: "" }],
  ])("collects what names it: it %s (1.34.4)", async (_what, owner) => {
    const { cluster, job } = await running();
    const reference = { apiVersion: "batch/v1", kind: "Job", name: owner.name, uid: owner.uid || job.metadata.uid };
    cluster.world.create("secrets", "default", { metadata: { name: "late", ownerReferences: [reference] } });
    await cluster.clock.advance(1_000);
    expect(cluster.world.get("secrets", "default", "late")).toBeUndefined();
  });

  test("is only forgotten while another owner is there", async () => {
    const { cluster, job } = await running();
    cluster.world.create("configmaps", "default", { metadata: { name: "other" } });
    const other = cluster.world.get("configmaps", "default", "other");
    if (other === undefined) throw new Error("the ConfigMap is not there");
    own(cluster, "runner-credentials", [job, other]);
    cluster.world.delete("jobs", "default", "runner", { propagationPolicy: "Background" });
    await cluster.clock.advance(5_000);
    const secret = cluster.world.get("secrets", "default", "runner-credentials");
    expect(secret?.metadata.ownerReferences?.map(({ kind }) => kind)).toEqual(["ConfigMap"]);
  });

  test("of a kind that this world does not have is left to whoever has it", async () => {
    const cluster = new KubernetesTestWorld();
    const owner = { apiVersion: "example.com/v1", kind: "Thing", name: "t", uid: "u" };
    cluster.world.create("secrets", "default", { metadata: { name: "s", ownerReferences: [owner] } });
    await cluster.clock.advance(60_000);
    expect(cluster.world.list("secrets")).toHaveLength(1);
  });
});
