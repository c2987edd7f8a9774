import { describe, expect, test } from "vitest";
import { KubernetesTestWorld } from "../../../../test/support/kubernetes-world.ts";
import { TransportError } from "../../../http/transport.ts";

const SECRETS = "/api/v1/namespaces/default/secrets";

interface WatchEvent {
  readonly type: string;
  readonly object: {
    readonly kind: string;
    readonly code?: number;
    readonly reason?: string;
    readonly metadata: {
      readonly name?: string;
      readonly resourceVersion?: string;
      readonly labels?: object;
      readonly annotations?: object;
    };
  };
}

/** A client that watches: what it was told so far, and how its connection ended. */
class Watcher {
  readonly events: WatchEvent[] = [];
  end: "open" | "ended" | Error = "open";
  readonly #abort = new AbortController();

  static async open(cluster: KubernetesTestWorld, query: string, accept = "application/json"): Promise<Watcher> {
    const watcher = new Watcher();
    const signal = watcher.#abort.signal;
    const url = `http://kubernetes.example${SECRETS}?watch=true&${query}`;
    const reply = await cluster.world.send({ method: "GET", url, headers: { accept }, signal });
    expect(reply.status).toBe(200);
    void (async () => {
      try {
        for await (const piece of reply.body) {
          for (const line of piece.split("\n")) if (line !== "") watcher.events.push(JSON.parse(line) as WatchEvent);
        }
        watcher.end = "ended";
      } catch (error) {
        watcher.end = error as Error;
      }
    })();
    return watcher;
  }

  abort(): void {
    this.#abort.abort();
  }

  /** `ADDED a`, … */
  get told(): readonly string[] {
    return this.events.map(({ type, object }) => `${type} ${object.metadata.name ?? ""}`.trim());
  }
}

const create = (cluster: KubernetesTestWorld, name: string, labels = {}) =>
  cluster.world.create("secrets", "default", { metadata: { name, labels } });
const label = (cluster: KubernetesTestWorld, name: string, labels: object) =>
  cluster.world.change("secrets", "default", name, (object) => ({
    ...object,
    metadata: { ...object.metadata, labels },
  }));

