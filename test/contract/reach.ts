import { expect, onTestFinished } from "vitest";
import type { Send } from "../../src/http/transport.ts";
import { undiciSend } from "../../src/http/undici.ts";
import { serve } from "../../src/sandbox/serving/http-server.ts";

/** How an adapter gets to a simulated world: gives what it sends with, and the address to send to. */
export type Reach = (world: Send) => Promise<{ readonly send: Send; readonly url: string }>;

/** Straight into the world. */
const inMemory: Reach = async (send) => ({ send, url: "http://simulated.example" });

/** Over real connections on this machine, through the server that the sandbox uses, until the running test ends. */
const overHttp: Reach = async (world) => {
  const errors: Error[] = [];
  const served = await serve(world, { host: "127.0.0.1", port: 0, onError: (error) => errors.push(error) });
  const timeouts = { connectTimeoutMs: 5_000, headersTimeoutMs: 10_000, bodyTimeoutMs: 0 };
  const { send, close } = undiciSend({ ...timeouts, connections: 8 });
  onTestFinished(async () => {
    await close();
    await served.close();
    expect(errors).toEqual([]);
  });
  return { send, url: served.url };
};

/** Every way. */
export const REACHES: readonly (readonly [string, Reach])[] = [
  ["in memory", inMemory],
  ["over HTTP", overHttp],
];
