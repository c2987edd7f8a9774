import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import {
  type Answer,
  dropped,
  json,
  notFound,
  refusing,
  scriptedKubernetes,
  silence,
  streaming,
  unreachable,
} from "../../../test/support/scripted-kubernetes.ts";
import type { RequestEnded } from "../../domain/events.ts";
import { VirtualClock } from "../../simulator/virtual-clock.ts";
import { Secret } from "../../support/secret.ts";
import type { CredentialSource } from "../auth/credentials.ts";
import { KubernetesError } from "../errors.ts";
import type { ClientOptions, KubeClient } from "./client.ts";
import { JOBS, NAMESPACES, PODS, SECRETS } from "./kind.ts";
import { RequestError } from "./request-error.ts";

const scriptedServer = (answers: readonly Answer[], parts: Partial<ClientOptions> = {}) =>
  scriptedKubernetes(new VirtualClock(0), answers, parts);

const never = new AbortController().signal;

/** Matches a text. */
const like = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const place = { namespace: "ci", name: "runner-1" };
const stored = { metadata: { name: "runner-1" }, spec: { anything: [1, null, { deep: true }] } };

describe("what is sent", () => {
  property.prop([fc.dictionary(fc.string(), fc.jsonValue())])(
    "an object reaches the server with every field it has",
    async (object) => {
      const server = scriptedServer([json({}, 201)]);
      await server.client.create(JOBS, "ci", object, never);
      expect(JSON.parse(server.requests[0]?.body ?? "")).toEqual(JSON.parse(JSON.stringify(object)));
    },
  );

  test.each<[string, (client: KubeClient) => Promise<unknown>, string, string]>([
    ["get", (c) => c.get(JOBS, place, never), "GET", "/apis/batch/v1/namespaces/ci/jobs/runner-1"],
    ["get, no namespace", (c) => c.get(NAMESPACES, { name: "ci" }, never), "GET", "/api/v1/namespaces/ci"],
    ["create", (c) => c.create(JOBS, "ci", stored, never), "POST", "/apis/batch/v1/namespaces/ci/jobs"],
    ["create, no namespace", (c) => c.create(NAMESPACES, undefined, {}, never), "POST", "/api/v1/namespaces"],
    ["patch", (c) => c.patch(PODS, place, {}, never), "PATCH", "/api/v1/namespaces/ci/pods/runner-1"],
    ["delete", (c) => c.delete(PODS, place, {}, never), "DELETE", "/api/v1/namespaces/ci/pods/runner-1"],
    [
      "odd names",
      (c) => c.get(PODS, { namespace: "a/b", name: "c?d" }, never),
      "GET",
      "/api/v1/namespaces/a%2Fb/pods/c%3Fd",
    ],
  ])("%s", async (_, call, method, path) => {
    const server = scriptedServer([json({})]);
    await call(server.client);
    expect(server.requests.map((it) => [it.method, it.url])).toEqual([[method, `https://kube.example${path}`]]);
  });

  test("a server's URL may have a path, with or without a slash at its end", async () => {
    for (const url of ["https://rancher.example/k8s/clusters/c-1", "https://rancher.example/k8s/clusters/c-1/"]) {
      const server = scriptedServer([json({})], { server: url });
      await server.client.get(NAMESPACES, { name: "ci" }, never);
      expect(server.requests[0]?.url).toBe("https://rancher.example/k8s/clusters/c-1/api/v1/namespaces/ci");
    }
  });

  test("patches say that they are merge patches, and Secrets are only ever asked for as metadata", async () => {
    const server = scriptedServer([json({})]);
    await server.client.patch(SECRETS, place, { data: null }, never);
    await server.client.get(SECRETS, place, never);
    await server.client.create(SECRETS, "ci", {}, never);
    await server.client.delete(SECRETS, place, {}, never);
    expect(server.requests[0]?.headers["content-type"]).toBe("application/merge-patch+json");
    expect(new Set(server.requests.map(({ headers }) => headers.accept))).toEqual(
      new Set(["application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"]),
    );
  });
});

