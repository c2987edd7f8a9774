import { describe, expect, test } from "vitest";
import { jobName } from "../../src/domain/mark.ts";
import type { HttpRequest } from "../../src/http/transport.ts";
import { identityOf } from "../../src/simulator/bitbucket/world.ts";
import { parseTemplate } from "../../src/template/parse.ts";
import { justBefore, registers, whenever, writesDrain } from "../support/moments.ts";
import { addOriginalRunner } from "../support/original-runner.ts";
import { SEED_SETTINGS, SHIPPED_TEMPLATE, SHIPPED_TEMPLATE_TEXT, seedGroup, withLimits } from "../support/seed.ts";
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
      await stage.run(2 * SECOND);
      expect(stage.jobOf(uuid)).toBeUndefined();
      expect(stage.breaches).toEqual([]);
    },
  );

  test("and that is heard again while it is only cordoned is the drain's from then on", async () => {
    const { stage, uuid } = await served({ behaviour: { disableShows: "cordoned" } });
    suspend(stage, uuid);
    await stage.until(disabledAsDead(stage, uuid), 40 * MINUTE, 100);
    const runner = stage.bitbucket.runners.find(uuid);
    if (runner !== undefined) stage.bitbucket.start(identityOf(runner), () => undefined);
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

/** Somebody removes the node's object; the machine lives on, out of sight. */
function loseNodeOf(stage: Stage, uuid: string): void {
  const { nodeName } = (stage.podOf(uuid)?.spec ?? {}) as { readonly nodeName?: string };
  stage.cluster.loseNode(nodeName ?? "", "go-on");
  stage.cluster.delete("nodes", undefined, nodeName ?? "");
}

/** A Job that makes no second pod: the first one's loss ends it. */
const ONE_POD = parseTemplate(
  SHIPPED_TEMPLATE_TEXT.replace("restartPolicy: OnFailure", "restartPolicy: Never").replace(
    "backoffLimit: 6",
    "backoffLimit: 0",
  ),
  "job.yaml.template",
);

describe("an agent that runs where the API server does not see it", () => {
  /** Its step goes on; its pod and its node are gone from the API server, its Job has failed. */
  async function outOfSight(offlineStep: "lives-shown" | "lives-hidden", stepMs: number) {
    const stage = openStage({ behaviour: { offlineStep } });
    stage.template = ONE_POD;
    const { controller } = stage.startBoth();
    await stage.until(() => stage.serving.length === 1, 2 * MINUTE);
    const { uuid } = stage.anyRunner;
    stage.queue(1, stepMs);
    await stage.until(() => stage.steps.running === 1, 2 * MINUTE);
    controller.crash();
    loseNodeOf(stage, uuid);
    await stage.until(() => JSON.stringify(stage.jobOf(uuid)?.status).includes("Failed"), 10 * MINUTE);
    expect(stage.podOf(uuid)).toBeUndefined();
    return { stage, uuid };
  }

  test("a failed Job without pod is no end: who is cut off for less than the full silence ends its step", async () => {
    const { stage, uuid } = await outOfSight("lives-hidden", HOUR);
    stage.bitbucket.agents.cutOff(uuid);
    await stage.run(14 * MINUTE);
    stage.bitbucket.agents.reconnect(uuid);
    await stage.run(HOUR);
    expect(stage.steps).toEqual({ successful: 1 });
    expect(stage.breaches).toEqual([]);
  });

  test("a step that is shown keeps it, however long it is not heard of", async () => {
    const { stage, uuid } = await outOfSight("lives-shown", 100 * MINUTE);
    stage.bitbucket.agents.cutOff(uuid);
    await stage.run(80 * MINUTE);
    expect(stage.runner(uuid)).toMatchObject({ status: "OFFLINE", running: [expect.anything()] });
    expect(stage.cleanings.at(-1)?.left).toMatchObject({ "not-proven-dead": 1 });
    stage.bitbucket.agents.reconnect(uuid);
    await stage.run(2 * HOUR);
    expect(stage.steps).toEqual({ successful: 1 });
    expect(stage.breaches).toEqual([]);
  });

  test("a cleaner that was paused before its last look sees that it has been heard in between, and waits anew", async () => {
    const { stage, uuid } = await outOfSight("lives-hidden", 100 * MINUTE);
    stage.bitbucket.agents.cutOff(uuid);
    let isPaused = false;
    stage.faults = {
      kubernetes: justBefore(writesDrain("condemned", "dead"), () => {
        isPaused = true;
        stage.bitbucket.agents.reconnect(uuid);
        void stage.clock.sleep(MINUTE).then(() => stage.bitbucket.agents.cutOff(uuid));
        return { kind: "pause", when: "after", ms: 10 * MINUTE };
      }),
    };
    await stage.until(() => isPaused, 30 * MINUTE);
    await stage.run(11 * MINUTE);
    expect(stage.runner(uuid)).toMatchObject({ status: "OFFLINE", running: [expect.anything()] });
    stage.bitbucket.agents.reconnect(uuid);
    await stage.run(2 * HOUR);
    expect(stage.steps).toEqual({ successful: 1 });
    expect(stage.breaches).toEqual([]);
  });
});

describe("an agent that has ended for good beside a Docker container that runs on", () => {
  test.each([
    ["with success, and is started again only on failure", SHIPPED_TEMPLATE, 0],
    ["with an error, and is never started again", ONE_POD, 1],
  ])("%s: its place is free again, with a max of one", async (_what, template, exitCode) => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 1, 1) });
    stage.template = template;
    stage.startBoth();
    await stage.until(() => stage.serving.length === 1, 2 * MINUTE);
    await stage.run(5 * MINUTE);
    const { uuid } = stage.anyRunner;
    stage.cluster.exitContainer("default", stage.podOf(uuid)?.metadata.name ?? "", exitCode);
    await stage.run(20 * MINUTE);
    expect([stage.runner(uuid), stage.jobOf(uuid)]).toEqual([undefined, undefined]);
    expect(stage.serving).toHaveLength(1);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });
});

