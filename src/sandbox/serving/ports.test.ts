import { once } from "node:events";
import { createServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import { seededRandom } from "../../support/random.ts";
import { choosePorts, PortTaken } from "./ports.ts";

const servers = new Set<ReturnType<typeof createServer>>();
afterEach(() => {
  for (const server of servers) server.close();
  servers.clear();
});

async function occupy(port: number): Promise<void> {
  const server = createServer().listen(port, "127.0.0.1");
  servers.add(server);
  await once(server, "listening");
}

test("0 finds four neighbours that are free, and passes over those that are not", async () => {
  const first = await choosePorts(0, seededRandom(7));
  expect(first.cleaner).toBe(first.bitbucket + 3);
  await occupy(first.controller);
  const second = await choosePorts(0, seededRandom(7));
  expect(second.bitbucket).not.toBe(first.bitbucket);
});

test("a port that was asked for and is taken is named, with what to do", async () => {
  const { bitbucket, kubernetes } = await choosePorts(0, seededRandom(8));
  await occupy(kubernetes);
  const refused = choosePorts(bitbucket, seededRandom(1));
  await expect(refused).rejects.toThrow(PortTaken);
  await expect(refused).rejects.toThrow(`Port ${kubernetes} is not available`);
});
