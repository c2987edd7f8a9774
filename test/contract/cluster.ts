import { randomUUID } from "node:crypto";
import { describe, expect, onTestFinished, test } from "vitest";
import type { ConfigMapRecord, JobRecord, SecretRecord } from "../../src/domain/cluster-objects.ts";
import type { KubeClient } from "../../src/kubernetes/client/client.ts";
import { JOBS, SECRETS } from "../../src/kubernetes/client/kind.ts";
import { restCluster } from "../../src/kubernetes/cluster.ts";
import type { Cluster, KubeObject } from "../../src/kubernetes/port.ts";
import { followPods } from "../../src/kubernetes/watch/follow-pods.ts";
import type { Clock } from "../../src/support/clock.ts";
import { silentLog } from "../../src/support/log.ts";
import { seededRandom } from "../../src/support/random.ts";

/** A cluster that runs Jobs on a node, and everything that it takes to look at it. */
export interface ClusterUnderTest {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** Lets the cluster work until this gives something. @throws {Error} when it takes far too long */
  readonly eventually: <T>(look: () => Promise<T | undefined>) => Promise<T>;
}

const never = new AbortController().signal;

/** A Secret as the server stores it: the adapter itself never reads its data. */
const WHOLE_SECRETS = { ...SECRETS, view: "object" } as const;

/** A Job as a user's template could make it. */
function jobNamed(name: string, uuid: string, labels: Readonly<Record<string, string>> = {}): KubeObject {
  const env = [{ name: "RUNNER_UUID", value: `{${uuid}}` }];
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, labels: { runner_uuid: uuid, ...labels }, annotations: { note: "kept" } },
    spec: {
      backoffLimit: 6,
      podReplacementPolicy: "Failed",
      template: {
        metadata: { labels: { runner_uuid: uuid } },
        spec: {
          restartPolicy: "OnFailure",
          automountServiceAccountToken: false,
          dnsConfig: { options: [{ name: "ndots", value: "2" }] },
          containers: [{ name: "runner", image: "runner:1", env, volumeMounts: [{ name: "tmp", mountPath: "/tmp" }] }],
          volumes: [{ name: "tmp", emptyDir: { medium: "Memory", sizeLimit: "64Mi" } }],
        },
      },
    },
  };
}

function secretNamed(name: string, more: Readonly<Record<string, unknown>> = {}): KubeObject {
  const metadata = { name, labels: { app: "runner" }, annotations: { note: "kept" } };
  return { apiVersion: "v1", kind: "Secret", metadata, data: { password: "cGxhbnRlZA==" }, ...more };
}

/**
 * What the controller and the cleaner rely on of Kubernetes, through the adapter that they use. Whatever passes for a cluster in this
 * project is held to it: a real API server with its controllers, and the simulated one.
 */