describe("a registration that nothing leads to but the ledger", () => {
  test("a draining one whose Job somebody deletes is gone within the hour", async () => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 2, 2) });
    stage.startBoth();
    await stage.until(() => stage.serving.length === 2, 2 * MINUTE);
    await stage.run(6 * MINUTE);
    stage.settings = withLimits(SEED_SETTINGS, 1, 1);
    const draining = () => stage.runners.find((runner) => runner.disabled)?.uuid;
    await stage.until(() => draining() !== undefined, 5 * MINUTE, 100);
    const uuid = draining() ?? "";
    stage.cluster.delete("jobs", "default", jobName(uuid), { propagationPolicy: "Background" });
    await stage.run(10 * MINUTE);
    expect(stage.runner(uuid)).toMatchObject({ disabled: true });
    await stage.run(50 * MINUTE);
    expect(stage.runner(uuid)).toBeUndefined();
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });

  test("one whose reply was lost is removed although its scope has left the file, and both processes are new", async () => {
    const team = seedGroup({ name: "Elsewhere", workspace: "other-team" });
    const stage = openStage();
    stage.bitbucket.addWorkspace({ slug: "other-team" });
    stage.settings = { ...SEED_SETTINGS, groups: [seedGroup(), team] };
    const elsewhere = () => stage.bitbucket.glance().filter(({ name }) => name.startsWith("Elsewhere ["));
    const lost = { kind: "lost-reply" } as const;
    stage.faults = { bitbucket: whenever((request) => registers(request) && request.body.includes("Elsewhere"), lost) };
    const processes = Object.values(stage.startBoth());
    await stage.until(() => elsewhere().length === 1, MINUTE, 50);
    for (const process of processes) process.crash();
    stage.faults = {};
    stage.settings = SEED_SETTINGS;
    stage.startBoth();
    await stage.run(15 * MINUTE);
    expect(elsewhere()).toEqual([]);
    const ledgers = () => stage.names("configmaps").length;
    expect(ledgers()).toBe(2);
    await stage.run(HOUR);
    // Nothing of ours has been there for long: it is not looked at any more.
    expect(ledgers()).toBe(1);
    expect(stage.breaches).toEqual([]);
  });
});

