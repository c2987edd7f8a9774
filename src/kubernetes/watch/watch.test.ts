import { describe, expect, onTestFinished, test } from "vitest";
import {
  type Answer,
  dropped,
  event,
  refusing,
  type ScriptedKubernetes,
  scriptedKubernetes,
  silence,
  streaming,
  unreachable,
} from "../../../test/support/scripted-kubernetes.ts";
import type { HttpRequest } from "../../http/transport.ts";
import { VirtualClock } from "../../simulator/virtual-clock.ts";
import { seededRandom } from "../../support/random.ts";
import { PODS } from "../client/kind.ts";
import { type WatchEvent, watch } from "./watch.ts";

const scriptedServer = (answers: readonly Answer[]) => scriptedKubernetes(new VirtualClock(0), answers);

const pod = (name: string, resourceVersion: string) => ({ metadata: { name, resourceVersion } });
const added = (name: string, version: string) => event("ADDED", pod(name, version));
const bookmark = (version: string) => event("BOOKMARK", { kind: "Pod", metadata: { resourceVersion: version } });
const expired = {
  kind: "Status",
  status: "Failure",
  message: "too old resource version",
  reason: "Expired",
  code: 410,
};

/** A watch from version "v0" that collects what it gets. */
interface Watching {
  readonly server: ScriptedKubernetes;
  readonly seen: string[];
  readonly ended: Promise<"ended" | Error>;
  readonly stop: (reason: Error) => void;
  /** Where each connection began: the resourceVersions that were asked for. */
  readonly from: () => readonly (string | null)[];
}

function watching(answers: readonly Answer[], onEvent: (event: WatchEvent) => void = () => {}): Watching {
  const server = scriptedServer(answers);
  const controller = new AbortController();
  const seen: string[] = [];
  const options = { resourceVersion: "v0", random: seededRandom(1), clock: server.clock, log: server.log };
  const run = async () => {
    for await (const it of watch(server.client, PODS, { ...options, labelSelector: "job-name" }, controller.signal)) {
      seen.push(`${it.type} ${(it.object.metadata as { name: string }).name}`);
      onEvent(it);
    }
    return "ended" as const;
  };
  const ended = run().catch((error: unknown) => error as Error);
  const stop = (reason: Error) => controller.abort(reason);
  onTestFinished(() => stop(new Error("the test is over")));
  return { server, seen, ended, stop, from: () => server.requests.map((it) => query(it).get("resourceVersion")) };
}

const query = (request: HttpRequest | undefined) => new URL(request?.url ?? "").searchParams;

test("asks for bookmarks, and for a time that differs from connection to connection", async () => {
  const { server } = watching([streaming([bookmark("v1")])]);
  await server.clock.advance(10_000);
  const params = query(server.requests[0]);
  expect(Object.fromEntries([...params].filter(([name]) => name !== "timeoutSeconds"))).toEqual({
    watch: "true",
    allowWatchBookmarks: "true",
    resourceVersion: "v0",
    labelSelector: "job-name",
  });
  const times = server.requests.map((it) => Number(query(it).get("timeoutSeconds")));
  expect(new Set(times).size).toBeGreaterThan(10);
  expect(Math.min(...times)).toBeGreaterThanOrEqual(240);
  expect(Math.max(...times)).toBeLessThanOrEqual(480);
});

test("gives changes in order, and keeps bookmarks to itself", async () => {
  const lines = [added("a", "v1"), bookmark("v5"), event("MODIFIED", pod("a", "v6")), event("DELETED", pod("a", "v7"))];
  const { server, seen } = watching([streaming(lines, "stays open")]);
  await server.clock.advance(1_000);
  expect(seen).toEqual(["ADDED a", "MODIFIED a", "DELETED a"]);
});

describe("goes on from the last event or bookmark", () => {
  test.each<[string, Answer]>([
    ["the server ends the connection", streaming([added("a", "odd/9"), bookmark("odd/1")])],
    ["the connection breaks", streaming([added("a", "odd/9"), bookmark("odd/1")], "breaks")],
    [
      "the last event is cut off",
      streaming([added("a", "odd/9"), bookmark("odd/1"), added("b", "odd/2").slice(0, 30)]),
    ],
    [
      "a line is no JSON",
      streaming([added("a", "odd/9"), bookmark("odd/1"), "<html>\n", added("x", "odd/3")], "stays open"),
    ],
    [
      "an event is none",
      streaming([added("a", "odd/9"), bookmark("odd/1"), '{"type":"HELLO"}\n', added("x", "odd/3")]),
    ],
    ["it goes silent", streaming([added("a", "odd/9"), bookmark("odd/1")], "stays open")],
    [
      "the server reports an error",
      streaming([added("a", "odd/9"), bookmark("odd/1"), event("ERROR", { kind: "Status", code: 500 })]),
    ],
  ])("when %s", async (_, first) => {
    const { server, seen, from } = watching([first, streaming([added("b", "odd/2")], "stays open"), silence]);
    await server.clock.advance(120_000);
    expect(seen).toEqual(["ADDED a", "ADDED b"]);
    expect(from().slice(0, 2)).toEqual(["v0", "odd/1"]);
  });
});

