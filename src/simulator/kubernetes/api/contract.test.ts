import { beforeAll, describe, expect, test } from "vitest";
import { KubernetesTestWorld } from "../../../../test/support/kubernetes-world.ts";
import type { HttpRequest } from "../../../http/transport.ts";

/**
 * Answers that were compared, one by one, with those of a real API server 1.34.4 (etcd 3.6.6, controller manager and scheduler beside it):
 * code, reason, details and the fields of the causes are equal; the wording of decoding errors is our own.
 */

const SECRETS = "/api/v1/namespaces/default/secrets";
const JOBS = "/apis/batch/v1/namespaces/default/jobs";
const LEASES = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
const MERGE = "application/merge-patch+json";
const JSON_PATCH = "application/json-patch+json";

const secret = (name: string, metadata: object = {}, rest: object = {}) => ({
  kind: "Secret",
  metadata: { name, ...metadata },
  ...rest,
});
const job = (pod: object, spec: object = {}) => ({
  metadata: { name: "new" },
  spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "a", image: "b:1" }], ...pod } }, ...spec },
});

let cluster: KubernetesTestWorld;
const kept = () => [...cluster.world.list("secrets"), ...cluster.world.list("jobs")];

beforeAll(async () => {
  cluster = new KubernetesTestWorld();
  await cluster.call("POST", SECRETS, secret("kept", {}, { stringData: { a: "b" } }));
  await cluster.call("POST", SECRETS, secret("fixed", {}, { immutable: true, stringData: { a: "b" } }));
  await cluster.call("POST", SECRETS, secret("going", { finalizers: ["a/b"] }));
  await cluster.call("DELETE", `${SECRETS}/going`);
  await cluster.call("POST", JOBS, { ...job({ nodeSelector: { no: "node" } }), metadata: { name: "kept" } });
  await cluster.call("POST", LEASES, {
    metadata: { name: "kept" },
    spec: { holderIdentity: "me", leaseDurationSeconds: 15 },
  });
  await cluster.call("POST", "/api/v1/namespaces", { metadata: { name: "ending" } });
  await cluster.call("POST", "/api/v1/namespaces/ending/secrets", secret("a"));
  await cluster.call("DELETE", "/api/v1/namespaces/ending");
});

type Refusal = readonly [
  what: string,
  method: HttpRequest["method"],
  path: string,
  body: unknown,
  code: number,
  reason: string | undefined,
  fields?: readonly string[],
  headers?: Readonly<Record<string, string>>,
];
const merge = { "content-type": MERGE };
const jsonPatch = { "content-type": JSON_PATCH };

