import { once } from "node:events";
import { connect } from "node:net";
import { Hono } from "hono";
import { afterEach, expect, test } from "vitest";
import { VirtualClock } from "../simulator/virtual-clock.ts";
import { ListenError, type Listening, listen } from "./listen.ts";

const open: Listening[] = [];
const wall = new VirtualClock(0);

afterEach(async () => {
  await Promise.all(open.splice(0).map((listening) => closed(listening)));
});

/** Closes it, letting the grace pass. */
async function closed(listening: Listening): Promise<void> {
  const closing = listening.close();
  await wall.advance(1_000);
  await closing;
}

async function started(app: Hono): Promise<Listening> {
  const listening = await listen(app, { port: 0, host: "127.0.0.1", wall });
  open.push(listening);
  return listening;
}

test("port 0 picks a free one, and it answers", async () => {
  const { port } = await started(new Hono().get("/x", (c) => c.text("here")));
  expect(port).toBeGreaterThan(0);
  const reply = await fetch(`http://127.0.0.1:${port}/x`);
  expect(await reply.text()).toBe("here");
});

test("a port that is taken says so, and what to do", async () => {
  const { port } = await started(new Hono());
  const second = listen(new Hono(), { port, host: "127.0.0.1", wall });
  await expect(second).rejects.toThrow(ListenError);
  await expect(second).rejects.toThrow(
    expect.objectContaining({
      message: expect.stringContaining(`Cannot serve HTTP on 127.0.0.1:${port}: `) as unknown,
      remedy: "Another process has this port: stop it, or choose another port (0 picks a free one).",
    }),
  );
});

test("a close lets a request under way end, and takes no new one", async () => {
  let arrived = () => {};
  let finish = () => {};
  const here = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const end = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const app = new Hono().get("/slow", async (c) => {
    arrived();
    await end;
    return c.text("done");
  });
  const listening = await started(app);
  const reply = fetch(`http://127.0.0.1:${listening.port}/slow`);
  await here;
  const closing = listening.close();
  finish();
  expect(await (await reply).text()).toBe("done");
  await closing;
  await expect(fetch(`http://127.0.0.1:${listening.port}/slow`)).rejects.toThrow();
});

test("what does not end within the grace is cut off", async () => {
  let arrived = () => {};
  const here = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const app = new Hono().get("/stuck", () => {
    arrived();
    return new Promise<Response>(() => {});
  });
  const listening = await started(app);
  const socket = connect(listening.port, "127.0.0.1");
  socket.write("GET /stuck HTTP/1.1\r\nhost: x\r\n\r\n");
  await here;
  const gone = once(socket, "close");
  await closed(listening);
  await gone;
});
