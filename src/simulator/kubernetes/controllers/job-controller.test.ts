import { describe, expect, test } from "vitest";
import { aRunnerJob, type JobOverrides, KubernetesTestWorld } from "../../../../test/support/kubernetes-world.ts";
import type { JobObject, PodObject } from "../objects.ts";

// Sequences marked (1.34.4) were watched on a real controller manager.

const MINUTE = 60_000;

/** A Job whose single container ends when the test says so, and is not started again. */
const oneShot: JobOverrides = { pod: { restartPolicy: "Never", containers: [{ name: "work", image: "work:1" }] } };

async function running(overrides: JobOverrides = {}): Promise<KubernetesTestWorld> {
  const cluster = new KubernetesTestWorld({ times: { imagePullMs: [0, 0] } });
  cluster.createRunner("runner", overrides);
  await cluster.clock.advance(5_000);
  return cluster;
}

const conditions = ({ status }: JobObject) => (status.conditions ?? []).map(({ type, reason }) => `${type}: ${reason}`);
const end = (cluster: KubernetesTestWorld, pod: PodObject, code: number) =>
  cluster.world.exitContainer("default", pod.metadata.name, code, "work");

describe("a Job", () => {
  test("makes its pod from its template, and owns it (1.34.4)", async () => {
    const cluster = await running();
    const job = cluster.job("runner");
    const pod = cluster.pod();
    expect(pod.metadata).toMatchObject({
      generateName: "runner-",
      labels: { app: "runner", "job-name": "runner", "batch.kubernetes.io/controller-uid": job?.metadata.uid },
      ownerReferences: [
        {
          apiVersion: "batch/v1",
          kind: "Job",
          name: "runner",
          uid: job?.metadata.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    });
    expect(pod.spec.containers.map(({ name }) => name)).toEqual(["runner", "docker"]);
    expect(job?.status).toMatchObject({ active: 1, ready: 1, startTime: "2026-03-01T08:00:00Z" });
  });

  test("is complete when its pod succeeded (1.34.4)", async () => {
    const cluster = await running(oneShot);
    end(cluster, cluster.pod(), 0);
    await cluster.clock.advance(2_000);
    const job = cluster.job("runner");
    expect(job?.status).toMatchObject({ succeeded: 1, ready: 0, completionTime: "2026-03-01T08:00:06Z" });
    expect(job?.status).not.toHaveProperty("active");
    expect(job && conditions(job)).toEqual(["SuccessCriteriaMet: CompletionsReached", "Complete: CompletionsReached"]);
    expect(cluster.pod().status.phase).toBe("Succeeded");
  });

  test("replaces failed pods after 10 s, then 20 s, and has failed above its limit (1.34.4)", async () => {
    const cluster = await running({ ...oneShot, spec: { backoffLimit: 2 } });
    const fail = async () => {
      const alive = cluster.pods().find(({ status }) => status.phase === "Running");
      if (alive === undefined) throw new Error("no pod runs");
      end(cluster, alive, 1);
      await cluster.clock.advance(1_000);
    };
    await fail();
    await cluster.clock.advance(9_000);
    expect(cluster.pods()).toHaveLength(1);
    await cluster.clock.advance(3_000);
    expect(cluster.pods()).toHaveLength(2);
    await fail();
    await cluster.clock.advance(18_000);
    expect(cluster.pods()).toHaveLength(2);
    await cluster.clock.advance(4_000);
    expect(cluster.pods()).toHaveLength(3);
    await fail();
    await cluster.clock.advance(10 * MINUTE);
    const job = cluster.job("runner");
    expect(cluster.pods()).toHaveLength(3);
    expect(job?.status.failed).toBe(3);
    expect(job && conditions(job)).toEqual(["FailureTarget: BackoffLimitExceeded", "Failed: BackoffLimitExceeded"]);
  });

  test("counts a deleted pod as failed and replaces it after the back-off (1.34.4)", async () => {
    const cluster = await running();
    const { name } = cluster.pod().metadata;
    cluster.world.delete("pods", "default", name);
    await cluster.clock.advance(20_000);
    expect(cluster.pod().metadata.name).not.toBe(name);
    expect(cluster.job("runner")?.status).toMatchObject({ active: 1, failed: 1 });
  });

  test("counts restarts of containers against its limit, and ends what still runs", async () => {
    const cluster = await running({ spec: { backoffLimit: 2 } });
    for (let i = 0; i < 2; i += 1) {
      cluster.agents.at(-1)?.exit(1);
      await cluster.clock.advance(15_000);
    }
    await cluster.clock.advance(MINUTE);
    const job = cluster.job("runner");
    expect(job && conditions(job)).toEqual(["FailureTarget: BackoffLimitExceeded", "Failed: BackoffLimitExceeded"]);
    expect(cluster.pods()).toEqual([]);
    expect(cluster.agents.at(-1)?.killedAt).toBeDefined();
  });

  test("stays active while a container beside the ended one runs on", async () => {
    const cluster = await running();
    cluster.agents[0]?.exit(0);
    await cluster.clock.advance(60 * MINUTE);
    expect(cluster.job("runner")?.status).toMatchObject({ active: 1, ready: 0 });
    expect(cluster.pod().status.phase).toBe("Running");
    expect(cluster.agents).toHaveLength(1);
  });

  test("ends at its deadline", async () => {
    const cluster = await running({ spec: { activeDeadlineSeconds: 60 } });
    await cluster.clock.advance(MINUTE + 10_000);
    const job = cluster.job("runner");
    expect(job && conditions(job)).toEqual(["FailureTarget: DeadlineExceeded", "Failed: DeadlineExceeded"]);
    expect(cluster.agents[0]?.killedAt).toBeDefined();
  });

  test("goes some time after its end where it says so", async () => {
    const cluster = await running({ ...oneShot, spec: { ttlSecondsAfterFinished: 100 } });
    end(cluster, cluster.pod(), 0);
    await cluster.clock.advance(100_000);
    expect(cluster.job("runner")).toBeDefined();
    await cluster.clock.advance(5_000);
    expect(cluster.job("runner")).toBeUndefined();
    expect(cluster.pods()).toEqual([]);
  });

  test("runs several pods, and lets them go while it is suspended", async () => {
    const cluster = await running({ spec: { parallelism: 3, completions: 3 } });
    expect(cluster.pods()).toHaveLength(3);
    cluster.world.change("jobs", "default", "runner", (job) => ({
      ...job,
      spec: { ...(job.spec as object), suspend: true },
    }));
    await cluster.clock.advance(30_000);
    expect(cluster.pods()).toEqual([]);
    expect(cluster.job("runner")?.status).not.toHaveProperty("active");
  });

  test("makes no pods in a namespace that is ending", async () => {
    const cluster = new KubernetesTestWorld({ namespaces: ["ending"] });
    cluster.world.create("secrets", "ending", { metadata: { name: "holds", finalizers: ["a/b"] } });
    cluster.world.create("jobs", "ending", aRunnerJob("runner"));
    cluster.world.delete("namespaces", undefined, "ending");
    await cluster.clock.advance(MINUTE);
    expect(cluster.world.list("pods", "ending")).toEqual([]);
  });
});
