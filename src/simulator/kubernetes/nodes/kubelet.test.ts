import { describe, expect, test } from "vitest";
import { aRunnerJob, aRunnerSecret, KubernetesTestWorld, START_MS } from "../../../../test/support/kubernetes-world.ts";
import type { KubernetesOptions } from "../world.ts";

const MINUTE = 60_000;
const quick = { imagePullMs: [0, 0], podSetupMs: [500, 500], configRetryMs: [12_000, 12_000] } as const;

function runnerCluster(options: Partial<KubernetesOptions> = {}): KubernetesTestWorld {
  const cluster = new KubernetesTestWorld({ ...options, times: { ...quick, ...options.times } });
  cluster.createRunner();
  return cluster;
}

const container = (cluster: KubernetesTestWorld, name: string) =>
  cluster.pod().status.containerStatuses?.find((status) => status.name === name);

describe("a runner's container", () => {
  test("starts the agent with the environment that its Secret gives", async () => {
    const cluster = runnerCluster();
    await cluster.clock.advance(2_000);
    expect(cluster.agents.map(({ identity }) => identity)).toEqual([
      {
        accountUuid: "{account}",
        runnerUuid: "{runner}",
        oauthClientId: "id of runner",
        oauthClientSecret: "secret of runner",
      },
    ]);
    expect(cluster.pod().status).toMatchObject({ phase: "Running", startTime: "2026-03-01T08:00:00Z" });
    expect(container(cluster, "runner")).toMatchObject({ ready: true, restartCount: 0 });
  });

  test("is the only one that has an agent", async () => {
    const cluster = runnerCluster();
    cluster.world.create("pods", "default", {
      metadata: { name: "p" },
      spec: { containers: [{ name: "a", image: "b" }] },
    });
    await cluster.clock.advance(MINUTE);
    expect(cluster.pods().map(({ status }) => status.phase)).toEqual(["Running", "Running"]);
    expect(cluster.agents).toHaveLength(1);
  });

  test("pulls an image once on each node", async () => {
    const cluster = new KubernetesTestWorld({
      times: { imagePullMs: [5_000, 5_000], podSetupMs: [500, 500] },
      pools: [{ name: "only", cpu: "8", memory: "32Gi", initial: 1 }],
    });
    for (const name of ["a", "b"]) {
      cluster.createRunner(name);
      await cluster.clock.advance(MINUTE);
    }
    const [a, b] = cluster.agents.map(({ startedAt }) => startedAt - START_MS);
    expect(a).toBeGreaterThan(5_000);
    expect((b ?? 0) - MINUTE).toBeLessThan(1_000);
  });

  test.each([
    ["no Secret", undefined, 'secret "runner-credentials" not found'],
    [
      "no key",
      { ...aRunnerSecret("runner"), stringData: { id: "x" } },
      "couldn't find key secret in Secret default/runner-credentials",
    ],
  ])("waits where there is %s, and is tried again some 12 s later", async (_what, secret, message) => {
    const cluster = new KubernetesTestWorld({ times: quick });
    if (secret !== undefined) cluster.world.create("secrets", "default", secret);
    cluster.world.create("jobs", "default", aRunnerJob("runner"));
    await cluster.clock.advance(2_000);

    expect(container(cluster, "runner")?.state).toEqual({ waiting: { reason: "CreateContainerConfigError", message } });
    expect(container(cluster, "docker")?.state).toHaveProperty("running");
    // One container that waits for its first start keeps the pod Pending.
    expect(cluster.pod().status.phase).toBe("Pending");
    if (secret !== undefined) cluster.world.delete("secrets", "default", "runner-credentials");
    await cluster.clock.advance(70_000);
    expect(cluster.agents).toEqual([]);
    cluster.world.create("secrets", "default", aRunnerSecret("runner"));
    await cluster.clock.advance(13_000);
    expect(cluster.agents).toHaveLength(1);
    expect(cluster.pod().status.phase).toBe("Running");
  });

  test("may start with what its Secret held up to a minute ago, never later", async () => {
    const starts = { early: 0, late: 0 };
    for (let seed = 0; seed < 40; seed += 1) {
      for (const [when, afterMs] of [
        ["early", 5_000],
        ["late", 61_000],
      ] as const) {
        const cluster = new KubernetesTestWorld({
          times: { ...quick, podSetupMs: [afterMs + 1_000, afterMs + 1_000] },
        });
        cluster.createRunner();
        await cluster.clock.advance(500 + seed * 10);
        cluster.world.change("secrets", "default", "runner-credentials", (object) => ({ ...object, data: {} }));
        await cluster.clock.advance(afterMs + 1_000);
        starts[when] += cluster.agents.length;
      }
    }
    expect(starts.late).toBe(0);
    expect(starts.early).toBeGreaterThan(0);
  });

  test("sees every change at once where the world is told so", async () => {
    const cluster = new KubernetesTestWorld({ times: { ...quick, secretStaleMs: 0 } });
    cluster.createRunner();
    await cluster.clock.advance(500);
    cluster.world.delete("secrets", "default", "runner-credentials");
    await cluster.clock.advance(MINUTE);
    expect(cluster.agents).toEqual([]);
  });
});

