import { describe, expect, test } from "vitest";
import { KubernetesTestWorld } from "../../../../test/support/kubernetes-world.ts";
import type { PodObject } from "../objects.ts";
import type { NodePool } from "./node-pools.ts";

const pool = (name: string, rest: Partial<NodePool> = {}): NodePool => ({
  name,
  cpu: "4",
  memory: "8Gi",
  initial: 1,
  ...rest,
});
const places = (cluster: KubernetesTestWorld) => cluster.pods().map(({ spec }) => spec.nodeName ?? "nowhere");

async function runners(cluster: KubernetesTestWorld, howMany: number, pod = {}): Promise<void> {
  for (let i = 1; i <= howMany; i += 1) cluster.createRunner(`r${i}`, { pod });
  await cluster.clock.advance(5_000);
}

describe("the scheduler", () => {
  test("spreads pods over nodes until requests fill them; the rest waits for room", async () => {
    // Four processors and 8 GiB a node, one and 2 GiB a runner.
    const cluster = new KubernetesTestWorld({ pools: [pool("a"), pool("b")] });
    await runners(cluster, 10);
    const counts = count(places(cluster));
    expect(counts).toEqual({ "a-1": 4, "b-1": 4, nowhere: 2 });
    const waiting = cluster.pods().find(({ spec }) => spec.nodeName === undefined);
    expect(waiting?.status).toMatchObject({
      phase: "Pending",
      conditions: [
        {
          type: "PodScheduled",
          status: "False",
          reason: "Unschedulable",
          message: "0/2 nodes are available: 2 Insufficient cpu.",
        },
      ],
    });

    cluster.world.delete("jobs", "default", "r1", { propagationPolicy: "Background" });
    await cluster.clock.advance(10_000);
    expect(count(places(cluster))).toEqual({ "a-1": 4, "b-1": 4, nowhere: 1 });
  });

  test.each<[string, object, string]>([
    ["nodeSelector", { nodeSelector: { "kubernetes.io/arch": "arm64" } }, "arm-1"],
    ["nodeSelector that nobody has", { nodeSelector: { "kubernetes.io/arch": "s390x" } }, "nowhere"],
    ["node affinity", { affinity: affinity("disk", "In", ["ssd"]) }, "ssd-1"],
    ["node affinity against", { affinity: affinity("kubernetes.io/arch", "NotIn", ["amd64"]) }, "arm-1"],
    [
      "a toleration",
      { tolerations: [{ key: "only", operator: "Exists" }], nodeSelector: { "node-pool": "tainted" } },
      "tainted-1",
    ],
    ["no toleration", { nodeSelector: { "node-pool": "tainted" } }, "nowhere"],
  ])("heeds %s", async (_what, pod, place) => {
    const cluster = new KubernetesTestWorld({
      pools: [
        pool("arm", { arch: "arm64" }),
        pool("ssd", { labels: { disk: "ssd" } }),
        pool("tainted", { taints: [{ key: "only", value: "runners", effect: "NoSchedule" }] }),
      ],
    });
    await runners(cluster, 1, pod);
    expect(places(cluster)).toEqual([place]);
  });

  test("leaves cordoned nodes alone, and uses them again", async () => {
    const cluster = new KubernetesTestWorld({ pools: [pool("a")] });
    cluster.world.setNodeUnschedulable("a-1", true);
    await runners(cluster, 1);
    expect(places(cluster)).toEqual(["nowhere"]);
    cluster.world.setNodeUnschedulable("a-1", false);
    await cluster.clock.advance(1_000);
    expect(places(cluster)).toEqual(["a-1"]);
  });
});

describe("the cluster autoscaler", () => {
  const growing = pool("spot", { initial: 1, max: 3, bootMs: [90_000, 90_000], removeIdleAfterMs: 600_000 });

  test("adds as many nodes as the waiting pods need, up to its limit, after they booted", async () => {
    const cluster = new KubernetesTestWorld({ pools: [growing] });
    await runners(cluster, 7);
    await cluster.clock.advance(80_000);
    expect(cluster.world.list("nodes")).toHaveLength(1);
    await cluster.clock.advance(30_000);
    expect(count(places(cluster))).toEqual({ "spot-1": 4, "spot-2": 3 });
    for (let i = 8; i <= 20; i += 1) cluster.createRunner(`r${i}`);
    await cluster.clock.advance(300_000);
    expect(cluster.world.list("nodes")).toHaveLength(3);
    expect(count(places(cluster))).toMatchObject({ nowhere: 8 });
  });

  test("takes nodes away that stay empty, and keeps the first ones", async () => {
    const cluster = new KubernetesTestWorld({ pools: [growing] });
    await runners(cluster, 7);
    await cluster.clock.advance(120_000);
    for (const { metadata } of cluster.world.list("jobs")) {
      cluster.world.delete("jobs", "default", metadata.name, { propagationPolicy: "Background" });
    }
    await cluster.clock.advance(590_000);
    expect(cluster.world.list("nodes")).toHaveLength(2);
    await cluster.clock.advance(60_000);
    expect(cluster.world.list("nodes")).toHaveLength(1);
  });
});