describe("answers", () => {
  test("an object comes back as it was sent", async () => {
    expect(await scriptedServer([json(stored)]).client.get(JOBS, place, never)).toEqual(stored);
  });

  test("404 about this very object is absence", async () => {
    expect(await scriptedServer([notFound("runner-1")]).client.get(JOBS, place, never)).toBeUndefined();
  });

  test.each<[string, Answer]>([
    ["a path that the server does not know", refusing(404, "NotFound", { details: {} })],
    ["a proxy's page", json("404 page not found", 404)],
    ["another object", notFound("ci")],
  ])("404 about %s proves nothing", async (_, answer) => {
    const reading = scriptedServer([answer]).client.get(JOBS, place, never);
    await expect(reading).rejects.toMatchObject({ name: "KubernetesError", status: 404 });
  });

  test("a success that is no JSON object is none", async () => {
    const server = scriptedServer([() => ({ status: 200, headers: {}, body: text("<html>") }), json(stored)]);
    expect(await server.settle(server.client.get(JOBS, place, never))).toEqual(stored);
  });
});

describe("sent again", () => {
  const get = (client: KubeClient): Promise<unknown> => client.get(JOBS, place, never);
  const list = (client: KubeClient): Promise<unknown> => client.list(JOBS, {}, (it) => it, never);
  const patch = (client: KubeClient): Promise<unknown> => client.patch(JOBS, place, {}, never);
  const remove = (client: KubeClient): Promise<unknown> => client.delete(JOBS, place, {}, never);
  const create = (client: KubeClient): Promise<unknown> => client.create(JOBS, "ci", stored, never);

  const failures = {
    "a broken connection": dropped,
    "an unreachable server": unreachable,
    "no answer": silence,
    "429": refusing(429, "TooManyRequests"),
    "500": refusing(500, "InternalError"),
    "503 from a balancer": () => ({ status: 503, headers: {}, body: text("busy") }),
    "400": refusing(400, "BadRequest"),
    "403": refusing(403, "Forbidden"),
    "409": refusing(409, "Conflict"),
    "422": refusing(422, "Invalid"),
  } satisfies Record<string, Answer>;
  const passing = ["a broken connection", "an unreachable server", "no answer", "429", "500", "503 from a balancer"];
  test.each<[string, (client: KubeClient) => Promise<unknown>, readonly string[]]>([
    ["get", get, passing],
    ["list", list, passing],
    ["patch", patch, passing],
    ["delete", remove, passing],
    // Only what certainly was not acted on; 409 Conflict is a race for a quota's record.
    ["create", create, ["an unreachable server", "429", "409"]],
  ])("%s", async (_, call, again) => {
    const repeated: string[] = [];
    for (const [name, failure] of Object.entries(failures)) {
      const server = scriptedServer([failure, json({ kind: "JobList", metadata: {}, items: [] })]);
      await server.settle(call(server.client).catch(() => undefined));
      if (server.requests.length > 1) repeated.push(name);
    }
    expect(repeated.sort()).toEqual([...again].sort());
  });

  test("four times at most, further apart each time, and the last failure is told", async () => {
    const server = scriptedServer([refusing(500, "InternalError", { message: "etcd is gone" })]);
    await expect(server.settle(get(server.client))).rejects.toThrow(
      /failed to get jobs "runner-1" in namespace "ci": 500 InternalError: etcd is gone/,
    );
    const gaps = server.arrivals.slice(1).map((at, i) => at - (server.arrivals[i] ?? 0));
    expect(gaps).toHaveLength(3);
    for (const [i, gap] of gaps.entries()) {
      expect(gap).toBeGreaterThanOrEqual(125 * 2 ** i);
      expect(gap).toBeLessThanOrEqual(250 * 2 ** i);
    }
  });

  test("not before the time that the server asks for", async () => {
    const server = scriptedServer([refusing(429, "TooManyRequests", {}, { "retry-after": "7" }), json(stored)]);
    expect(await server.settle(get(server.client))).toEqual(stored);
    expect(server.arrivals).toEqual([0, 7_000]);
  });

  test("not at all when the server asks for more than a minute", async () => {
    const server = scriptedServer([refusing(503, "ServiceUnavailable", {}, { "retry-after": "120" }), json(stored)]);
    await expect(server.settle(get(server.client))).rejects.toMatchObject({ status: 503, retryAfterMs: 120_000 });
  });

  test("a silent server is given up after 30 s each time, and after a minute for good", async () => {
    const server = scriptedServer([silence]);
    await expect(server.settle(get(server.client))).rejects.toThrow(/no complete reply within 30 s/);
    expect(server.arrivals[0]).toBe(0);
    expect(server.arrivals[1]).toBeGreaterThan(30_000);
    expect(server.arrivals).toHaveLength(2);
  });

  test("a body that never ends counts as silence", async () => {
    const server = scriptedServer([streaming(['{"metadata":'], "stays open"), json(stored)]);
    expect(await server.settle(get(server.client))).toEqual(stored);
    expect(server.arrivals[1]).toBeGreaterThan(30_000);
  });

  test("a refusal after an unanswered sending may be its echo", async () => {
    const conflict = refusing(409, "Conflict");
    for (const [first, earlierOutcomeUnknown] of [
      [dropped, true],
      [unreachable, false],
    ] as const) {
      const server = scriptedServer([first, conflict]);
      const failure = { status: 409, reason: "Conflict", earlierOutcomeUnknown };
      await expect(server.settle(patch(server.client))).rejects.toMatchObject(failure);
    }
    const server = scriptedServer([dropped]);
    await expect(server.settle(patch(server.client))).rejects.toMatchObject({
      earlierOutcomeUnknown: true,
      cause: { name: "TransportError" },
    });
  });
});

