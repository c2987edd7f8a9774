import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { type Answer, json, refusing, scriptedKubernetes, silence } from "../../../test/support/scripted-kubernetes.ts";
import type { HttpRequest } from "../../http/transport.ts";
import { VirtualClock } from "../../simulator/virtual-clock.ts";
import { JOBS, SECRETS } from "./kind.ts";

const scriptedServer = (answers: readonly Answer[]) => scriptedKubernetes(new VirtualClock(0), answers);

const never = new AbortController().signal;
const nameOf = (item: Readonly<Record<string, unknown>>) => String(item.name);

/** A server that holds `names` and gives at most `pageSize` at a time. */
function paging(names: readonly string[], pageSize: number): Answer {
  return (request) => {
    const from = Number(new URL(request.url).searchParams.get("continue") ?? "0");
    const next = from + pageSize < names.length ? String(from + pageSize) : "";
    return page(names.slice(from, from + pageSize), next)(request);
  };
}

function page(names: readonly string[], next = ""): Answer {
  const items = names.map((name) => ({ name }));
  return json({ kind: "JobList", metadata: { resourceVersion: "77", ...(next !== "" && { continue: next }) }, items });
}

const queries = (requests: readonly HttpRequest[]) =>
  requests.map(({ url }) => Object.fromEntries(new URL(url).searchParams));

property.prop([fc.uniqueArray(fc.string({ minLength: 1 })), fc.integer({ min: 1, max: 5 })])(
  "a listing holds everything once, in order, however the server pages",
  async (names, pageSize) => {
    const server = scriptedServer([paging(names, pageSize)]);
    expect(await server.client.list(JOBS, {}, nameOf, never)).toEqual({ items: names, resourceVersion: "77" });
  },
);

test("asks for pages of 500 of what the selector picks, from the quorum", async () => {
  const server = scriptedServer([page(["a"], "token"), page(["b"])]);
  await server.client.list(JOBS, { namespace: "ci", labelSelector: "a=b,c" }, nameOf, never);
  expect(queries(server.requests)).toEqual([
    { labelSelector: "a=b,c", limit: "500" },
    { labelSelector: "a=b,c", limit: "500", continue: "token" },
  ]);
  expect(new URL(server.requests[0]?.url ?? "").pathname).toBe("/apis/batch/v1/namespaces/ci/jobs");
});

test("Secrets are listed as metadata only", async () => {
  const list = json({ kind: "PartialObjectMetadataList", metadata: { resourceVersion: "1" }, items: null });
  const server = scriptedServer([list]);
  expect((await server.client.list(SECRETS, { namespace: "ci" }, nameOf, never)).items).toEqual([]);
  expect(server.requests[0]?.headers.accept).toBe("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
});

describe("a server that forgets the state half-way (410)", () => {
  const gone = refusing(410, "Expired");

  test("is asked anew from the start, and what came before is dropped", async () => {
    const server = scriptedServer([page(["old"], "x"), gone, page(["new"], "y"), page(["newer"])]);
    expect((await server.client.list(JOBS, {}, nameOf, never)).items).toEqual(["new", "newer"]);
  });

  test("is asked for everything in one piece in the end", async () => {
    const server = scriptedServer([page(["a"], "x"), gone, page(["b"], "y"), gone, page(["c"])]);
    expect((await server.client.list(JOBS, {}, nameOf, never)).items).toEqual(["c"]);
    expect(queries(server.requests).at(-1)).toEqual({});
  });

  test("and goes on to forget: the listing fails", async () => {
    const server = scriptedServer([gone]);
    await expect(server.client.list(JOBS, {}, nameOf, never)).rejects.toMatchObject({ status: 410 });
    expect(server.requests).toHaveLength(3);
  });
});

describe("no listing from a bad read", () => {
  test("a page that fails fails the whole", async () => {
    const server = scriptedServer([page(["a"], "x"), refusing(500, "InternalError")]);
    await expect(server.settle(server.client.list(JOBS, {}, nameOf, never))).rejects.toMatchObject({ status: 500 });
  });

  test("a page that hangs fails the whole", async () => {
    const server = scriptedServer([page(["a"], "x"), silence]);
    await expect(server.settle(server.client.list(JOBS, {}, nameOf, never))).rejects.toThrow(/no complete reply/);
  });

  test.each<[string, unknown]>([
    ["another kind of object", { kind: "Job", metadata: {}, items: [] }],
    ["a page of something else", { hello: "world" }],
    ["items that are none", { kind: "JobList", metadata: {}, items: ["a"] }],
  ])("%s is no list", async (_, body) => {
    const server = scriptedServer([json(body)]);
    await expect(server.client.list(JOBS, {}, nameOf, never)).rejects.toThrow(/not a list of Kubernetes objects/);
  });

  test("pages that go round in a circle are refused", async () => {
    const server = scriptedServer([page(["a"], "x"), page(["b"], "y"), page(["a"], "x")]);
    await expect(server.client.list(JOBS, {}, nameOf, never)).rejects.toThrow(/circle/);
  });

  test("what `keep` throws is the caller's own", async () => {
    const failure = new Error("unreadable");
    const keep = () => {
      throw failure;
    };
    await expect(scriptedServer([page(["a"])]).client.list(JOBS, {}, keep, never)).rejects.toBe(failure);
  });
});
