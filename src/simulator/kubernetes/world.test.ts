import { describe, expect, test } from "vitest";
import { KubernetesTestWorld } from "../../../test/support/kubernetes-world.ts";
import { seededRandom } from "../../support/random.ts";
import type { KubernetesEvent } from "./world.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What a stretch of life with failures leaves: every event, in order. */
async function life(seed: number): Promise<readonly KubernetesEvent[]> {
  const cluster = new KubernetesTestWorld({ random: seededRandom(seed) });
  for (const name of ["a", "b", "c"]) cluster.createRunner(name);
  await cluster.clock.advance(2 * MINUTE);
  cluster.agents[0]?.exit(1);
  cluster.world.loseNode("node-2", "die");
  await cluster.clock.advance(10 * MINUTE);
  cluster.world.delete("jobs", "default", "b", { propagationPolicy: "Foreground" });
  await cluster.clock.advance(10 * MINUTE);
  return cluster.events;
}

describe("the world", () => {
  test("is the same for the same seed, uids and all, and another for another", async () => {
    expect(await life(1)).toEqual(await life(1));
    expect(await life(2)).not.toEqual(await life(1));
  });

  test("tells observers of every write, in order, and who made it", async () => {
    const cluster = new KubernetesTestWorld();
    const user = { "user-agent": "kubectl/v1.32" };
    await cluster.call("POST", "/api/v1/namespaces/default/configmaps", { metadata: { name: "c" } }, user);
    cluster.createRunner();
    await cluster.clock.advance(MINUTE);
    cluster.world.delete("jobs", "default", "runner", { propagationPolicy: "Background" });
    await cluster.clock.advance(MINUTE);

    const objects = cluster.events.flatMap((event) => (event.type === "object" ? [event] : []));
    const revisions = objects.map(({ object }) => Number(object.metadata.resourceVersion));
    expect(revisions).toEqual(revisions.map((_, i) => (revisions[0] ?? 0) + i));
    const who = (resource: string, change: string) =>
      objects.find((event) => event.resource === resource && event.change === change)?.by;
    expect(who("configmaps", "ADDED")).toEqual({ kind: "request", client: "kubectl/v1.32" });
    expect(who("jobs", "ADDED")).toEqual({ kind: "scenario" });
    expect(who("pods", "ADDED")).toEqual({ kind: "controller", name: "job-controller" });
    expect(who("pods", "DELETED")).toEqual({ kind: "controller", name: "kubelet" });
    expect(who("jobs", "DELETED")).toEqual({ kind: "scenario" });
    const agents = cluster.events.filter((event) => event.type === "agent");
    expect(agents).toMatchObject([
      { change: "started", runnerUuid: "{runner}", namespace: "default", node: "node-1" },
      { change: "stopped", end: "killed", runnerUuid: "{runner}" },
    ]);
  });

  test("wakes nobody while nothing is due", async () => {
    const cluster = new KubernetesTestWorld();
    for (let i = 0; i < 10; i += 1) cluster.createRunner(`r${i}`);
    await cluster.clock.advance(HOUR);
    let wakings = 0;
    await cluster.clock.advance(24 * HOUR, () => (wakings += 1));
    expect(wakings).toBe(0);
    expect(cluster.agents).toHaveLength(10);
  });

  test("does nothing any more when it is stopped", async () => {
    const cluster = new KubernetesTestWorld();
    cluster.createRunner();
    cluster.world.stop();
    await cluster.clock.advance(HOUR);
    expect(cluster.pods()).toEqual([]);
  });

  test("keeps its Events for an hour, and counts what repeats", async () => {
    const cluster = new KubernetesTestWorld();
    cluster.createRunner();
    cluster.world.breakImage("runner:1");
    await cluster.clock.advance(30 * MINUTE);
    const failed = cluster.world.list("events").find(({ reason }) => reason === "Failed");
    expect(failed?.count).toBeGreaterThan(3);
    await cluster.clock.advance(40 * MINUTE);
    const reasons = cluster.world.list("events").map(({ reason }) => reason);
    expect(reasons).toContain("Failed");
    expect(reasons).not.toContain("Scheduled");
  });
});