describe("a node that falls silent", () => {
  const SIX_MINUTES = 360_000;

  async function lost(
    processes: "die" | "go-on",
  ): Promise<{ cluster: KubernetesTestWorld; node: string; pod: PodObject }> {
    const cluster = new KubernetesTestWorld();
    await runners(cluster, 1);
    await cluster.clock.advance(60_000);
    const pod = cluster.pod();
    const node = pod.spec.nodeName ?? "";
    cluster.world.loseNode(node, processes);
    return { cluster, node, pod };
  }

  const containers = (pod: PodObject | undefined) =>
    pod?.status.containerStatuses?.map(({ state }) => Object.keys(state)).flat();
  const again = (cluster: KubernetesTestWorld, { metadata }: PodObject) =>
    cluster.world.get("pods", "default", metadata.name) as PodObject | undefined;

  test("its pods are reported running, then marked deleted, and stay; a replacement runs elsewhere", async () => {
    const { cluster, node, pod } = await lost("die");
    expect(cluster.agents[0]?.killedAt).toBe(cluster.clock.now());
    await cluster.clock.advance(60_000);
    expect(again(cluster, pod)).toMatchObject({ status: { phase: "Running" } });
    expect(containers(again(cluster, pod))).toEqual(["running", "running"]);
    expect(cluster.world.get("nodes", undefined, node)).toMatchObject({
      status: { conditions: [{ type: "Ready", status: "Unknown" }] },
    });
    await cluster.clock.advance(SIX_MINUTES);
    expect(again(cluster, pod)?.metadata.deletionTimestamp).toBeDefined();
    expect(containers(again(cluster, pod))).toEqual(["running", "running"]);
    const other = cluster.pods().find(({ metadata }) => metadata.uid !== pod.metadata.uid);
    expect(other?.spec.nodeName).not.toBe(node);
    expect(cluster.agents).toHaveLength(2);
  });

  test("its processes may go on, beside their replacement, until it returns", async () => {
    const { cluster, node } = await lost("go-on");
    await cluster.clock.advance(2 * SIX_MINUTES);
    expect(cluster.agents.map(({ killedAt }) => killedAt)).toEqual([undefined, undefined]);
    cluster.world.returnNode(node);
    await cluster.clock.advance(5_000);
    expect(cluster.agents.map(({ killedAt }) => killedAt !== undefined)).toEqual([true, false]);
    expect(cluster.pods()).toHaveLength(1);
  });

  test("its pods vanish when its object goes, and what still runs there is killed when it is heard again", async () => {
    const { cluster, node, pod } = await lost("go-on");
    cluster.world.removeNode(node);
    await cluster.clock.advance(90_000);
    expect(again(cluster, pod)).toBeUndefined();
    expect(cluster.agents[0]?.killedAt).toBeUndefined();
    cluster.world.returnNode(node);
    expect(cluster.agents[0]?.killedAt).toBeDefined();
  });

  test("and returns soon: what died is started anew in the same pod, what went on was never interrupted", async () => {
    for (const [processes, agents] of [
      ["die", 2],
      ["go-on", 1],
    ] as const) {
      const { cluster, node, pod } = await lost(processes);
      await cluster.clock.advance(20_000);
      cluster.world.returnNode(node);
      await cluster.clock.advance(30_000);
      expect(cluster.pod().metadata.uid).toBe(pod.metadata.uid);
      expect(cluster.agents).toHaveLength(agents);
      expect(cluster.pod().status.phase).toBe("Running");
    }
  });

  test("pods that were bound to it while nobody noticed start when it returns", async () => {
    const cluster = new KubernetesTestWorld({ pools: [pool("a")] });
    cluster.world.loseNode("a-1", "go-on");
    await runners(cluster, 1);
    expect(places(cluster)).toEqual(["a-1"]);
    await cluster.clock.advance(30_000);
    expect(cluster.agents).toEqual([]);
    cluster.world.returnNode("a-1");
    await cluster.clock.advance(30_000);
    expect(cluster.agents).toHaveLength(1);
  });
});

test("a drained node's pods end with their grace and start elsewhere", async () => {
  const cluster = new KubernetesTestWorld();
  await runners(cluster, 1);
  await cluster.clock.advance(30_000);
  const node = cluster.pod().spec.nodeName ?? "";
  cluster.world.drainNode(node);
  await cluster.clock.advance(60_000);
  expect(cluster.pod().spec.nodeName).not.toBe(node);
  expect(cluster.agents.map(({ killedAt }) => killedAt !== undefined)).toEqual([true, false]);
});

function affinity(key: string, operator: string, values: readonly string[]): object {
  const nodeSelectorTerms = [{ matchExpressions: [{ key, operator, values }] }];
  return { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } };
}

function count(words: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
