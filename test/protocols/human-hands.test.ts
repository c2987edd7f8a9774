import { describe, expect, test } from "vitest";
import { SEED_SETTINGS, withLimits } from "../support/seed.ts";
import { MINUTE, NOTHING_LEFT, openStage, SECOND, type Stage } from "../support/stage.ts";

/** A group of so many idle runners, past their cool-down. */
async function idleGroup(min: number, max = 10): Promise<Stage> {
  const stage = openStage({ settings: withLimits(SEED_SETTINGS, min, max) });
  stage.startBoth();
  await stage.until(() => stage.serving.length === min, 2 * MINUTE);
  await stage.run(6 * MINUTE);
  return stage;
}

/** Somebody wants fewer runners: the oldest idle ones drain. @returns the draining one's uuid */
async function draining(stage: Stage): Promise<string> {
  stage.settings = withLimits(SEED_SETTINGS, 1, 10);
  const isDraining = () => stage.runners.find(({ uuid, disabled }) => disabled && stage.drainOf(uuid) !== undefined);
  await stage.until(() => isDraining() !== undefined, MINUTE);
  return isDraining()?.uuid ?? "";
}

describe("a runner that somebody disabled", () => {
  test("is held: nobody touches it, it keeps its place under max, and it is reported", async () => {
    const stage = await idleGroup(2, 2);
    const { uuid } = stage.anyRunner;
    stage.bitbucket.humanDisables(uuid);
    const job = stage.jobOf(uuid)?.metadata.resourceVersion;
    stage.queue(10, 20 * MINUTE);
    await stage.run(40 * MINUTE);
    expect(stage.runner(uuid)).toMatchObject({ disabled: true, status: "DISABLED" });
    expect(stage.jobOf(uuid)?.metadata.resourceVersion).toBe(job);
    expect(stage.runners).toHaveLength(2);
    expect(stage.phaseOf(uuid)).toBe("held");
    expect(stage.cleanings.at(-1)?.left).toMatchObject({ held: 1 });
    expect(stage.breaches).toEqual([]);
  });

  test("does not count as supply: the group makes another one while max allows", async () => {
    const stage = await idleGroup(1, 2);
    const { uuid } = stage.anyRunner;
    stage.bitbucket.humanDisables(uuid);
    await stage.run(MINUTE);
    expect(stage.serving).toHaveLength(1);
    expect(stage.runners).toHaveLength(2);
    expect(stage.breaches).toEqual([]);
  });

  test("serves again once somebody enables it", async () => {
    const stage = await idleGroup(1, 1);
    const { uuid } = stage.anyRunner;
    stage.bitbucket.humanDisables(uuid);
    await stage.run(20 * MINUTE);
    stage.queue(1, MINUTE);
    stage.bitbucket.humanEnables(uuid);
    await stage.run(2 * MINUTE);
    expect(stage.steps).toEqual({ successful: 1 });
    expect(stage.phaseOf(uuid)).toBe("idle");
    expect(stage.breaches).toEqual([]);
  });

  test("is not taken for one of ours by a controller that starts anew", async () => {
    const stage = openStage();
    const { controller } = stage.startBoth();
    await stage.run(10 * MINUTE);
    const { uuid } = stage.anyRunner;
    controller.crash();
    stage.bitbucket.humanDisables(uuid);
    stage.start("controller");
    await stage.run(15 * MINUTE);
    expect(stage.runner(uuid)?.disabled).toBe(true);
    expect(stage.breaches).toEqual([]);
  });
});

