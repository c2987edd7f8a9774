import { describe, expect, test } from "vitest";
import type { NodePool } from "../../src/simulator/kubernetes/nodes/node-pools.ts";
import { SEED_SETTINGS, withLimits } from "../support/seed.ts";
import { HOUR, MINUTE, NOTHING_LEFT, openStage, SECOND, type Stage } from "../support/stage.ts";

/** No node at first; the autoscaler brings one, after a while. */
const slowPool = (bootMs: number): NodePool => ({
  name: "slow",
  cpu: "4",
  memory: "16Gi",
  initial: 0,
  max: 2,
  bootMs: [bootMs, bootMs],
});

const nodeOf = (stage: Stage, uuid: string) =>
  (stage.podOf(uuid)?.spec as { readonly nodeName?: string } | undefined)?.nodeName ?? "";

describe("nodes that take their time", () => {
  test("ten minutes: the runner that waits is kept, counts, and serves", async () => {
    const stage = openStage({ pools: [slowPool(10 * MINUTE)] });
    stage.startBoth();
    await stage.run(SECOND * 30);
    const { uuid } = stage.anyRunner;
    await stage.until(() => stage.serving.length === 1, 13 * MINUTE);
    expect(stage.anyRunner.uuid).toBe(uuid);
    expect(stage.registrations).toBe(1);
    expect(stage.cleanings.some(({ left }) => (left.starting ?? 0) > 0)).toBe(true);
    expect(stage.breaches).toEqual([]);
  });

  test("more than fifteen minutes: what waits is given up, with all that belongs to it, and another one tries", async () => {
    const stage = openStage({ pools: [slowPool(HOUR)] });
    stage.startBoth();
    await stage.run(30 * SECOND);
    const { uuid } = stage.anyRunner;
    await stage.run(14 * MINUTE);
    expect(stage.runner(uuid)).toBeDefined();
    await stage.run(12 * MINUTE);
    expect([stage.runner(uuid), stage.jobOf(uuid), stage.secretOf(uuid)]).toEqual([undefined, undefined, undefined]);
    await stage.run(50 * MINUTE);
    expect(stage.serving).toHaveLength(1);
    expect(stage.registrations).toBeLessThan(7);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });

  test("for a large group: growth waits for the nodes, and nothing is made twice", async () => {
    const stage = openStage({
      settings: withLimits(SEED_SETTINGS, 1, 6),
      pools: [{ ...slowPool(4 * MINUTE), max: 8 }],
    });
    stage.startBoth();
    stage.queue(9, 8 * MINUTE);
    await stage.run(HOUR);
    expect(stage.steps).toEqual({ successful: 9 });
    expect(stage.observer.mostRunners).toBe(6);
    expect(stage.registrations).toBe(6);
    expect(stage.serving).toHaveLength(1);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });
});

describe("a runner that falls silent while its pod runs", () => {
  test("is left alone, with its step, and is reported", async () => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 1, 2) });
    stage.startBoth();
    await stage.run(8 * MINUTE);
    const { uuid } = stage.anyRunner;
    const objects = () => [stage.jobOf(uuid)?.metadata.uid, stage.podOf(uuid)?.metadata.uid, stage.secretOf(uuid)];
    const before = objects();
    stage.bitbucket.agents.cutOff(uuid);
    await stage.run(40 * MINUTE);
    expect(stage.runner(uuid)?.status).toBe("OFFLINE");
    expect(objects()).toEqual(before);
    expect(stage.phaseOf(uuid)).toBe("lost");
    expect(stage.cleanings.at(-1)?.left).toMatchObject({ "offline-but-running": 1 });
    // Another one serves in its place.
    expect(stage.serving).toHaveLength(1);
    stage.bitbucket.agents.reconnect(uuid);
    await stage.run(20 * MINUTE);
    expect(stage.serving).toHaveLength(1);
    expect(stage.runners).toHaveLength(1);
    expect(stage.breaches).toEqual([]);
  });

  test.each([1, 10])("or says that it is unhealthy: it is drained and replaced, with a max of %i", async (max) => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 1, max) });
    stage.startBoth();
    await stage.run(8 * MINUTE);
    const { uuid } = stage.anyRunner;
    stage.bitbucket.agents.reportHealth(uuid, "unhealthy");
    await stage.run(6 * MINUTE);
    expect(stage.runner(uuid)).toBeUndefined();
    expect(stage.jobOf(uuid)).toBeUndefined();
    expect(stage.serving).toHaveLength(1);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });
});

describe("a node", () => {
  test.each(["die", "go-on"] as const)(
    "that is lost while a step runs on it (its processes %s), and returns",
    async (processes) => {
      const stage = openStage({ settings: withLimits(SEED_SETTINGS, 1, 3) });
      stage.startBoth();
      await stage.run(8 * MINUTE);
      stage.queue(1, 20 * MINUTE);
      await stage.until(() => stage.anyRunner.running.length === 1, MINUTE);
      const { uuid } = stage.anyRunner;
      const node = nodeOf(stage, uuid);
      stage.cluster.loseNode(node, processes);
      await stage.run(12 * MINUTE);
      stage.cluster.returnNode(node);
      await stage.run(50 * MINUTE);
      // By us, no step was ended: the death of the machine ended it, or the cluster once it had given the node up.
      const killed = stage.bitbucket.events.filter((event) => event.type === "step-killed").map(({ cause }) => cause);
      expect(killed).not.toContain("registration-deleted");
      expect(stage.serving).toHaveLength(1);
      expect(stage.runners).toHaveLength(1);
      expect(stage.leftovers).toEqual(NOTHING_LEFT);
      expect(stage.breaches).toEqual([]);
    },
  );

  test("that is lost for good: its runner is buried once it is proven dead, and its place is free again", async () => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 1, 1) });
    stage.startBoth();
    await stage.run(8 * MINUTE);
    const { uuid } = stage.anyRunner;
    const node = nodeOf(stage, uuid);
    stage.cluster.loseNode(node, "die");
    await stage.run(5 * MINUTE);
    stage.cluster.removeNode(node);
    await stage.run(40 * MINUTE);
    expect(stage.serving).toHaveLength(1);
    expect(stage.runners).toHaveLength(1);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });
});

describe("a pod", () => {
  test("that is evicted: its Job starts another one, which serves as the same runner and can be drained", async () => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 2, 3) });
    stage.startBoth();
    await stage.run(8 * MINUTE);
    for (const { uuid } of stage.runners) {
      const pod = stage.podOf(uuid)?.metadata;
      stage.cluster.evictPod(pod?.namespace ?? "", pod?.name ?? "");
    }
    const before = stage.runners.map(({ uuid }) => uuid);
    await stage.run(3 * MINUTE);
    expect(stage.serving.map(({ uuid }) => uuid)).toEqual(before);
    stage.settings = SEED_SETTINGS;
    await stage.run(5 * MINUTE);
    expect(stage.serving).toHaveLength(1);
    expect(stage.names("jobs")).toHaveLength(1);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });

  test("that crashes until its Job gives up: the runner goes and another one takes its place", async () => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 1, 2) });
    stage.startBoth();
    await stage.run(2 * MINUTE);
    const { uuid } = stage.anyRunner;
    await stage.until(
      () => {
        stage.bitbucket.agents.crash(uuid);
        return stage.runner(uuid) === undefined;
      },
      2 * HOUR,
      20 * SECOND,
    );
    await stage.run(20 * MINUTE);
    expect(stage.serving).toHaveLength(1);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });
});
