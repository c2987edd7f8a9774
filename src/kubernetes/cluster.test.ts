import { describe, expect, test } from "vitest";
import {
  type Answer,
  dropped,
  json,
  notFound,
  refusing,
  scriptedKubernetes,
  unreachable,
} from "../../test/support/scripted-kubernetes.ts";
import type { HttpRequest } from "../http/transport.ts";
import { VirtualClock } from "../simulator/virtual-clock.ts";
import { configMapRecord, jobRecord, secretRecord } from "./client/records.ts";
import { restCluster } from "./cluster.ts";
import type { Cluster } from "./port.ts";

const scriptedServer = (answers: readonly Answer[]) => scriptedKubernetes(new VirtualClock(0), answers);

/*
 * What a lost reply and an unusual answer lead to. That the adapter does its work on a real API server (and on the simulated one) is held
 * by the contract suite in test/contract/.
 */

const never = new AbortController().signal;
const metadata = (more: Record<string, unknown> = {}) => ({
  namespace: "ci",
  name: "runner-1",
  uid: "u-1",
  resourceVersion: "7",
  creationTimestamp: "2026-03-01T10:00:00Z",
  ...more,
});
const jobObject = (more: Record<string, unknown> = {}) => ({
  metadata: metadata(more),
  spec: { template: { spec: { containers: [] } } },
});
const secretObject = (more: Record<string, unknown> = {}) => ({ metadata: metadata(more) });
const job = jobRecord(jobObject());
const secret = secretRecord(secretObject());

const exists = refusing(409, "AlreadyExists", { details: { name: "runner-1" } });
const conflict = refusing(409, "Conflict", { details: { name: "runner-1" } });
const immutable = refusing(422, "Invalid", { details: { name: "runner-1", causes: [{ field: "data" }] } });

function on(...answers: Answer[]) {
  const server = scriptedServer(answers);
  return { ...server, cluster: restCluster(server.client) };
}

const bodyOf = (request: HttpRequest | undefined): unknown => JSON.parse(request?.body ?? "null");

describe("creation", () => {
  const sent = {
    metadata: { name: "runner-1", labels: { l: "1" }, annotations: { "runners-autoscaler/name": "ours" } },
  };
  const ours = json(
    jobObject({ labels: { l: "1", "job-name": "x" }, annotations: { "runners-autoscaler/name": "ours" } }),
  );
  const theirs = json(jobObject({ labels: { l: "1" }, annotations: { "runners-autoscaler/name": "theirs" } }));

  test.each<[string, Answer[], unknown]>([
    ["created", [json(jobObject(), 201)], "u-1"],
    ["exists", [exists], "exists"],
    ["nobody was there yet: sent again", [unreachable, json(jobObject(), 201)], "u-1"],
    ["raced for a quota: sent again", [conflict, json(jobObject(), 201)], "u-1"],
    ["no reply, and it is there", [dropped, ours], "u-1"],
    ["a failing server, and it is there", [refusing(500, "InternalError"), ours], "u-1"],
    ["no reply, and another one is there", [dropped, theirs], "KubernetesError"],
    ["no reply, and it is not there", [dropped, notFound("runner-1")], "KubernetesError"],
    ["no reply, and none to the question either", [dropped], "KubernetesError"],
    ["refused", [refusing(422, "Invalid")], "KubernetesError"],
  ])("%s", async (_, answers, outcome) => {
    const { cluster, settle, requests } = on(...answers);
    const creating = settle(cluster.createJob("ci", sent, never));
    const got = await creating.then(
      (it) => (it === "exists" ? it : it.uid),
      (error: Error) => error.name,
    );
    expect(got).toBe(outcome);
    const posts = requests.filter(({ method }) => method === "POST");
    expect(posts.length).toBe(requests.length > 1 && requests[1]?.method === "POST" ? 2 : 1);
    for (const post of posts) expect(bodyOf(post)).toEqual(sent);
  });
});

describe("a ConfigMap's data", () => {
  const map = (data: Record<string, string>, more = {}) => json({ metadata: metadata(more), data });
  const before = configMapRecord({ metadata: metadata(), data: { old: "1" } });
  const replace = (cluster: Cluster) => cluster.replaceConfigMapData(before, { new: "2" }, never);

  test("is replaced whole: what is to go is named", async () => {
    const { cluster, requests } = on(map({ new: "2" }, { resourceVersion: "8" }));
    expect(await replace(cluster)).toMatchObject({ data: { new: "2" }, resourceVersion: "8" });
    expect(bodyOf(requests[0])).toEqual({
      metadata: { uid: "u-1", resourceVersion: "7" },
      data: { old: null, new: "2" },
    });
  });

  test.each<[string, Answer[], unknown]>([
    ["somebody was faster", [conflict], "conflict"],
    ["it is gone", [notFound("runner-1")], "absent"],
    ["the reply was lost, and it had worked", [dropped, conflict, map({ new: "2" })], { new: "2" }],
    ["the reply was lost, and somebody was faster", [dropped, conflict, map({ new: "3" })], "conflict"],
    [
      "the reply was lost, and another one has its name",
      [dropped, conflict, map({ new: "2" }, { uid: "u-2" })],
      "conflict",
    ],
    ["the reply was lost, and it is gone", [dropped, conflict, notFound("runner-1")], "absent"],
  ])("%s", async (_, answers, outcome) => {
    const { cluster, settle } = on(...answers);
    const got = await settle(replace(cluster));
    expect(typeof got === "string" ? got : got.data).toEqual(outcome);
  });

  test("is made once: one that is there with other data is somebody else's", async () => {
    const object = { metadata: { name: "runner-1" }, data: { a: "1" } };
    const make = ({ cluster, settle }: ReturnType<typeof on>) => settle(cluster.createConfigMap("ci", object, never));
    expect(await make(on(map({ a: "1" })))).toMatchObject({ data: { a: "1" } });
    expect(await make(on(exists))).toBe("exists");
    expect(await make(on(dropped, map({ a: "1" })))).toMatchObject({ data: { a: "1" } });
    expect(await make(on(dropped, map({ a: "2" })))).toBe("exists");
  });
});