describe("a runner that drains", () => {
  test("and that somebody enables: our mark goes, and it serves", async () => {
    const stage = await idleGroup(2);
    const uuid = await draining(stage);
    await stage.until(() => stage.drainOf(uuid)?.includes("disabledSeen") === true, MINUTE);
    stage.bitbucket.humanEnables(uuid);
    await stage.until(() => stage.drainOf(uuid) === undefined, 30 * SECOND);
    expect(stage.runner(uuid)).toMatchObject({ disabled: false, status: "ONLINE" });
    expect(stage.breaches).toEqual([]);
  });

  test("and that somebody enables when all is proven and written down: the last look sees it, and it serves", async () => {
    const stage = await idleGroup(2);
    const uuid = await draining(stage);
    const written: string[] = [];
    stage.faults = {
      kubernetes: ({ method, body = "" }) => {
        if (method === "PATCH") written.push(body);
        if (method !== "PATCH" || !body.includes("condemned")) return undefined;
        stage.bitbucket.humanEnables(uuid);
        stage.settings = withLimits(SEED_SETTINGS, 2, 10);
        return undefined;
      },
    };
    await stage.until(() => written.some((body) => body.includes("condemned")), 2 * MINUTE);
    await stage.run(MINUTE);
    expect(stage.runner(uuid)).toMatchObject({ disabled: false, status: "ONLINE" });
    const onJobs = written.filter((body) => body.includes("runners-autoscaler/drain"));
    const [takenOff = "", ...more] = onJobs.slice(onJobs.findIndex((body) => body.includes("condemned")) + 1);
    expect(takenOff).toContain('"runners-autoscaler/drain":null');
    expect(more).toEqual([]);
    expect(stage.breaches).toEqual([]);
  });

  test("is not ours to drain when somebody disabled it a moment before us: it is held", async () => {
    const stage = await idleGroup(2);
    let chosen = "";
    stage.faults = {
      kubernetes: ({ method, url, body = "" }) => {
        if (method !== "PATCH" || chosen !== "" || !body.includes("draining")) return undefined;
        chosen = `{${url.slice(url.lastIndexOf("/runner-") + "/runner-".length)}}`;
        stage.bitbucket.humanDisables(chosen);
        return undefined;
      },
    };
    stage.settings = withLimits(SEED_SETTINGS, 1, 10);
    await stage.until(() => chosen !== "", MINUTE);
    await stage.run(20 * MINUTE);
    expect(stage.runner(chosen)).toMatchObject({ disabled: true });
    expect(stage.drainOf(chosen)).toBeUndefined();
    expect(stage.phaseOf(chosen)).toBe("held");
    expect(stage.breaches).toEqual([]);
  });

  test("keeps its Job while Bitbucket still shows its registration, whatever the deletion was answered", async () => {
    const stage = await idleGroup(2);
    const uuid = await draining(stage);
    stage.faults = {
      bitbucket: ({ method }) => (method === "DELETE" ? { kind: "status", status: 204, acts: "never" } : undefined),
    };
    await stage.until(() => stage.drainOf(uuid)?.includes("condemned") === true, 2 * MINUTE);
    await stage.run(10 * MINUTE);
    expect(stage.runner(uuid)).toBeDefined();
    expect(stage.jobOf(uuid)?.metadata.deletionTimestamp).toBeUndefined();
    expect(stage.podOf(uuid)).toBeDefined();
    stage.faults = {};
    await stage.run(MINUTE);
    expect([stage.runner(uuid), stage.jobOf(uuid), stage.podOf(uuid)]).toEqual([undefined, undefined, undefined]);
    expect(stage.breaches).toEqual([]);
  });

  test("comes back before another is made, and is not removed", async () => {
    const stage = await idleGroup(3);
    const before = stage.registrations;
    const uuid = await draining(stage);
    stage.settings = withLimits(SEED_SETTINGS, 3, 10);
    await stage.until(() => stage.serving.length === 3 && stage.drainOf(uuid) === undefined, MINUTE);
    await stage.run(10 * MINUTE);
    expect(stage.registrations).toBe(before);
    expect(stage.runner(uuid)?.disabled).toBe(false);
    expect(stage.serving).toHaveLength(3);
    expect(stage.breaches).toEqual([]);
  });

  test("comes back for load before another is made", async () => {
    const stage = await idleGroup(2);
    const uuid = await draining(stage);
    const before = stage.registrations;
    stage.queue(2, 10 * MINUTE);
    await stage.until(() => stage.runner(uuid)?.running.length === 1, 2 * MINUTE);
    expect(stage.registrations).toBe(before);
    await stage.run(20 * MINUTE);
    expect(stage.steps).toEqual({ successful: 2 });
    expect(stage.breaches).toEqual([]);
  });

  test("is removed by whoever comes after a controller that died half-way", async () => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 2, 10) });
    const controller = stage.start("controller");
    await stage.run(10 * MINUTE);
    const uuid = await draining(stage);
    controller.crash();
    await stage.run(10 * MINUTE);
    expect(stage.runner(uuid)?.disabled).toBe(true);
    stage.start("controller");
    await stage.until(() => stage.runner(uuid) === undefined, 2 * MINUTE);
    await stage.until(() => stage.jobOf(uuid) === undefined, MINUTE);
    expect(stage.breaches).toEqual([]);
  });
});

describe("a runner that loses a part of it to a human", () => {
  test("its registration: Job, pod and Secret follow, and another one takes its place", async () => {
    const stage = await idleGroup(1);
    const { uuid } = stage.anyRunner;
    stage.bitbucket.humanDeletes(uuid);
    await stage.until(() => stage.serving.length === 1, 3 * MINUTE);
    await stage.until(() => stage.jobOf(uuid) === undefined, 12 * MINUTE);
    await stage.run(MINUTE);
    expect([stage.podOf(uuid), stage.secretOf(uuid)]).toEqual([undefined, undefined]);
    expect(stage.runners).toHaveLength(1);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });

  test("its Job: pod and Secret go with it, and its registration follows when it is proven dead, not before", async () => {
    const stage = await idleGroup(1);
    const { uuid } = stage.anyRunner;
    stage.cluster.delete("jobs", "default", `runner-${uuid.slice(1, -1)}`, { propagationPolicy: "Background" });
    await stage.run(14 * MINUTE);
    expect(stage.runner(uuid)).toBeDefined();
    await stage.run(15 * MINUTE);
    expect(stage.runner(uuid)).toBeUndefined();
    expect(stage.serving).toHaveLength(1);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });
});