describe("an agent that ends", () => {
  test("with a failure is started again: at once, after 10 s, 20 s, …, and after ten quiet minutes at once", async () => {
    const cluster = runnerCluster({ times: { scheduleMs: 0 } });
    await cluster.clock.advance(2_000);
    const crash = async () => {
      const crashedAt = cluster.clock.now();
      cluster.agents.at(-1)?.exit(1);
      const before = cluster.agents.length;
      while (cluster.agents.length === before) await cluster.clock.advance(500);
      return (cluster.agents.at(-1)?.startedAt ?? 0) - crashedAt;
    };
    expect([await crash(), await crash(), await crash(), await crash()]).toEqual([0, 10_000, 20_000, 40_000]);
    expect(container(cluster, "runner")).toMatchObject({
      restartCount: 4,
      lastState: { terminated: { exitCode: 1, reason: "Error" } },
    });
    await cluster.clock.advance(10 * MINUTE);
    expect(await crash()).toBe(0);
  });

  test("while it waits says so, and that it ran before", async () => {
    const cluster = runnerCluster();
    await cluster.clock.advance(2_000);
    for (let i = 0; i < 2; i += 1) {
      cluster.agents.at(-1)?.exit(1);
      await cluster.clock.advance(1_000);
    }
    expect(container(cluster, "runner")).toMatchObject({
      state: { waiting: { reason: "CrashLoopBackOff" } },
      lastState: { terminated: { exitCode: 1 } },
      restartCount: 1,
    });
    expect(cluster.pod().status.phase).toBe("Running");
  });

  test("is heard of once, whatever happens afterwards", async () => {
    const cluster = runnerCluster();
    await cluster.clock.advance(2_000);
    cluster.agents[0]?.exit(0);
    cluster.agents[0]?.exit(1);
    cluster.world.delete("jobs", "default", "runner", { propagationPolicy: "Background" });
    await cluster.clock.advance(MINUTE);
    const agents = cluster.events.flatMap((event) => (event.type === "agent" ? [`${event.change} ${event.end}`] : []));
    expect(agents).toEqual(["started undefined", "stopped exited"]);
    expect(cluster.agents[0]?.killedAt).toBeUndefined();
  });
});

