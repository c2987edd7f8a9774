import { describe, expect, test } from "vitest";
import { KubernetesTestWorld, START_MS } from "../../../../test/support/kubernetes-world.ts";

// The answers that are compared with a real server's are marked (1.34.4).

const SECRETS = "/api/v1/namespaces/default/secrets";
const JOBS = "/apis/batch/v1/namespaces/default/jobs";
const LEASES = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
const AS = (kind: string) => `application/json;as=${kind};g=meta.k8s.io;v=v1`;
const jsonPatch = { "content-type": "application/json-patch+json" };

async function withSecret(metadata: object = {}) {
  const cluster = new KubernetesTestWorld();
  const made = await cluster.call("POST", SECRETS, { metadata: { name: "s", ...metadata }, stringData: { a: "b" } });
  return { cluster, made: made.body, path: `${SECRETS}/s` };
}

describe("creating", () => {
  test("an object gets uid, version, world time and defaults, and keeps fields that nobody knows (1.34.4, which drops those)", async () => {
    const cluster = new KubernetesTestWorld();

    const { status, body, headers } = await cluster.call("POST", SECRETS, {
      metadata: { name: "s" },
      stringData: { a: "b" },
      futureField: { deep: [1] },
    });

    expect(status).toBe(201);
    expect(headers.date).toBe("Sun, 01 Mar 2026 08:00:00 GMT");
    expect(body).toMatchObject({
      kind: "Secret",
      apiVersion: "v1",
      type: "Opaque",
      data: { a: "Yg==" },
      futureField: { deep: [1] },
      metadata: { name: "s", namespace: "default", creationTimestamp: "2026-03-01T08:00:00Z" },
    });
    expect(body).not.toHaveProperty("stringData");
    expect(body.metadata.uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test("a Job gets its selector, its pods' labels, and their labels as its own when it has none (1.34.4)", async () => {
    const cluster = new KubernetesTestWorld();
    const spec = { template: { spec: { restartPolicy: "Never", containers: [{ name: "a", image: "b" }] } } };

    const { body } = await cluster.call("POST", JOBS, { metadata: { name: "j" }, spec });

    const labels = {
      "batch.kubernetes.io/controller-uid": body.metadata.uid,
      "batch.kubernetes.io/job-name": "j",
      "controller-uid": body.metadata.uid,
      "job-name": "j",
    };
    expect(body).toMatchObject({
      metadata: { labels, generation: 1 },
      spec: {
        parallelism: 1,
        completions: 1,
        backoffLimit: 6,
        suspend: false,
        selector: { matchLabels: { "batch.kubernetes.io/controller-uid": body.metadata.uid } },
        template: {
          metadata: { labels },
          spec: { terminationGracePeriodSeconds: 30, containers: [{ imagePullPolicy: "Always" }] },
        },
      },
      status: {},
    });
  });

  test("what has a limit and no request requests its limit", async () => {
    const cluster = new KubernetesTestWorld();
    const containers = [
      { name: "a", image: "b:1", resources: { limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "500m" } } },
    ];
    const spec = { template: { spec: { restartPolicy: "Never", containers } } };
    const { body } = await cluster.call("POST", JOBS, { metadata: { name: "j" }, spec });
    expect(body).toMatchObject({
      spec: { template: { spec: { containers: [{ resources: { requests: { cpu: "500m", memory: "1Gi" } } }] } } },
    });
  });

  test("generateName gives names that differ", async () => {
    const cluster = new KubernetesTestWorld();
    const make = () => cluster.call("POST", SECRETS, { metadata: { generateName: "gen-" } });
    const names = [await make(), await make()].map(({ body }) => body.metadata.name);
    expect(names[0]).toMatch(/^gen-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(names[1]).not.toBe(names[0]);
  });

  test("a dry run answers and keeps nothing", async () => {
    const cluster = new KubernetesTestWorld();
    const { status, body } = await cluster.call("POST", `${SECRETS}?dryRun=All`, { metadata: { name: "s" } });
    expect([status, body.metadata.name, body.metadata.resourceVersion]).toEqual([201, "s", undefined]);
    expect(cluster.world.list("secrets")).toEqual([]);
  });
});

describe("changing", () => {
  test("a merge patch with uid and resourceVersion holds only for what was read", async () => {
    const { cluster, made, path } = await withSecret();
    const { uid, resourceVersion } = made.metadata;
    const swap = { metadata: { uid, resourceVersion, labels: { mark: "mine" } } };

    const [won, lost] = [await cluster.patch(path, swap), await cluster.patch(path, swap)];

    expect([won.status, lost.status, lost.body.reason]).toEqual([200, 409, "Conflict"]);
    expect(won.body.metadata.resourceVersion).not.toBe(resourceVersion);
    expect(cluster.world.get("secrets", "default", "s")?.metadata).toEqual(won.body.metadata);
  });

  test.each([
    ["labels of one key", { metadata: { labels: { a: null } } }, { metadata: { labels: undefined } }],
    ["all data", { data: null }, { data: undefined }],
    ["stringData over data", { data: { a: "eA==" }, stringData: { z: "q" } }, { data: { a: "eA==", z: "cQ==" } }],
  ])("a merge patch takes away or adds %s (1.34.4)", async (_what, patch, expected) => {
    const { cluster, path } = await withSecret({ labels: { a: "b" } });
    const { status, body } = await cluster.patch(path, patch);
    expect(status).toBe(200);
    expect({ data: body.data, metadata: { labels: body.metadata.labels } }).toMatchObject(expected);
  });

  test("a write that changes nothing makes no version", async () => {
    const { cluster, made, path } = await withSecret({ labels: { a: "b" } });
    const { body } = await cluster.patch(path, { metadata: { labels: { a: "b", c: null } } });
    expect(body.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
  });

  test("a JSON patch tests, adds, and adds what it should replace (1.34.4)", async () => {
    const { cluster, made, path } = await withSecret({ annotations: { x: "y" } });
    const operations = [
      { op: "test", path: "/metadata/uid", value: made.metadata.uid },
      { op: "test", path: "/metadata/labels", value: null },
      { op: "replace", path: "/metadata/annotations/a~1b", value: "z" },
      { op: "add", path: "/metadata/labels", value: { q: "r" } },
    ];
    const { status, body } = await cluster.call("PATCH", path, operations, jsonPatch);
    expect(status).toBe(200);
    expect(body.metadata).toMatchObject({ annotations: { x: "y", "a/b": "z" }, labels: { q: "r" } });
  });

  test("a dry run shows the change and keeps nothing", async () => {
    const { cluster, made, path } = await withSecret();
    const { body } = await cluster.patch(`${path}?dryRun=All`, { metadata: { labels: { dry: "run" } } });
    expect(body.metadata.labels).toEqual({ dry: "run" });
    expect(cluster.world.get("secrets", "default", "s")).toEqual(made);
  });

  test("status is written through its subresource only", async () => {
    const cluster = new KubernetesTestWorld();
    cluster.createRunner();
    const path = `${JOBS}/runner`;
    await cluster.patch(path, { status: { active: 9 } });
    expect(cluster.job("runner")?.status).toEqual({});
    await cluster.patch(`${path}/status`, { status: { active: 9 }, spec: { suspend: true } });
    expect(cluster.job("runner")).toMatchObject({ status: { active: 9 }, spec: { suspend: false } });
  });

  test("PUT makes an absent Lease, and takes over one whose version it names", async () => {
    const cluster = new KubernetesTestWorld();
    const lease = (holderIdentity: string, resourceVersion?: string) => ({
      metadata: { name: "l", ...(resourceVersion !== undefined && { resourceVersion }) },
      spec: { holderIdentity },
    });
    const made = await cluster.call("PUT", `${LEASES}/l`, lease("me"));
    const taken = await cluster.call("PUT", `${LEASES}/l`, lease("you", made.body.metadata.resourceVersion));
    const late = await cluster.call("PUT", `${LEASES}/l`, lease("they", made.body.metadata.resourceVersion));
    expect([made.status, taken.status, late.status]).toEqual([201, 200, 409]);
    expect(cluster.world.get("leases", "default", "l")?.spec).toEqual({ holderIdentity: "you" });
  });
});

describe("deleting", () => {
  test("what goes at once is answered with its uid, what stays a while with itself (1.34.4)", async () => {
    const { cluster, made, path } = await withSecret();
    const held = await cluster.call("POST", SECRETS, { metadata: { name: "held", finalizers: ["a/b"] } });

    const gone = await cluster.call("DELETE", path, { preconditions: { uid: made.metadata.uid } });
    const going = await cluster.call("DELETE", `${SECRETS}/held`);

    expect(gone.body).toEqual({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Success",
      details: { name: "s", kind: "secrets", uid: made.metadata.uid },
    });
    expect(going.body.metadata).toMatchObject({
      uid: held.body.metadata.uid,
      deletionTimestamp: "2026-03-01T08:00:00Z",
      finalizers: ["a/b"],
    });
    expect((await cluster.call("GET", path)).status).toBe(404);
    await cluster.patch(`${SECRETS}/held`, { metadata: { finalizers: [] } });
    expect((await cluster.call("GET", `${SECRETS}/held`)).status).toBe(404);
  });

  test("a Job's pods are left alone unless the request says otherwise (1.34.4)", async () => {
    const cluster = new KubernetesTestWorld();
    cluster.createRunner();
    const { body } = await cluster.call("DELETE", `${JOBS}/runner`);
    expect(body.metadata.finalizers).toEqual(["orphan"]);
  });

  test("options come from the query as well; a second DELETE can lift the first one's finalizer (1.34.4)", async () => {
    const cluster = new KubernetesTestWorld();
    cluster.world.create("secrets", "default", { metadata: { name: "s", finalizers: ["a/b"] } });
    const first = await cluster.call("DELETE", `${SECRETS}/s?propagationPolicy=Foreground`);
    const second = await cluster.call("DELETE", `${SECRETS}/s?propagationPolicy=Background`);
    expect([first, second].map(({ body }) => body.metadata.finalizers)).toEqual([
      ["a/b", "foregroundDeletion"],
      ["a/b"],
    ]);
  });

  test("a collection goes by selector", async () => {
    const { cluster } = await withSecret({ labels: { a: "b" } });
    cluster.world.create("secrets", "default", { metadata: { name: "other" } });
    await cluster.call("DELETE", `${SECRETS}?labelSelector=a`);
    expect(cluster.world.list("secrets").map(({ metadata }) => metadata.name)).toEqual(["other"]);
  });
});

describe("forms of answers", () => {
  test.each([
    ["GET one", "GET", `${SECRETS}/s`, undefined, AS("PartialObjectMetadata"), "PartialObjectMetadata"],
    [
      "PATCH",
      "PATCH",
      `${SECRETS}/s`,
      { metadata: { labels: { b: "2" } } },
      AS("PartialObjectMetadata"),
      "PartialObjectMetadata",
    ],
    ["GET many", "GET", SECRETS, undefined, AS("PartialObjectMetadataList"), "PartialObjectMetadataList"],
    ["GET many as kubectl does", "GET", SECRETS, undefined, `${AS("Table")},application/json`, "Table"],
  ] as const)("%s without data", async (_what, method, path, body, accept, kind) => {
    const { cluster } = await withSecret();
    const reply = await cluster.call(method, path, body, { accept, "content-type": "application/merge-patch+json" });
    expect([reply.status, reply.body.kind]).toEqual([200, kind]);
    expect(reply.text).not.toContain("Yg==");
    expect(reply.text).toContain('"name":"s"');
  });

  test("elements of a list do not say what they are (1.34.4)", async () => {
    const { cluster, made } = await withSecret();
    const { kind: _, apiVersion: __, ...element } = made;
    const { body } = await cluster.call("GET", SECRETS);
    expect(body).toMatchObject({ kind: "SecretList", apiVersion: "v1", items: [element] });
  });

  test("an answer that cannot be given is not followed by a deed", async () => {
    const { cluster } = await withSecret();
    const { status } = await cluster.call("DELETE", `${SECRETS}/s`, undefined, { accept: "application/yaml" });
    expect(status).toBe(406);
    expect(cluster.world.list("secrets")).toHaveLength(1);
  });
});

describe("discovery", () => {
  test.each([
    ["/api", "APIVersions"],
    ["/apis", "APIGroupList"],
    ["/apis/batch", "APIGroup"],
    ["/api/v1", "APIResourceList"],
    ["/apis/batch/v1", "APIResourceList"],
    ["/apis/coordination.k8s.io/v1", "APIResourceList"],
  ])("%s is an %s", async (path, kind) => {
    const { status, body } = await new KubernetesTestWorld().call("GET", path, undefined, {
      accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json",
    });
    expect([status, body.kind]).toEqual([200, kind]);
  });

  test("requests for objects are counted, discovery is not", async () => {
    const { cluster } = await withSecret();
    await cluster.call("GET", "/api/v1");
    await cluster.call("GET", SECRETS);
    await cluster.call("GET", `${SECRETS}/none`);
    expect(Object.fromEntries(cluster.world.requests())).toEqual({
      "create secrets": 1,
      "list secrets": 1,
      "get secrets": 1,
    });
  });

  test("the date of every answer is the world's", async () => {
    const cluster = new KubernetesTestWorld();
    await cluster.clock.advance(86_400_000);
    const { headers } = await cluster.call("GET", "/readyz");
    expect(headers.date).toBe(new Date(START_MS + 86_400_000).toUTCString());
  });
});
