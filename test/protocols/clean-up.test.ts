import { describe, expect, test } from "vitest";
import { jobName } from "../../src/domain/mark.ts";
import { whenever } from "../support/moments.ts";
import { addOriginalRunner } from "../support/original-runner.ts";
import { SEED_SETTINGS, seedGroup, withLimits } from "../support/seed.ts";
import { HOUR, MINUTE, NOTHING_LEFT, openStage, SECOND, type Stage, type StageOptions } from "../support/stage.ts";

/** What the cleaner concludes from what it sees, and what it leaves alone. */

const suspend = (stage: Stage, uuid: string, isSuspended = true) =>
  stage.cluster.change("jobs", "default", jobName(uuid), (job) => ({
    ...job,
    spec: { ...(job.spec as object), suspend: isSuspended },
  }));

/** One runner that serves; its controller has died. */
async function served(options: StageOptions = {}): Promise<{ readonly stage: Stage; readonly uuid: string }> {
  const stage = openStage(options);
  const { controller } = stage.startBoth();
  await stage.until(() => stage.serving.length === 1, 2 * MINUTE);
  await stage.run(MINUTE);
  controller.crash();
  return { stage, uuid: stage.anyRunner.uuid };
}

const disabledAsDead = (stage: Stage, uuid: string) => () =>
  stage.runner(uuid)?.disabled === true && stage.drainOf(uuid)?.includes('"dead"') === true;

describe("a runner that the cleaner gave up as dead, and took out of service", () => {
  test.each(["status", "cordoned"] as const)(
    "and that somebody enables stays enabled, and our word is taken off (%s)",
    async (disableShows) => {
      const { stage, uuid } = await served({ behaviour: { disableShows } });
      suspend(stage, uuid);
      await stage.until(disabledAsDead(stage, uuid), 40 * MINUTE, 100);
      await stage.run(5 * SECOND);
      stage.bitbucket.humanEnables(uuid);
      await stage.run(2 * MINUTE);
      expect(stage.runner(uuid)).toMatchObject({ disabled: false });
      expect(stage.drainOf(uuid)).toBeUndefined();
      await stage.run(10 * MINUTE);
      expect(stage.runner(uuid)).toMatchObject({ disabled: false });
      expect(stage.breaches).toEqual([]);
      await stage.until(() => stage.runner(uuid) === undefined, 30 * MINUTE);
      expect(stage.jobOf(uuid)).toBeUndefined();
      expect(stage.breaches).toEqual([]);
    },
  );

  test("and that is heard again while it is only cordoned is the drain's from then on", async () => {
    const { stage, uuid } = await served({ behaviour: { disableShows: "cordoned" } });
    stage.bitbucket.agents.cutOff(uuid);
    stage.cluster.loseNode((stage.podOf(uuid)?.spec as { nodeName: string }).nodeName, "go-on");
    await stage.run(10 * MINUTE);
    stage.cluster.removeNode((stage.podOf(uuid)?.spec as { nodeName: string }).nodeName);
    suspend(stage, uuid);
    await stage.until(disabledAsDead(stage, uuid), 60 * MINUTE, 100);
    stage.bitbucket.agents.reconnect(uuid);
    await stage.until(() => stage.drainOf(uuid)?.includes("unhealthy") === true, 3 * MINUTE);
    expect(stage.runner(uuid)).toMatchObject({ disabled: true, status: "ONLINE" });
    expect(stage.breaches).toEqual([]);
  });
});

describe("a Job whose registration is not shown yet", () => {
  test("is left alone: every read of Bitbucket may be behind", async () => {
    const stage = openStage({ behaviour: { readLagMs: 10 * SECOND } });
    stage.faults = {
      bitbucket: whenever(({ method, path }) => method === "GET" && path.includes("/runners"), {
        kind: "stale",
        lagMs: 10 * SECOND,
      }),
      kubernetes: whenever(({ method, path }) => method === "POST" && path.endsWith("/secrets"), {
        kind: "slow",
        requestMs: 9 * SECOND,
      }),
    };
    stage.start("controller");
    await stage.until(() => stage.names("jobs").length === 1, MINUTE, 50);
    stage.start("cleaner");
    await stage.until(() => stage.serving.length === 1, MINUTE);
    expect(stage.registrations).toBe(1);
    expect(stage.breaches).toEqual([]);
  });
});

describe("an adopted runner", () => {
  test("that never connects is given up, with its Secret, which carries no mark", async () => {
    const stage = openStage({
      pools: [{ name: "none", cpu: "4", memory: "16Gi", initial: 0, max: 0, bootMs: [1, 1] }],
    });
    const uuid = addOriginalRunner(stage);
    stage.startBoth();
    await stage.run(40 * MINUTE);
    expect([stage.runner(uuid), stage.jobOf(uuid), stage.secretOf(uuid)]).toEqual([undefined, undefined, undefined]);
    expect(stage.breaches).toEqual([]);
  });

  test("whose Job somebody deletes goes, with its Secret, which nobody owned", async () => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 1, 1) });
    const uuid = addOriginalRunner(stage);
    stage.startBoth();
    await stage.run(2 * MINUTE);
    stage.cluster.delete("jobs", "default", jobName(uuid), { propagationPolicy: "Background" });
    await stage.run(HOUR);
    expect([stage.runner(uuid), stage.secretOf(uuid)]).toEqual([undefined, undefined]);
    expect(stage.serving).toHaveLength(1);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });
});

describe("the ledger", () => {
  test("forgets a namespace that no group is in any more, once nothing of ours has been in it for long", async () => {
    const elsewhere = seedGroup({ name: "Elsewhere", labels: ["elsewhere"], namespace: "elsewhere" });
    const stage = openStage({
      settings: { ...SEED_SETTINGS, groups: [seedGroup(), elsewhere] },
      namespaces: ["elsewhere"],
    });
    stage.startBoth();
    await stage.run(3 * MINUTE);
    const ledger = () => JSON.stringify(stage.cluster.list("configmaps").map(({ data }) => data));
    expect(ledger()).toContain("elsewhere");
    stage.settings = SEED_SETTINGS;
    await stage.run(5 * MINUTE);
    expect(stage.names("jobs", "elsewhere")).toEqual([]);
    expect(ledger()).toContain("elsewhere");
    await stage.run(30 * MINUTE);
    expect(ledger()).not.toContain("elsewhere");
    expect(stage.breaches).toEqual([]);
  });
});
