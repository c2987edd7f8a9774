import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { event } from "../../test/support/scripted-kubernetes.ts";
import { VirtualClock } from "../simulator/virtual-clock.ts";
import { silentLog } from "../support/log.ts";
import { seededRandom } from "../support/random.ts";
import { JOBS, PODS } from "./client/kind.ts";
import { connectKubernetes } from "./connection.ts";
import { watch } from "./watch/watch.ts";

/*
 * Slow and dropped connections, over real sockets: the server shows when a request has arrived and when its connection has gone; time
 * passes only when the test says so.
 */

const never = new AbortController().signal;
const place = { namespace: "ci", name: "runner-1" };
const job = { metadata: { name: "runner-1" } };

/** One request at the server, to be answered by the test. */
interface Arrival {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Resolves when the connection is gone. */
  readonly gone: Promise<void>;
}

async function start() {
  const arrivals: Arrival[] = [];
  let arrived = () => {};
  const server: Server = createServer((request, response) => {
    const gone = new Promise<void>((resolve) => void response.on("close", resolve));
    arrivals.push({ request, response, gone });
    arrived();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const clock = new VirtualClock(0);
  const text = JSON.stringify({
    "current-context": "main",
    clusters: [{ name: "c", cluster: { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` } }],
    contexts: [{ name: "main", context: { cluster: "c" } }],
  });
  const connection = await connectKubernetes({
    env: { KUBECONFIG: "/config" },
    readFile: async () => text,
    clock,
    random: seededRandom(1),
    log: silentLog,
  });
  onTestFinished(async () => {
    await connection.close();
    server.closeAllConnections();
    await new Promise<void>((resolve) => void server.close(() => resolve()));
  });
  /** The n-th request, once it is there. */
  const arrival = async (n: number): Promise<Arrival> => {
    for (;;) {
      const found = arrivals[n - 1];
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        arrived = resolve;
      });
    }
  };
  /** Lets a pause begin and pass, then waits for the request that follows it. */
  const afterPause = async (n: number): Promise<Arrival> => {
    const next = arrival(n);
    let here = false;
    void next.then(() => {
      here = true;
    });
    while (!here) await clock.advance(100);
    return next;
  };
  return { client: connection.client, clock, arrival, afterPause, arrivals };
}

test("a server that takes a request and never answers is let go after 30 s, and asked again", async () => {
  const { client, clock, arrival, afterPause } = await start();
  const reading = client.get(JOBS, place, never);
  const first = await arrival(1);
  await clock.advance(30_000);
  await first.gone;
  (await afterPause(2)).response.end(JSON.stringify(job));
  expect(await reading).toEqual(job);
});

test("a body that stalls half-way is let go too", async () => {
  const { client, clock, arrival, afterPause } = await start();
  const reading = client.get(JOBS, place, never);
  const first = await arrival(1);
  first.response.write('{"metadata":');
  await clock.advance(30_000);
  await first.gone;
  (await afterPause(2)).response.end(JSON.stringify(job));
  expect(await reading).toEqual(job);
});

test.each<[string, (response: ServerResponse) => void]>([
  ["before the reply", (response) => response.destroy()],
  ["within the head", (response) => response.socket?.end("HTTP/1.1 200 OK\r\ncontent-ty")],
  [
    "within the body",
    (response) => void response.writeHead(200, { "content-length": 100 }).write("{", () => response.destroy()),
  ],
  ["within a body of unknown length", (response) => void response.write('{"metadata":', () => response.destroy())],
])("a connection that is dropped %s: a read is sent again", async (_, drop) => {
  const { client, arrival, afterPause } = await start();
  const reading = client.get(JOBS, place, never);
  drop((await arrival(1)).response);
  (await afterPause(2)).response.end(JSON.stringify(job));
  expect(await reading).toEqual(job);
});

test("a creation whose connection is dropped is not sent again", async () => {
  const { client, arrival, arrivals } = await start();
  const creating = client.create(JOBS, "ci", job, never);
  (await arrival(1)).response.destroy();
  await expect(creating).rejects.toMatchObject({ outcome: "unknown" });
  expect(arrivals).toHaveLength(1);
});

test("an abort closes the connection", async () => {
  const { client, arrival } = await start();
  const controller = new AbortController();
  const reading = client.get(JOBS, place, controller.signal);
  const { gone } = await arrival(1);
  controller.abort(new Error("shutting down"));
  await expect(reading).rejects.toThrow("shutting down");
  await gone;
});

test("a watch survives silence, a cut within an event, and a lost connection, and closes when it is left", async () => {
  const { client, clock, arrival, afterPause } = await start();
  const pod = (name: string, resourceVersion: string) => ({ metadata: { name, resourceVersion } });
  const options = { resourceVersion: "v0", clock, random: seededRandom(1), log: silentLog };
  const events = watch(client, PODS, options, never);
  const next = async () => {
    const { value } = await events.next();
    return value && `${value.type} ${(value.object.metadata as { name: string }).name}`;
  };
  const from = ({ request }: Arrival) => new URL(request.url ?? "", "http://x").searchParams.get("resourceVersion");

  const added = next();
  const first = await arrival(1);
  first.response.write(event("ADDED", pod("a", "v1")));
  expect(await added).toBe("ADDED a");

  const modified = next();
  await clock.advance(90_000);
  await first.gone;
  const second = await afterPause(2);
  second.response.end(event("MODIFIED", pod("a", "v2")) + event("DELETED", pod("a", "v3")).slice(0, 20));
  expect(await modified).toBe("MODIFIED a");

  const deleted = next();
  const third = await afterPause(3);
  third.response.destroy();
  const fourth = await afterPause(4);
  fourth.response.write(event("DELETED", pod("a", "v3")));
  expect(await deleted).toBe("DELETED a");
  expect([first, second, third, fourth].map(from)).toEqual(["v0", "v1", "v2", "v2"]);

  await events.return();
  await fourth.gone;
});