export function clusterContract(start: () => ClusterUnderTest | Promise<ClusterUnderTest>): void {
  /** A namespace of its own for each test. */
  const inNamespace = async (): Promise<ClusterUnderTest & { cluster: Cluster; namespace: string; uuid: string }> => {
    const world = await start();
    const cluster = restCluster(world.client);
    const namespace = `contract-${randomUUID().slice(0, 8)}`;
    await cluster.ensureNamespace(namespace, never);
    return { ...world, cluster, namespace, uuid: randomUUID() };
  };
  const madeJob = (made: JobRecord | "exists") => {
    if (made === "exists") throw new Error("the Job is there already");
    return made;
  };
  const madeSecret = (made: SecretRecord | "exists") => {
    if (made === "exists") throw new Error("the Secret is there already");
    return made;
  };

  describe("namespaces", () => {
    test("are made once, and keep their uid", async () => {
      const { cluster, namespace } = await inNamespace();
      const uid = await cluster.namespaceUid(namespace, never);
      await cluster.ensureNamespace(namespace, never);
      expect(await cluster.namespaceUid(namespace, never)).toBe(uid);
      expect(uid).toMatch(/^[0-9a-f-]{36}$/);
    });

    test("that are missing are an error, for what is to be made in them too", async () => {
      const { cluster, uuid } = await inNamespace();
      await expect(cluster.namespaceUid("contract-none", never)).rejects.toMatchObject({ status: 404 });
      const creating = cluster.createJob("contract-none", jobNamed("runner", uuid), never);
      await expect(creating).rejects.toMatchObject({
        status: 404,
        remedy: expect.stringContaining("Create namespace") as unknown,
      });
      expect(await cluster.jobs("contract-none", never)).toEqual([]);
    });
  });

  describe("Jobs", () => {
    test("are stored as they were sent, and given as records", async () => {
      const { cluster, client, namespace, uuid } = await inNamespace();
      const sent = jobNamed("runner-1", uuid, { group: "g" });
      const made = madeJob(await cluster.createJob(namespace, sent, never));
      expect(made).toMatchObject({
        namespace,
        name: "runner-1",
        runnerUuid: `{${uuid}}`,
        state: "active",
        deleting: false,
        labels: { runner_uuid: uuid, group: "g" },
        annotations: { note: "kept" },
      });
      expect(await client.get(JOBS, { namespace, name: "runner-1" }, never)).toMatchObject({ spec: sent.spec });
      expect((await cluster.job(namespace, "runner-1", never))?.uid).toBe(made.uid);
    });

    test("of a name that is taken exist", async () => {
      const { cluster, namespace, uuid } = await inNamespace();
      await cluster.createJob(namespace, jobNamed("runner-1", uuid), never);
      expect(await cluster.createJob(namespace, jobNamed("runner-1", uuid), never)).toBe("exists");
    });

    test("that are not valid are refused with the field's name", async () => {
      const { cluster, namespace, uuid } = await inNamespace();
      const creating = cluster.createJob(namespace, jobNamed("Runner_1", uuid), never);
      await expect(creating).rejects.toThrow(/422.*metadata\.name/);
    });

    test("are listed by label", async () => {
      const { cluster, namespace, uuid } = await inNamespace();
      const label = `contract-${uuid.slice(0, 8)}`;
      for (const name of ["a", "b"]) await cluster.createJob(namespace, jobNamed(name, uuid, { mine: label }), never);
      await cluster.createJob(namespace, jobNamed("c", uuid), never);
      const names = (jobs: readonly JobRecord[]) => jobs.map(({ name }) => name).sort();
      expect(names(await cluster.jobs(namespace, never))).toEqual(["a", "b", "c"]);
      expect(names(await cluster.jobs(namespace, never, `mine=${label}`))).toEqual(["a", "b"]);
    });

    test("that are not there are undefined", async () => {
      const { cluster, namespace } = await inNamespace();
      expect(await cluster.job(namespace, "none", never)).toBeUndefined();
      expect(await cluster.job("contract-none", "none", never)).toBeUndefined();
    });

    test("are marked by compare-and-swap", async () => {
      const { cluster, namespace, uuid, eventually } = await inNamespace();
      await cluster.createJob(namespace, jobNamed("runner-1", uuid, { old: "x" }), never);
      const marks = { labels: { old: null, fresh: "1" }, annotations: { "runners-autoscaler/drain": "{}" } };
      // The Job's own controller writes its status too: a swap starts from the newest reading.
      const [before, after] = await eventually(async () => {
        const read = await cluster.job(namespace, "runner-1", never);
        const swapped = read && (await cluster.patchJobMetadata(read, marks, never));
        return typeof swapped === "object" ? ([read as JobRecord, swapped] as const) : undefined;
      });
      expect(after.labels).toMatchObject({ fresh: "1", runner_uuid: uuid });
      expect(after.labels).not.toHaveProperty("old");
      expect(after.annotations).toMatchObject({ note: "kept", "runners-autoscaler/drain": "{}" });
      expect(after.resourceVersion).not.toBe(before.resourceVersion);
      expect(await cluster.patchJobMetadata(before, { labels: { late: "1" } }, never)).toBe("conflict");
      expect(await cluster.patchJobMetadata({ ...before, name: "none" }, marks, never)).toBe("absent");
    });

    test("that came anew under the same name are not marked for the old one", async () => {
      const { cluster, namespace, uuid, eventually } = await inNamespace();
      const old = madeJob(await cluster.createJob(namespace, jobNamed("runner-1", uuid), never));
      await cluster.deleteJob(old, never);
      const anew = await eventually(async () => {
        const made = await cluster.createJob(namespace, jobNamed("runner-1", uuid), never);
        return made === "exists" ? undefined : made;
      });
      expect(await cluster.patchJobMetadata(old, { labels: { a: "1" } }, never)).toBe("conflict");
      expect(
        await cluster.patchJobMetadata({ ...anew, uid: old.uid, resourceVersion: old.resourceVersion }, {}, never),
      ).toBe("conflict");
      expect(await cluster.deleteJob(old, never)).toBe("conflict");
    });

    test("are deleted with their pods and Secrets, if they are still the same", async () => {
      const { cluster, namespace, uuid, eventually } = await inNamespace();
      const job = madeJob(await cluster.createJob(namespace, jobNamed("runner-1", uuid), never));
      const owner = { apiVersion: "batch/v1", kind: "Job", name: job.name, uid: job.uid };
      const metadata = { name: "credentials", ownerReferences: [owner] };
      await cluster.createSecret(namespace, secretNamed("credentials", { metadata }), never);
      await eventually(async () => (await cluster.pods(namespace, never))[0]);

      expect(await cluster.deleteJob({ ...job, uid: randomUUID() }, never)).toBe("conflict");
      expect(await cluster.deleteJob(job, never)).toBe("deleted");
      await eventually(async () => {
        const left = [await cluster.job(namespace, "runner-1", never), ...(await cluster.pods(namespace, never))];
        const secrets = await cluster.secrets(namespace, never);
        return left.every((it) => it === undefined) && secrets.length === 0 ? true : undefined;
      });
      expect(await cluster.deleteJob(job, never)).toBe("absent");
    });
  });

  describe("pods", () => {
    test("are those that Jobs made, with their runner and what their containers do", async () => {
      const { cluster, namespace, uuid, eventually } = await inNamespace();
      const job = madeJob(await cluster.createJob(namespace, jobNamed("runner-1", uuid), never));
      const pod = await eventually(async () =>
        (await cluster.pods(namespace, never)).find(({ phase }) => phase === "Running"),
      );
      expect(pod).toMatchObject({
        namespace,
        jobUid: job.uid,
        jobName: "runner-1",
        runnerUuid: `{${uuid}}`,
        deleting: false,
        containers: [{ name: "runner", state: "running", everStarted: true }],
      });
    });

    test("can be followed: each is added, modified, and in the end deleted", async () => {
      const { cluster, client, clock, namespace, uuid, eventually } = await inNamespace();
      const controller = new AbortController();
      onTestFinished(() => controller.abort(new Error("the test is over")));
      const seen: string[] = [];
      const options = { namespace, labelSelector: "job-name", clock, random: seededRandom(1), log: silentLog };
      const following = (async () => {
        for await (const { type } of followPods(client, options, controller.signal)) seen.push(type);
      })().catch((error: unknown) => error);

      const job = madeJob(await cluster.createJob(namespace, jobNamed("runner-1", uuid), never));
      await eventually(async () => (seen.includes("modified") ? true : undefined));
      await cluster.deleteJob(job, never);
      await eventually(async () => (seen.includes("deleted") ? true : undefined));
      expect(seen).toEqual(["added", ...Array<string>(seen.length - 2).fill("modified"), "deleted"]);
      controller.abort(new Error("enough"));
      expect(await following).toEqual(new Error("enough"));
    });
  });

  describe("Secrets", () => {
    test("are stored as they were sent, and read back without their data", async () => {
      const { cluster, client, namespace } = await inNamespace();
      const sent = secretNamed("credentials", { type: "Opaque", stringData: { user: "me" } });
      const made = madeSecret(await cluster.createSecret(namespace, sent, never));
      expect(await cluster.createSecret(namespace, sent, never)).toBe("exists");
      expect(await client.get(WHOLE_SECRETS, { namespace, name: "credentials" }, never)).toMatchObject({
        data: { password: "cGxhbnRlZA==", user: "bWU=" },
      });
      expect(made).toMatchObject({ namespace, name: "credentials", labels: { app: "runner" }, ownerJobUid: undefined });
      expect(await cluster.secret(namespace, "credentials", never)).toEqual(made);
      expect(await cluster.secrets(namespace, never, "app=runner")).toEqual([made]);
      expect(await cluster.secrets(namespace, never, "app=other")).toEqual([]);
      expect(await cluster.secret(namespace, "none", never)).toBeUndefined();
      // Not even on the wire.
      const [{ items }, one] = await Promise.all([
        client.list(SECRETS, { namespace }, (item) => item, never),
        client.get(SECRETS, { namespace, name: "credentials" }, never),
      ]);
      expect(JSON.stringify([items, one])).not.toMatch(/cGxhbnRlZA|bWU=/);
    });

    test("are emptied by compare-and-swap", async () => {
      const { cluster, client, namespace } = await inNamespace();
      const before = madeSecret(await cluster.createSecret(namespace, secretNamed("credentials"), never));
      const marks = { annotations: { "runners-autoscaler/emptied-at": "2026-01-01T00:00:00Z" } };
      const after = await cluster.emptySecret(before, marks, never);
      expect(after).toMatchObject({ uid: before.uid, annotations: { note: "kept", ...marks.annotations } });
      const stored = await client.get(WHOLE_SECRETS, { namespace, name: "credentials" }, never);
      expect(stored?.data ?? {}).toEqual({});
      expect(await cluster.emptySecret(before, marks, never)).toBe("conflict");
      expect(await cluster.emptySecret({ ...before, name: "none" }, marks, never)).toBe("absent");
    });

    test("that are immutable keep their data, and it is said", async () => {
      const { cluster, client, namespace } = await inNamespace();
      const sent = secretNamed("credentials", { immutable: true });
      const secret = madeSecret(await cluster.createSecret(namespace, sent, never));
      expect(await cluster.emptySecret(secret, { annotations: { a: "b" } }, never)).toBe("immutable");
      expect(await client.get(WHOLE_SECRETS, { namespace, name: "credentials" }, never)).toMatchObject({
        data: sent.data,
      });
    });

    test("are deleted, if they are still the same", async () => {
      const { cluster, namespace } = await inNamespace();
      const secret = madeSecret(await cluster.createSecret(namespace, secretNamed("credentials"), never));
      expect(await cluster.deleteSecret({ ...secret, uid: randomUUID() }, never)).toBe("conflict");
      expect(await cluster.deleteSecret(secret, never)).toBe("deleted");
      expect(await cluster.deleteSecret(secret, never)).toBe("absent");
    });
  });

  describe("ConfigMaps", () => {
    const object = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "notes", labels: { app: "notes" } },
      data: { a: "1", b: "2" },
    };
    const made = (record: ConfigMapRecord | string) => {
      if (typeof record === "string") throw new Error(`not written: ${record}`);
      return record;
    };

    test("are made once, and found by label and by name", async () => {
      const { cluster, namespace } = await inNamespace();
      const notes = made(await cluster.createConfigMap(namespace, object, never));
      expect(notes).toMatchObject({ name: "notes", labels: { app: "notes" }, data: { a: "1", b: "2" } });
      expect(await cluster.createConfigMap(namespace, object, never)).toBe("exists");
      expect(await cluster.configMaps(namespace, "app=notes", never)).toEqual([notes]);
      expect(await cluster.configMaps(namespace, "app=other", never)).toEqual([]);
      expect(await cluster.configMap(namespace, "notes", never)).toEqual(notes);
      expect(await cluster.configMap(namespace, "others", never)).toBeUndefined();
    });

    test("have their data replaced by whoever read them last", async () => {
      const { cluster, namespace } = await inNamespace();
      const first = made(await cluster.createConfigMap(namespace, object, never));
      const second = made(await cluster.replaceConfigMapData(first, { b: "3" }, never));
      expect(second.data).toEqual({ b: "3" });
      expect(await cluster.replaceConfigMapData(first, { b: "4" }, never)).toBe("conflict");
      expect((await cluster.configMap(namespace, "notes", never))?.data).toEqual({ b: "3" });
    });

    test("are deleted by whoever read them last", async () => {
      const { cluster, namespace } = await inNamespace();
      const first = made(await cluster.createConfigMap(namespace, object, never));
      const second = made(await cluster.replaceConfigMapData(first, { b: "3" }, never));
      expect(await cluster.deleteConfigMap(first, never)).toBe("conflict");
      expect(await cluster.deleteConfigMap(second, never)).toBe("deleted");
      expect(await cluster.deleteConfigMap(second, never)).toBe("absent");
      expect(await cluster.replaceConfigMapData(second, {}, never)).toBe("absent");
    });
  });
}