describe("a connection without a sign of life", () => {
  test("is dropped after 90 s, and its request aborted", async () => {
    const { server } = watching([streaming([bookmark("v1")], "stays open")]);
    await server.clock.advance(89_999);
    expect(server.requests[0]?.signal?.aborted).toBe(false);
    await server.clock.advance(1_000);
    expect(server.requests[0]?.signal?.aborted).toBe(true);
    expect(server.requests).toHaveLength(2);
  });

  test("is dropped too when the server does not even answer", async () => {
    const { server, seen } = watching([silence, streaming([added("a", "v1")], "stays open")]);
    await server.clock.advance(95_000);
    expect(seen).toEqual(["ADDED a"]);
  });

  test("is not one that brings a bookmark each minute", async () => {
    const clock = new VirtualClock(0);
    const each: Answer = () => ({
      status: 200,
      headers: {},
      body: (async function* () {
        for (let i = 0; i < 4; i += 1) {
          await clock.sleep(60_000);
          yield bookmark(`v${i}`);
        }
      })(),
    });
    const server = scriptedKubernetes(clock, [each]);
    const controller = new AbortController();
    const options = { resourceVersion: "v0", random: seededRandom(1), clock, log: server.log };
    const ended = watch(server.client, PODS, options, controller.signal).next();
    await clock.advance(239_000);
    expect(server.requests).toHaveLength(1);
    controller.abort(new Error("enough"));
    await expect(ended).rejects.toThrow("enough");
  });
});

describe("history that is gone: ends, so that the caller lists again", () => {
  test.each<[string, Answer]>([
    ["as a status", refusing(410, "Expired")],
    ["as an event", streaming([added("a", "v1"), event("ERROR", expired), added("b", "v2")], "stays open")],
  ])("410 %s", async (_, answer) => {
    const { server, ended } = watching([answer]);
    expect(await server.settle(ended)).toBe("ended");
    expect(server.requests).toHaveLength(1);
  });
});

describe("waits between connections", () => {
  test("longer after each failure, at most 30 s, never in step with others", async () => {
    const { server } = watching([unreachable]);
    await server.clock.advance(300_000);
    const gaps = server.arrivals.slice(1).map((at, i) => at - (server.arrivals[i] ?? 0));
    for (const [i, gap] of gaps.entries()) {
      const full = Math.min(30_000, 500 * 2 ** i);
      expect(gap).toBeGreaterThanOrEqual(full / 2);
      expect(gap).toBeLessThanOrEqual(full);
    }
    expect(new Set(gaps).size).toBe(gaps.length);
  });

  test("as long as the server asks for", async () => {
    const { server } = watching([refusing(429, "TooManyRequests", {}, { "retry-after": "20" }), silence]);
    await server.clock.advance(19_000);
    expect(server.requests).toHaveLength(1);
    await server.clock.advance(2_000);
    expect(server.requests).toHaveLength(2);
  });

  test("hardly at all after a connection that did its work", async () => {
    const { server } = watching([unreachable, unreachable, streaming([added("a", "v1")]), silence]);
    await server.clock.advance(5_000);
    expect((server.arrivals[3] ?? Infinity) - (server.arrivals[2] ?? 0)).toBeLessThanOrEqual(200);
  });

  test("but a server that closes at once and says nothing is not run against", async () => {
    const { server } = watching([streaming([])]);
    await server.clock.advance(60_000);
    expect(server.requests.length).toBeLessThan(12);
  });
});

describe("ends with an error", () => {
  test.each<[string, Answer, number]>([
    ["without permission", refusing(403, "Forbidden"), 403],
    ["when the server does not know the request", refusing(400, "BadRequest"), 400],
  ])("%s", async (_, answer, status) => {
    const { server, ended } = watching([answer]);
    expect(await server.settle(ended)).toMatchObject({ name: "KubernetesError", status });
    expect(server.requests).toHaveLength(1);
  });

  test.each<[string, Answer]>([
    ["connected", streaming([added("a", "v1")], "stays open")],
    ["waiting for the server", silence],
    ["backing off", dropped],
  ])("with the signal's reason, at once, while %s", async (_, answer) => {
    const { server, ended, stop } = watching([answer]);
    await server.clock.advance(10);
    stop(new Error("shutting down"));
    await server.clock.advance(0);
    expect(await ended).toEqual(new Error("shutting down"));
    expect(server.requests.at(-1)?.signal?.aborted).toBe(true);
  });

  test("of its reader: what the reader throws is not swallowed, and closes the connection", async () => {
    const failure = new Error("the reader's own");
    const { server, ended } = watching([streaming([added("a", "v1"), added("b", "v2")], "stays open")], () => {
      throw failure;
    });
    await server.clock.advance(10);
    expect(await ended).toBe(failure);
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]?.signal?.aborted).toBe(true);
  });
});