describe("compare-and-swap", () => {
  const patch = { labels: { a: "1", gone: null }, annotations: { drain: "now" } };
  const marked = { labels: { a: "1", other: "x" }, annotations: { drain: "now" }, resourceVersion: "8" };
  const swaps: Record<string, (cluster: Cluster) => Promise<unknown>> = {
    patchJobMetadata: (cluster) => cluster.patchJobMetadata(job, patch, never),
    emptySecret: (cluster) => cluster.emptySecret(secret, patch, never),
  };

  describe.each(Object.entries(swaps))("%s", (name, swap) => {
    const object = name === "patchJobMetadata" ? jobObject : secretObject;

    test("names what it read, changes what is patched, and gives the object as it is afterwards", async () => {
      const { cluster, requests } = on(json(object(marked)));
      expect(await swap(cluster)).toMatchObject({ labels: marked.labels, resourceVersion: "8" });
      expect(bodyOf(requests[0])).toEqual({
        metadata: { ...patch, uid: "u-1", resourceVersion: "7" },
        ...(name === "emptySecret" && { data: null }),
      });
    });

    test.each<[string, Answer[], unknown]>([
      ["somebody was faster", [conflict], "conflict"],
      ["it is gone", [notFound("runner-1")], "absent"],
      ["nobody was there yet", [unreachable, json(object(marked))], "8"],
      ["nobody was there yet, then somebody was faster", [unreachable, conflict], "conflict"],
      ["the reply was lost, and it had worked", [dropped, conflict, json(object(marked))], "8"],
      [
        "the reply was lost, and somebody was faster",
        [dropped, conflict, json(object({ labels: { a: "2" } }))],
        "conflict",
      ],
      [
        "the reply was lost, and a mark that should go is there",
        [dropped, conflict, json(object({ ...marked, labels: { a: "1", gone: "" } }))],
        "conflict",
      ],
      [
        "the reply was lost, and another one has its name",
        [dropped, conflict, json(object({ ...marked, uid: "u-2" }))],
        "conflict",
      ],
      ["the reply was lost, and it is gone", [dropped, conflict, notFound("runner-1")], "absent"],
      ["the reply was lost, and it is gone already", [dropped, notFound("runner-1")], "absent"],
      ["the reply was lost, and it had not arrived", [dropped, json(object(marked))], "8"],
      ["no reply at all", [dropped], "KubernetesError"],
      ["refused", [refusing(403, "Forbidden")], "KubernetesError"],
    ])("%s", async (_, answers, outcome) => {
      const { cluster, settle } = on(...answers);
      const got = await settle(swap(cluster)).then(
        (it) => (typeof it === "string" ? it : (it as { resourceVersion: string }).resourceVersion),
        (error: Error) => error.name,
      );
      expect(got).toBe(outcome);
    });
  });

  test("a Secret whose data the server does not let go is immutable", async () => {
    expect(await on(immutable).cluster.emptySecret(secret, patch, never)).toBe("immutable");
    await expect(on(refusing(422, "Invalid")).cluster.emptySecret(secret, patch, never)).rejects.toThrow(/422/);
  });
});

describe("deletion", () => {
  test("of a Job takes its pods along, only if it is still that Job", async () => {
    const { cluster, requests } = on(json(jobObject()));
    expect(await cluster.deleteJob(job, never)).toBe("deleted");
    expect(bodyOf(requests[0])).toEqual({
      apiVersion: "v1",
      kind: "DeleteOptions",
      propagationPolicy: "Foreground",
      gracePeriodSeconds: 5,
      preconditions: { uid: "u-1" },
    });
  });

  test.each<[string, Answer[], string]>([
    ["absent", [notFound("runner-1")], "absent"],
    ["another one of that name", [conflict], "conflict"],
    ["the reply was lost, and it had worked", [dropped, notFound("runner-1")], "absent"],
    ["the reply was lost", [dropped, json({})], "deleted"],
    ["a path that the server does not know", [refusing(404, "NotFound")], "KubernetesError"],
  ])("%s", async (_, answers, outcome) => {
    for (const remove of [(c: Cluster) => c.deleteJob(job, never), (c: Cluster) => c.deleteSecret(secret, never)]) {
      const { cluster, settle } = on(...answers);
      expect(await settle(remove(cluster)).catch((error: Error) => error.name)).toBe(outcome);
    }
  });
});

describe("namespaces", () => {
  test("are created when they are missing, whoever is faster", async () => {
    for (const answer of [json({}, 201), exists]) {
      const { cluster, requests } = on(notFound("ci"), answer);
      await cluster.ensureNamespace("ci", never);
      expect(bodyOf(requests[1])).toEqual({ apiVersion: "v1", kind: "Namespace", metadata: { name: "ci" } });
    }
  });

  test("are not created when they are there", async () => {
    const { cluster, requests } = on(json({ metadata: { uid: "n" } }));
    await cluster.ensureNamespace("ci", never);
    expect(requests).toHaveLength(1);
  });

  test("have a uid, or are missing", async () => {
    expect(await on(json({ metadata: { uid: "n" } })).cluster.namespaceUid("ci", never)).toBe("n");
    await expect(on(notFound("ci")).cluster.namespaceUid("ci", never)).rejects.toMatchObject({
      status: 404,
      remedy: "Create it: kubectl create namespace ci",
    });
  });
});