const REFUSALS: readonly Refusal[] = [
  ["an absent object", "GET", `${SECRETS}/none`, undefined, 404, "NotFound"],
  ["an unknown kind", "GET", "/api/v1/namespaces/default/widgets", undefined, 404, "NotFound"],
  ["a kind of another group", "GET", "/apis/batch/v1/namespaces/default/secrets", undefined, 404, "NotFound"],
  ["a namespaced object without its namespace", "GET", "/api/v1/secrets/kept", undefined, 404, "NotFound"],
  ["a log of an absent pod", "GET", "/api/v1/namespaces/default/pods/none/log", undefined, 404, "NotFound"],
  ["POST to an object", "POST", `${SECRETS}/kept`, {}, 405, "MethodNotAllowed"],
  ["POST across namespaces", "POST", "/api/v1/secrets", secret("x"), 405, "MethodNotAllowed"],
  ["DELETE across namespaces", "DELETE", "/api/v1/secrets", undefined, 405, "MethodNotAllowed"],
  ["DELETE of all namespaces", "DELETE", "/api/v1/namespaces", undefined, 405, "MethodNotAllowed"],
  ["PUT to a collection", "PUT", SECRETS, {}, 405, "MethodNotAllowed"],
  [
    "a form that it does not have",
    "GET",
    `${SECRETS}/kept`,
    undefined,
    406,
    "NotAcceptable",
    [],
    { accept: "application/xml" },
  ],
  [
    "a list's form for one object",
    "GET",
    `${SECRETS}/kept`,
    undefined,
    406,
    "NotAcceptable",
    [],
    { accept: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1" },
  ],
  [
    "a body that is not JSON by its type",
    "POST",
    SECRETS,
    "x",
    415,
    "UnsupportedMediaType",
    [],
    { "content-type": "text/plain" },
  ],
  ["a body that is not JSON", "POST", SECRETS, "not json", 400, "BadRequest"],
  ["a body that is a list", "POST", SECRETS, "[]", 400, "BadRequest"],
  ["another kind", "POST", SECRETS, { kind: "ConfigMap", metadata: { name: "x" } }, 400, "BadRequest"],
  ["another namespace", "POST", SECRETS, secret("x", { namespace: "other" }), 400, "BadRequest"],
  ["labels that are a list", "POST", SECRETS, secret("x", { labels: [] }), 400, "BadRequest"],
  ["a label that is a number", "POST", SECRETS, secret("x", { labels: { a: 1 } }), 400, "BadRequest"],
  ["data that is not base64", "POST", SECRETS, secret("x", {}, { data: { a: "no base64!" } }), 400, "BadRequest"],
  ["data without its padding", "POST", SECRETS, secret("x", {}, { data: { a: "eA=" } }), 400, "BadRequest"],
  ["a resourceVersion of its own", "POST", SECRETS, secret("x", { resourceVersion: "12" }), 500, undefined],
  ["no name", "POST", SECRETS, { kind: "Secret" }, 422, "Invalid", ["metadata.name"]],
  ["a bad name", "POST", SECRETS, secret("Bad_Name"), 422, "Invalid", ["metadata.name"]],
  [
    "bad labels and a bad key",
    "POST",
    SECRETS,
    secret("x", { labels: { "bad key!": "v", k: "bad value!" } }, { data: { "a b": "eA==" } }),
    422,
    "Invalid",
    ["metadata.labels", "metadata.labels", "data[a b]"],
  ],
  [
    "an owner without name and uid",
    "POST",
    SECRETS,
    secret("x", { ownerReferences: [{ apiVersion: "batch/v1", kind: "Job" }] }),
    422,
    "Invalid",
    ["metadata.ownerReferences.name", "metadata.ownerReferences.uid"],
  ],
  [
    "a finalizer without a domain",
    "POST",
    SECRETS,
    secret("x", { finalizers: ["bad"] }),
    422,
    "Invalid",
    ["metadata.finalizers[0]"],
  ],
  ["a dry run of another kind", "POST", `${SECRETS}?dryRun=Some`, secret("x"), 422, "Invalid", ["dryRun"]],
  ["a taken name", "POST", SECRETS, secret("kept"), 409, "AlreadyExists"],
  ["the name of one that is going", "POST", SECRETS, secret("going"), 409, "AlreadyExists"],
  [
    "an absent namespace, before all other faults",
    "POST",
    "/api/v1/namespaces/none/secrets",
    secret("B_"),
    404,
    "NotFound",
  ],
  [
    "a namespace that is ending",
    "POST",
    "/api/v1/namespaces/ending/secrets",
    secret("x"),
    403,
    "Forbidden",
    ["metadata.namespace"],
  ],
  ["the end of the default namespace", "DELETE", "/api/v1/namespaces/default", undefined, 403, "Forbidden"],
  [
    "a namespace's bad name",
    "POST",
    "/api/v1/namespaces",
    { metadata: { name: "Bad" } },
    422,
    "Invalid",
    ["metadata.name"],
  ],

  [
    "a Job without a template",
    "POST",
    JOBS,
    { metadata: { name: "new" } },
    422,
    "Invalid",
    ["spec.template.spec.containers", "spec.template.spec.restartPolicy"],
  ],
  [
    "a Job that restarts always",
    "POST",
    JOBS,
    job({ restartPolicy: "Always" }),
    422,
    "Invalid",
    ["spec.template.spec.restartPolicy"],
  ],
  [
    "a container without image",
    "POST",
    JOBS,
    job({ containers: [{ name: "a" }] }),
    422,
    "Invalid",
    ["spec.template.spec.containers[0].image"],
  ],
  [
    "a container's bad name",
    "POST",
    JOBS,
    job({ containers: [{ name: "Bad_", image: "b" }] }),
    422,
    "Invalid",
    ["spec.template.spec.containers[0].name"],
  ],
  [
    "a container twice, with requests above limits",
    "POST",
    JOBS,
    job({
      containers: [
        { name: "a", image: "b" },
        { name: "a", image: "b", resources: { requests: { cpu: "2" }, limits: { cpu: "1" } } },
      ],
    }),
    422,
    "Invalid",
    ["spec.template.spec.containers[1].resources.requests", "spec.template.spec.containers[1].name"],
  ],
  [
    "negative numbers",
    "POST",
    JOBS,
    job({}, { parallelism: -1, backoffLimit: -1 }),
    422,
    "Invalid",
    ["spec.parallelism", "spec.backoffLimit"],
  ],
  [
    "a quantity that is none",
    "POST",
    JOBS,
    job({ containers: [{ name: "a", image: "b", resources: { requests: { cpu: "2x" } } }] }),
    400,
    "BadRequest",
  ],
  [
    "a variable that is a number",
    "POST",
    JOBS,
    job({ containers: [{ name: "a", image: "b", env: [{ name: "A", value: 1 }] }] }),
    400,
    "BadRequest",
  ],
  ["a node selector that is a truth value", "POST", JOBS, job({ nodeSelector: { a: true } }), 400, "BadRequest"],
  ["a spec that is text", "POST", JOBS, { metadata: { name: "new" }, spec: "x" }, 400, "BadRequest"],
  [
    "another template",
    "PATCH",
    `${JOBS}/kept`,
    { spec: { template: { spec: { containers: [{ name: "z", image: "q" }] } } } },
    422,
    "Invalid",
    ["spec.template"],
    merge,
  ],

  [
    "a patch of an old version",
    "PATCH",
    `${SECRETS}/kept`,
    { metadata: { resourceVersion: "1", labels: { a: "b" } } },
    409,
    "Conflict",
    [],
    merge,
  ],
  [
    "a patch of another's uid",
    "PATCH",
    `${SECRETS}/kept`,
    { metadata: { uid: "other" } },
    422,
    "Invalid",
    ["metadata.uid"],
    merge,
  ],
  [
    "a patch of an old version and another's uid",
    "PATCH",
    `${SECRETS}/kept`,
    { metadata: { uid: "other", resourceVersion: "1" } },
    409,
    "Conflict",
    [],
    merge,
  ],
  ["a patch of the name", "PATCH", `${SECRETS}/kept`, { metadata: { name: "other" } }, 400, "BadRequest", [], merge],
  ["a patch of the type", "PATCH", `${SECRETS}/kept`, { type: "other" }, 422, "Invalid", ["type"], merge],
  [
    "a patch of an absent object",
    "PATCH",
    `${SECRETS}/none`,
    { metadata: { resourceVersion: "1" } },
    404,
    "NotFound",
    [],
    merge,
  ],
  [
    "a patch that spoils labels",
    "PATCH",
    `${SECRETS}/kept`,
    { metadata: { labels: { "a b": "c" } } },
    422,
    "Invalid",
    ["metadata.labels"],
    merge,
  ],
  ["a patch that spoils data", "PATCH", `${SECRETS}/kept`, { data: { a: "!!" } }, 422, "Invalid", ["patch"], merge],
  ["a patch that is not JSON", "PATCH", `${SECRETS}/kept`, "nojson", 400, "BadRequest", [], merge],
  ["a patch that is a list", "PATCH", `${SECRETS}/kept`, "[]", 400, "BadRequest", [], merge],
  ["a patch of no known kind", "PATCH", `${SECRETS}/kept`, {}, 415, "UnsupportedMediaType"],
  [
    "a finalizer on one that is going",
    "PATCH",
    `${SECRETS}/going`,
    { metadata: { finalizers: ["a/b", "c/d"] } },
    422,
    "Invalid",
    ["metadata.finalizers"],
    merge,
  ],
  [
    "a JSON patch whose test fails",
    "PATCH",
    `${SECRETS}/kept`,
    [{ op: "test", path: "/metadata/resourceVersion", value: "1" }],
    422,
    "Invalid",
    [],
    jsonPatch,
  ],
  [
    "a JSON patch that removes nothing",
    "PATCH",
    `${SECRETS}/kept`,
    [{ op: "remove", path: "/metadata/annotations/none" }],
    422,
    "Invalid",
    [],
    jsonPatch,
  ],
  [
    "a JSON patch into nothing",
    "PATCH",
    `${SECRETS}/kept`,
    [{ op: "add", path: "/no/such/path", value: 1 }],
    422,
    "Invalid",
    [],
    jsonPatch,
  ],
  [
    "a JSON patch of an unknown operation",
    "PATCH",
    `${SECRETS}/kept`,
    [{ op: "bogus", path: "/x" }],
    422,
    "Invalid",
    [],
    jsonPatch,
  ],
  [
    "a JSON patch that sets an old version",
    "PATCH",
    `${SECRETS}/kept`,
    [{ op: "replace", path: "/metadata/resourceVersion", value: "1" }],
    409,
    "Conflict",
    [],
    jsonPatch,
  ],
  ["a JSON patch that is no list", "PATCH", `${SECRETS}/kept`, {}, 400, "BadRequest", [], jsonPatch],
  ["fixed data taken away", "PATCH", `${SECRETS}/fixed`, { data: null }, 422, "Invalid", ["data"], merge],
  ["fixed data made loose", "PATCH", `${SECRETS}/fixed`, { immutable: false }, 422, "Invalid", ["immutable"], merge],

  ["a PUT of an old version", "PUT", `${SECRETS}/kept`, secret("kept", { resourceVersion: "1" }), 409, "Conflict"],
  ["a PUT of another's uid", "PUT", `${SECRETS}/kept`, secret("kept", { uid: "123" }), 409, "Conflict"],
  ["a PUT of another name", "PUT", `${SECRETS}/kept`, secret("other"), 400, "BadRequest"],
  ["a PUT of an absent object", "PUT", `${SECRETS}/none`, secret("none"), 404, "NotFound"],
  [
    "a PUT of a version that is no number",
    "PUT",
    `${SECRETS}/kept`,
    secret("kept", { resourceVersion: "abc" }),
    500,
    undefined,
  ],
  [
    "a PUT of a Lease without version",
    "PUT",
    `${LEASES}/kept`,
    { metadata: { name: "kept" } },
    422,
    "Invalid",
    ["metadata.resourceVersion"],
  ],
  [
    "a Lease that lasts no time",
    "POST",
    LEASES,
    { metadata: { name: "x" }, spec: { leaseDurationSeconds: 0 } },
    422,
    "Invalid",
    ["spec.leaseDurationSeconds"],
  ],

  ["a DELETE of another's uid", "DELETE", `${SECRETS}/kept`, { preconditions: { uid: "123" } }, 409, "Conflict"],
  [
    "a DELETE of an old version",
    "DELETE",
    `${SECRETS}/kept`,
    { preconditions: { resourceVersion: "1" } },
    409,
    "Conflict",
  ],
  [
    "a DELETE of an unknown propagation",
    "DELETE",
    `${SECRETS}/kept`,
    { propagationPolicy: "Foo" },
    422,
    "Invalid",
    ["propagationPolicy"],
  ],
  [
    "a DELETE of two propagations",
    "DELETE",
    `${SECRETS}/kept`,
    { propagationPolicy: "Foreground", orphanDependents: true },
    422,
    "Invalid",
    ["propagationPolicy"],
  ],
  [
    "a DELETE of an absent object with a uid",
    "DELETE",
    `${SECRETS}/none`,
    { preconditions: { uid: "123" } },
    404,
    "NotFound",
  ],
  ["a DELETE whose options are of another kind", "DELETE", `${SECRETS}/kept`, { kind: "Foo" }, 500, undefined],

  ["half a selector", "GET", `${SECRETS}?labelSelector=x%20in%20`, undefined, 400, "BadRequest"],
  ["a selector of two words", "GET", `${SECRETS}?labelSelector=bad%20key%3Dx`, undefined, 400, "BadRequest"],
  ["a selector of commas", "GET", `${SECRETS}?labelSelector=,,`, undefined, 400, "BadRequest"],
  ["a field that cannot be selected by", "GET", `${SECRETS}?fieldSelector=foo%3Dbar`, undefined, 400, "BadRequest"],
  ["half a field selector", "GET", `${SECRETS}?fieldSelector=metadata.name`, undefined, 400, "BadRequest"],
  ["a limit that is no number", "GET", `${SECRETS}?limit=abc`, undefined, 400, "BadRequest"],
  ["a version that is no number", "GET", `${SECRETS}?resourceVersion=abc`, undefined, 400, "BadRequest"],
  ["a version of the future", "GET", `${SECRETS}?resourceVersion=99999999`, undefined, 504, "Timeout"],
  [
    "a match of no version",
    "GET",
    `${SECRETS}?resourceVersionMatch=Exact`,
    undefined,
    422,
    "Invalid",
    ["resourceVersionMatch"],
  ],
  ["a token that is none", "GET", `${SECRETS}?limit=1&continue=abc`, undefined, 400, "BadRequest"],
  [
    "a watch from a version that is no number",
    "GET",
    `${SECRETS}?watch=1&resourceVersion=abc`,
    undefined,
    500,
    undefined,
  ],
];

describe("the API refuses as a real one does", () => {
  for (const [what, method, path, body, code, reason, fields = [], headers = {}] of REFUSALS) {
    test(`${what}: ${method} ${path}`, async () => {
      const before = kept();

      const reply = await cluster.call(method, path, body, headers);

      expect(reply.status).toBe(code);
      expect(reply.body).toMatchObject({ kind: "Status", apiVersion: "v1", status: "Failure", code });
      expect(reply.body.reason).toBe(reason);
      if (reason === "Invalid") expect((reply.body.details?.causes ?? []).map(({ field }) => field)).toEqual(fields);
      expect(kept()).toEqual(before);
    });
  }

  test("a path outside of the API is plain text", async () => {
    const reply = await cluster.call("GET", "/apis/foo/v1");
    expect([reply.status, reply.text, reply.headers["content-type"]]).toEqual([
      404,
      "404 page not found\n",
      "text/plain; charset=utf-8",
    ]);
  });

  test("no refusal repeats what a Secret holds", async () => {
    const hidden = Buffer.from("hunter2").toString("base64");
    const reply = await cluster.patch(`${SECRETS}/kept`, { data: { a: `${hidden}!`, b: hidden } });
    expect(reply.status).toBe(422);
    expect(reply.text).not.toContain(hidden);
  });
});