describe("lists that are empty although all is well with them", () => {
  test.each([
    ["pods", "kubernetes", /\/pods$/],
    ["Jobs", "kubernetes", /\/jobs$/],
    ["Secrets", "kubernetes", /\/secrets$/],
    ["runners", "bitbucket", /\/runners$/],
  ] as const)(
    "%s, for an hour: nothing of a silent runner and of one that serves is touched",
    async (_what, plane, path) => {
      const stage = openStage({ settings: withLimits(SEED_SETTINGS, 2, 2) });
      const { controller } = stage.startBoth();
      await stage.until(() => stage.serving.length === 2, 2 * MINUTE);
      controller.crash();
      stage.bitbucket.agents.cutOff(stage.anyRunner.uuid);
      const picture = () =>
        stage.runners.map(({ uuid, disabled }) => [
          disabled,
          stage.drainOf(uuid),
          stage.jobOf(uuid)?.metadata.uid,
          stage.podOf(uuid)?.metadata.uid,
          stage.secretOf(uuid)?.data,
        ]);
      const before = picture();
      stage.faults = {
        [plane]: ({ method, url }: HttpRequest) =>
          method === "GET" && path.test(new URL(url).pathname) ? { kind: "empty-list" } : undefined,
      };
      await stage.run(HOUR);
      expect(picture()).toEqual(before);
      expect(stage.breaches).toEqual([]);
    },
  );
});

test("a Job that hangs in its deletion costs no requests, and is counted once", async () => {
  const { stage, uuid } = await served();
  stage.cluster.change("jobs", "default", jobName(uuid), (job) => ({
    ...job,
    metadata: { ...job.metadata, finalizers: ["example.com/hangs"] },
  }));
  stage.cluster.delete("jobs", "default", jobName(uuid), { propagationPolicy: "Background" });
  stage.bitbucket.humanDeletes(uuid);
  await stage.run(10 * MINUTE);
  const asked: string[] = [];
  stage.faults = { bitbucket: ({ url }) => void asked.push(decodeURIComponent(url)) };
  await stage.run(HOUR);
  expect(asked.filter((url) => url.includes(`/runners/${uuid}`))).toEqual([]);
  expect(stage.cleanings.at(-1)?.left).toEqual({ going: 1 });
  expect(stage.cleanings.slice(-5).every(({ removedRunners }) => removedRunners === 0)).toBe(true);
});

test("a namespace that cannot be read holds up nobody in another one, and is reported", async () => {
  const elsewhere = seedGroup({ name: "Elsewhere", labels: ["elsewhere"], namespace: "elsewhere" });
  const stage = openStage({
    settings: { ...SEED_SETTINGS, groups: [seedGroup(), elsewhere] },
    namespaces: ["elsewhere"],
  });
  const { controller } = stage.startBoth();
  await stage.until(() => stage.serving.length === 2, 2 * MINUTE);
  controller.crash();
  const [here = "", there = ""] = ["default", "elsewhere"].map(
    (namespace) => stage.cluster.list("jobs", namespace)[0]?.metadata.name.replace(/^runner-(.*)$/, "{$1}") ?? "",
  );
  const forbidden = { kind: "status", status: 403, acts: "never" } as const;
  stage.faults = { kubernetes: whenever(({ path }) => path.includes("/namespaces/elsewhere/"), forbidden) };
  suspend(stage, here);
  // Nobody can tell whether it has a Job.
  stage.bitbucket.agents.cutOff(there);
  await stage.run(HOUR);
  expect(stage.runner(here)).toBeUndefined();
  expect(stage.runner(there)).toMatchObject({ disabled: false, status: "OFFLINE" });
  expect(stage.cleanings.at(-1)?.left).toEqual({ "cannot-tell": 1 });
  expect(stage.failures.some(({ operation }) => operation === "read-namespace")).toBe(true);
  expect(stage.breaches).toEqual([]);
});