describe("aborted", () => {
  const reason = new Error("shutting down");

  test.each<[string, Answer]>([
    ["while the server is silent", silence],
    ["while waiting to send again", unreachable],
  ])("%s: with the signal's reason, at once", async (_, answer) => {
    const server = scriptedServer([answer]);
    const controller = new AbortController();
    const reading = server.client.get(JOBS, place, controller.signal);
    const outcome = expect(reading).rejects.toBe(reason);
    await server.clock.advance(10);
    controller.abort(reason);
    await outcome;
    expect(server.requests).toHaveLength(1);
  });

  test("before it began: nothing is sent", async () => {
    const server = scriptedServer([json(stored)]);
    await expect(server.client.get(JOBS, place, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(server.requests).toHaveLength(0);
  });
});

describe("credentials", () => {
  function numberedTokens(): CredentialSource & { refusals: number } {
    return {
      refusals: 0,
      async current() {
        return { token: new Secret(`token-${this.refusals}`) };
      },
      refused() {
        this.refusals += 1;
      },
    };
  }

  test("are renewed once when the server does not know them, and the call goes on", async () => {
    const credentials = numberedTokens();
    const server = scriptedServer([refusing(401, "Unauthorized"), json(stored, 201)], { credentials });
    expect(await server.client.create(JOBS, "ci", stored, never)).toEqual(stored);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer token-0", "Bearer token-1"]);
  });

  test("that are refused again end the call", async () => {
    const server = scriptedServer([refusing(401, "Unauthorized")], { credentials: numberedTokens() });
    const failure = await server.client.get(JOBS, place, never).catch((error: unknown) => error);
    expect(failure).toMatchObject({ status: 401, outcome: "refused" });
    expect((failure as RequestError).remedy).toMatch(/token or client certificate/);
    expect(server.requests).toHaveLength(2);
    expect(JSON.stringify(failure) + String(failure)).not.toContain("token-");
  });

  test("that cannot be had are their own error, and nothing is sent", async () => {
    const failure = new KubernetesError("no token", "make one");
    const credentials: CredentialSource = { current: () => Promise.reject(failure), refused: () => {} };
    const server = scriptedServer([json(stored)], { credentials });
    await expect(server.client.get(JOBS, place, never)).rejects.toBe(failure);
    expect(server.requests).toHaveLength(0);
  });
});

describe("refusals say what and what next", () => {
  const refusalOf = async (call: (client: KubeClient) => Promise<unknown>, answer: Answer) => {
    const failure: unknown = await call(scriptedServer([answer]).client).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RequestError);
    return failure as RequestError;
  };
  const forbidden = (message: string) => refusing(403, "Forbidden", { message });
  const list = (client: KubeClient) => client.list(JOBS, { namespace: "ci" }, (it) => it, never);
  const create = (client: KubeClient) => client.create(JOBS, "ci", {}, never);

  test("a missing permission names verb, resource and namespace, and the rule to add", async () => {
    const failure = await refusalOf(list, forbidden('jobs.batch is forbidden: User "x" cannot list resource "jobs"'));
    expect(failure.message).toMatch(/list jobs in namespace "ci": 403 Forbidden: jobs.batch is forbidden/);
    expect(failure.remedy).toContain('apiGroups: ["batch"], resources: ["jobs"], verbs: ["list"]');
    expect(failure.remedy).toContain('Role in namespace "ci"');
  });

  test("a missing permission for the whole cluster needs a ClusterRole", async () => {
    const failure = await refusalOf((c) => c.list(PODS, {}, (it) => it, never), forbidden("pods is forbidden"));
    expect(failure.message).toContain("list pods in all namespaces");
    expect(failure.remedy).toContain('apiGroups: [""], resources: ["pods"], verbs: ["list"] to the ClusterRole of');
  });

  test.each([
    ['jobs "x" is forbidden: exceeded quota: q', /ResourceQuota of namespace "ci"/],
    ["unable to create new content in namespace ci because it is being terminated", /another namespace/],
    ['admission webhook "w" denied the request: no', /admission webhook/],
  ])("403 is not always a permission: %s", async (message, remedy) => {
    expect((await refusalOf(create, forbidden(message))).remedy).toMatch(remedy);
  });

  test("a namespace that is not there", async () => {
    const answer = refusing(404, "NotFound", { details: { name: "ci", kind: "namespaces" } });
    expect((await refusalOf(create, answer)).remedy).toMatch(/Create namespace "ci"/);
  });

  test("an invalid object names its fields; what the server quotes of a Secret is left out", async () => {
    const answer = refusing(422, "Invalid", {
      message: 'Secret "s" is invalid: data: Invalid value: "hunter2"',
      details: { causes: [{ field: "data[k]" }, { field: "data[k]" }, { field: "metadata.name" }] },
    });
    const failure = await refusalOf((c) => c.create(SECRETS, "ci", { data: { k: "hunter2" } }, never), answer);
    expect(failure.message).toBe(
      'Kubernetes refused to create secrets in namespace "ci": 422 Invalid: data[k], metadata.name',
    );
    expect((await refusalOf(create, answer)).message).toContain("hunter2");
  });

  test.each<[string, Answer, RegExp]>([
    [
      "certificate",
      () => Promise.reject(new Error("self-signed certificate (SELF_SIGNED_CERT_IN_CHAIN)")),
      /certificate-authority/,
    ],
    ["network", unreachable, /up and can be reached/],
  ])("no answer for reasons of the %s", async (_, answer, remedy) => {
    const server = scriptedServer([answer]);
    await expect(server.settle(server.client.get(JOBS, place, never))).rejects.toMatchObject({
      remedy: like(remedy),
      status: undefined,
    });
  });
});

describe("warnings and events", () => {
  test("the server's warnings are logged once each", async () => {
    const warning = '299 - "unknown field \\"spec.tolaration\\"", 299 - "unknown field \\"spec.x\\""';
    const server = scriptedServer([json(stored, 201, { warning })]);
    await server.client.create(JOBS, "ci", stored, never);
    await server.client.create(JOBS, "ci", stored, never);
    expect(server.logged).toEqual([
      [
        "warn",
        "Kubernetes accepted an object with a warning",
        { request: 'create jobs in namespace "ci"', warning: 'unknown field "spec.tolaration"' },
      ],
      [
        "warn",
        "Kubernetes accepted an object with a warning",
        { request: 'create jobs in namespace "ci"', warning: 'unknown field "spec.x"' },
      ],
    ]);
  });

  test("each request is told, with its status or without one", async () => {
    const told: RequestEnded[] = [];
    const server = scriptedServer([dropped, json(stored)], { onRequest: (event) => told.push(event) });
    await server.settle(server.client.get(JOBS, place, never));
    expect(told).toEqual([
      { type: "request-ended", plane: "kubernetes", method: "get", route: "jobs", status: "error", durationMs: 0 },
      { type: "request-ended", plane: "kubernetes", method: "get", route: "jobs", status: 200, durationMs: 0 },
    ]);
  });
});

async function* text(content: string): AsyncGenerator<string> {
  yield content;
}