describe("a watch", () => {
  test("without a version begins with what there is, then tells what happens, in order", async () => {
    const cluster = new KubernetesTestWorld();
    create(cluster, "a");
    const watcher = await Watcher.open(cluster, "");
    label(cluster, "a", { x: "y" });
    create(cluster, "b");
    cluster.world.create("secrets", "kube-system", { metadata: { name: "elsewhere" } });
    cluster.world.delete("secrets", "default", "a");
    await cluster.clock.advance(1);
    expect(watcher.told).toEqual(["ADDED a", "MODIFIED a", "ADDED b", "DELETED a"]);
    const versions = watcher.events.map(({ object }) => Number(object.metadata.resourceVersion));
    expect(versions).toEqual(versions.toSorted((x, y) => x - y));
  });

  test("from a list's version misses nothing and repeats nothing", async () => {
    const cluster = new KubernetesTestWorld();
    create(cluster, "a");
    const { body } = await cluster.call("GET", SECRETS);
    create(cluster, "between");
    const watcher = await Watcher.open(cluster, `resourceVersion=${body.metadata.resourceVersion}`);
    create(cluster, "after");
    await cluster.clock.advance(1);
    expect(watcher.told).toEqual(["ADDED between", "ADDED after"]);
  });

  test("through a selector: entering is added, leaving is deleted as it last looked, with the new version (1.34.4)", async () => {
    const cluster = new KubernetesTestWorld();
    create(cluster, "s", { a: "1" });
    const watcher = await Watcher.open(cluster, "labelSelector=a%3D1");
    const left = label(cluster, "s", { a: "2" });
    label(cluster, "s", { a: "3" });
    label(cluster, "s", { a: "1" });
    label(cluster, "s", { a: "1", b: "1" });
    await cluster.clock.advance(1);
    expect(watcher.told).toEqual(["ADDED s", "DELETED s", "ADDED s", "MODIFIED s"]);
    expect(watcher.events[1]?.object.metadata).toMatchObject({
      labels: { a: "1" },
      resourceVersion: left.metadata.resourceVersion,
    });
  });

  test("ends after timeoutSeconds of the world's time", async () => {
    const cluster = new KubernetesTestWorld();
    const watcher = await Watcher.open(cluster, "timeoutSeconds=5");
    await cluster.clock.advance(4_999);
    expect(watcher.end).toBe("open");
    await cluster.clock.advance(1);
    expect(watcher.end).toBe("ended");
  });

  test("without timeoutSeconds lasts 30 to 60 minutes", async () => {
    const cluster = new KubernetesTestWorld();
    const watcher = await Watcher.open(cluster, "");
    await cluster.clock.advance(30 * 60_000 - 1);
    expect(watcher.end).toBe("open");
    await cluster.clock.advance(30 * 60_000);
    expect(watcher.end).toBe("ended");
  });

  test("breaks when the client leaves, as a real connection does", async () => {
    const cluster = new KubernetesTestWorld();
    const watcher = await Watcher.open(cluster, "");
    watcher.abort();
    await cluster.clock.advance(1);
    expect(watcher.end).toBeInstanceOf(TransportError);
  });

  test("ends when the world stops", async () => {
    const cluster = new KubernetesTestWorld();
    const watcher = await Watcher.open(cluster, "");
    cluster.world.stop();
    await cluster.clock.advance(1);
    expect(watcher.end).toBe("ended");
  });

  test("can ask for tables and for metadata alone", async () => {
    const cluster = new KubernetesTestWorld();
    create(cluster, "s");
    const table = await Watcher.open(cluster, "", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json");
    const partial = await Watcher.open(cluster, "", "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io");
    await cluster.clock.advance(1);
    expect([table, partial].map(({ events }) => events[0]?.object.kind)).toEqual(["Table", "PartialObjectMetadata"]);
  });
});

describe("bookmarks", () => {
  test("follow what there is (1.34.4), then within a minute the writes that the client does not see, then nothing", async () => {
    const cluster = new KubernetesTestWorld();
    create(cluster, "s");
    const watcher = await Watcher.open(cluster, "allowWatchBookmarks=true");
    await cluster.clock.advance(60_000);
    expect(watcher.told).toEqual(["ADDED s", "BOOKMARK"]);
    expect(watcher.events[1]?.object.metadata.annotations).toEqual({ "k8s.io/initial-events-end": "true" });
    cluster.world.create("configmaps", "default", { metadata: { name: "unseen" } });
    await cluster.clock.advance(600_000);
    expect(watcher.told).toEqual(["ADDED s", "BOOKMARK", "BOOKMARK"]);
    const { body } = await cluster.call("GET", SECRETS);
    expect(watcher.events[2]?.object.metadata.resourceVersion).toBe(body.metadata.resourceVersion);
  });

  test("come only when they are asked for", async () => {
    const cluster = new KubernetesTestWorld();
    const watcher = await Watcher.open(cluster, "");
    cluster.world.create("configmaps", "default", { metadata: { name: "unseen" } });
    await cluster.clock.advance(600_000);
    expect(watcher.told).toEqual([]);
  });
});

describe("a version that is too old", () => {
  test("is an ERROR event with 410 in a stream that ends (1.34.4)", async () => {
    const cluster = new KubernetesTestWorld();
    create(cluster, "a");
    cluster.world.forgetHistory();
    const watcher = await Watcher.open(cluster, "resourceVersion=1000");
    await cluster.clock.advance(1);
    expect(watcher.events).toMatchObject([{ type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired" } }]);
    expect(watcher.end).toBe("ended");
  });

  test("is a plain 410 where the world is told so", async () => {
    const cluster = new KubernetesTestWorld({ tooOldWatch: "status" });
    create(cluster, "a");
    cluster.world.forgetHistory();
    const { status, body } = await cluster.call("GET", `${SECRETS}?watch=1&resourceVersion=1000`);
    expect([status, body.code, body.reason]).toEqual([410, 410, "Expired"]);
  });

  test("comes after as many writes as the history is long", async () => {
    const cluster = new KubernetesTestWorld({ historyLength: 3 });
    await cluster.clock.advance(1_000);
    const { body } = await cluster.call("GET", SECRETS);
    for (const name of ["a", "b", "c"]) create(cluster, name);
    const inTime = await Watcher.open(cluster, `resourceVersion=${body.metadata.resourceVersion}`);
    create(cluster, "d");
    const late = await Watcher.open(cluster, `resourceVersion=${body.metadata.resourceVersion}`);
    await cluster.clock.advance(1);
    expect(inTime.told).toEqual(["ADDED a", "ADDED b", "ADDED c", "ADDED d"]);
    expect(late.told).toEqual(["ERROR"]);
  });
});