describe("a pod that is deleted", () => {
  test.each([
    ["dies", 0, 2_000],
    ["lasts-until-killed", 30_000, 31_000],
  ] as const)("its agent %s: killed after %i ms", async (agentOnSigterm, killedAfterMs, goneAfterMs) => {
    const cluster = runnerCluster({ agentOnSigterm });
    await cluster.clock.advance(10_000);
    const deletedAt = cluster.clock.now();
    const { name } = cluster.pod().metadata;
    cluster.world.delete("pods", "default", name);
    await cluster.clock.advance(goneAfterMs);
    expect((cluster.agents[0]?.killedAt ?? 0) - deletedAt).toBe(killedAfterMs);
    expect(cluster.world.get("pods", "default", name)).toBeUndefined();
    const last = cluster.events.findLast(
      (event) => event.type === "object" && event.resource === "pods" && event.change === "DELETED",
    );
    expect(last).toMatchObject({
      object: { status: { phase: "Failed", containerStatuses: [{ state: { terminated: {} } }, {}] } },
    });
  });

  test("a shorter grace counts when it is asked for later", async () => {
    const cluster = runnerCluster({ agentOnSigterm: "lasts-until-killed" });
    await cluster.clock.advance(10_000);
    const { name } = cluster.pod().metadata;
    cluster.world.delete("pods", "default", name);
    cluster.world.delete("pods", "default", name, { gracePeriodSeconds: 3 });
    cluster.world.delete("pods", "default", name, { gracePeriodSeconds: 20 });
    const before = cluster.clock.now();
    await cluster.clock.advance(4_000);
    expect((cluster.agents[0]?.killedAt ?? 0) - before).toBe(3_000);
  });

  test("by force goes at once, and its processes with it", async () => {
    const cluster = runnerCluster({ agentOnSigterm: "lasts-until-killed" });
    await cluster.clock.advance(10_000);
    cluster.world.delete("pods", "default", cluster.pod().metadata.name, { gracePeriodSeconds: 0 });
    expect(cluster.pods()).toEqual([]);
    expect(cluster.agents[0]?.killedAt).toBe(cluster.clock.now());
  });

  test("before any container started leaves no trace of one", async () => {
    const cluster = new KubernetesTestWorld({ times: quick });
    cluster.world.create("jobs", "default", aRunnerJob("runner", { pod: { containers: [runnerContainer()] } }));
    await cluster.clock.advance(2_000);
    cluster.world.delete("pods", "default", cluster.pod().metadata.name);
    await cluster.clock.advance(5_000);
    const last = cluster.events.findLast(
      (event) => event.type === "object" && event.resource === "pods" && event.change === "DELETED",
    );
    expect(last).toMatchObject({
      object: { status: { containerStatuses: [{ state: { waiting: {} }, restartCount: 0 }] } },
    });
  });

  test("can be evicted: its processes are killed, it stays as Failed, and counts as failed", async () => {
    const cluster = runnerCluster();
    await cluster.clock.advance(10_000);
    const { name } = cluster.pod().metadata;
    cluster.world.evictPod("default", name);
    expect(cluster.agents[0]?.killedAt).toBe(cluster.clock.now());
    expect(cluster.pod().status).toMatchObject({ phase: "Failed", reason: "Evicted" });
    await cluster.clock.advance(30_000);
    expect(cluster.job("runner")?.status).toMatchObject({ failed: 1, active: 1 });
    expect(cluster.world.get("pods", "default", name)).toBeDefined();
  });
});

describe("images and init containers", () => {
  test("an image that cannot be pulled is tried again later and later, until it can", async () => {
    const cluster = new KubernetesTestWorld({ times: quick });
    cluster.world.breakImage("runner:1");
    cluster.createRunner();
    await cluster.clock.advance(5 * MINUTE);
    expect(container(cluster, "runner")?.state.waiting?.reason).toBe("ImagePullBackOff");
    expect(cluster.agents).toEqual([]);
    cluster.world.repairImage("runner:1");
    await cluster.clock.advance(6 * MINUTE);
    expect(cluster.agents).toHaveLength(1);
  });

  test("init containers run one by one before, sidecars beside, and sidecars do not keep a pod alive", async () => {
    const cluster = new KubernetesTestWorld({ times: quick });
    cluster.world.create("secrets", "default", aRunnerSecret("runner"));
    const initContainers = [
      { name: "prepare", image: "init:1" },
      { name: "docker", image: "docker:dind", restartPolicy: "Always" },
    ];
    cluster.world.create(
      "jobs",
      "default",
      aRunnerJob("runner", { pod: { initContainers, containers: [runnerContainer()] } }),
    );
    await cluster.clock.advance(800);
    expect(cluster.agents).toEqual([]);
    expect(cluster.pod().status).toMatchObject({
      phase: "Pending",
      initContainerStatuses: [{ name: "prepare", state: { running: {} } }, { state: { waiting: {} } }],
    });
    await cluster.clock.advance(2_000);
    expect(cluster.agents).toHaveLength(1);
    cluster.agents[0]?.exit(0);
    await cluster.clock.advance(2_000);
    expect(cluster.pod().status.phase).toBe("Succeeded");
    expect(cluster.job("runner")?.status.succeeded).toBe(1);
  });

  test("a volume's missing Secret holds the whole pod up", async () => {
    const cluster = new KubernetesTestWorld({ times: quick });
    cluster.world.create("secrets", "default", aRunnerSecret("runner"));
    const volumes = [{ name: "v", secret: { secretName: "later" } }];
    cluster.world.create("jobs", "default", aRunnerJob("runner", { pod: { volumes } }));
    await cluster.clock.advance(MINUTE);
    expect(container(cluster, "docker")?.state).toEqual({ waiting: { reason: "ContainerCreating" } });
    cluster.world.create("secrets", "default", { metadata: { name: "later" } });
    await cluster.clock.advance(13_000);
    expect(cluster.agents).toHaveLength(1);
  });
});

/** The agent's container alone. */
function runnerContainer(): unknown {
  const { spec } = aRunnerJob("runner") as { spec: { template: { spec: { containers: readonly unknown[] } } } };
  return spec.template.spec.containers[0];
}
