import { describe, expect, test } from "vitest";
import { jobName } from "../../src/domain/mark.ts";
import { installationOf } from "../../src/simulation/identity.ts";
import { idleGroup } from "../support/idle-group.ts";
import { justBefore, makes, readsRunner, registers, whenever } from "../support/moments.ts";
import { addOriginalRunner } from "../support/original-runner.ts";
import { SEED_SETTINGS, seedGroup, withLimits } from "../support/seed.ts";
import { HOUR, MINUTE, NOTHING_LEFT, openStage, SECOND, type Stage } from "../support/stage.ts";

/** Stories that were made up outside of the drawn histories: each is an example of a kind, with what is right. */

const DRAIN = "runners-autoscaler/drain";

const wantFewer = (stage: Stage) => void (stage.settings = withLimits(SEED_SETTINGS, 1, 10));
const drainingOne = (stage: Stage) =>
  stage.runners.find(({ uuid, disabled }) => disabled && stage.drainOf(uuid) !== undefined);

/** One runner drains. @returns its uuid */
async function draining(stage: Stage): Promise<string> {
  wantFewer(stage);
  await stage.until(() => drainingOne(stage) !== undefined, MINUTE, 100);
  return drainingOne(stage)?.uuid ?? "";
}

function annotate(stage: Stage, uuid: string, annotations: Readonly<Record<string, string>>): void {
  stage.cluster.change("jobs", "default", jobName(uuid), (job) => ({
    ...job,
    metadata: { ...job.metadata, annotations: { ...job.metadata.annotations, ...annotations } },
  }));
}

describe("a step is not killed", () => {
  test.each([MINUTE, 10 * MINUTE, -10 * MINUTE])("when a successor's clock is %i ms ahead", async (aheadMs) => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 2, 10), behaviour: { disableReaches: "next-poll" } });
    const first = stage.start("controller");
    await stage.until(() => stage.serving.length === 2, 2 * MINUTE);
    await stage.run(6 * MINUTE);
    const uuid = await draining(stage);
    first.crash();
    stage.start("controller", { aheadMs });
    const begun = stage.clock.now();
    const tookMs = await stage.until(() => stage.runner(uuid) === undefined, 3 * MINUTE);
    expect(stage.clock.now() - begun).toBe(tookMs);
    expect(tookMs).toBeGreaterThan(40 * SECOND);
    expect(stage.breaches).toEqual([]);
  });

  test("nor is a starting runner removed, without any Date and by a clock that is ahead", async () => {
    const stage = openStage({
      behaviour: { sendsDate: false },
      pools: [{ name: "slow", cpu: "4", memory: "16Gi", initial: 0, max: 2, bootMs: [6 * MINUTE, 6 * MINUTE] }],
    });
    stage.start("controller");
    stage.start("cleaner", { aheadMs: 20 * MINUTE });
    await stage.run(10 * MINUTE);
    expect(stage.registrations).toBe(1);
    expect(stage.serving).toHaveLength(1);
    expect(stage.breaches).toEqual([]);
  });

  test("by a controller that stood still between its last look and its DELETE while somebody enabled the runner", async () => {
    const stage = await idleGroup(2);
    const uuid = await draining(stage);
    stage.faults = {
      bitbucket: justBefore(
        (request) => stage.drainOf(uuid)?.includes("condemned") === true && readsRunner(request),
        () => {
          void stage.clock.sleep(2 * MINUTE).then(() => {
            stage.bitbucket.humanEnables(uuid);
            stage.queue(2, 20 * MINUTE);
          });
          return { kind: "pause", when: "after", ms: 5 * MINUTE };
        },
      ),
    };
    await stage.run(8 * MINUTE);
    expect(stage.runner(uuid)).toMatchObject({ disabled: false });
    expect(stage.steps.killed).toBeUndefined();
    expect(stage.breaches).toEqual([]);
  });

  test("on a node that only the API server does not hear, though its Job fails and its object goes", async () => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 1, 3), behaviour: { offlineStep: "lives-shown" } });
    stage.startBoth();
    await stage.until(() => stage.serving.length === 1, 2 * MINUTE);
    stage.queue(1, 40 * MINUTE);
    await stage.until(() => stage.steps.running === 1, MINUTE);
    const busy = stage.runners.find(({ running }) => running.length > 0)?.uuid ?? "";
    stage.bitbucket.humanDisables(busy);
    const node = (stage.podOf(busy)?.spec as { readonly nodeName: string }).nodeName;
    stage.cluster.loseNode(node, "go-on");
    await stage.run(7 * MINUTE);
    stage.cluster.removeNode(node);
    await stage.run(HOUR);
    expect(stage.steps.killed).toBeUndefined();
    expect(stage.steps.successful).toBe(1);
    expect(stage.breaches).toEqual([]);
  });
});

describe("two controllers that know nothing of each other make no more than max", () => {
  test("while the adoption of the original's runners fails", async () => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 4, 4) });
    const originals = [addOriginalRunner(stage), addOriginalRunner(stage)].map(jobName);
    stage.faults = {
      kubernetes: ({ method, url }) =>
        method === "PATCH" && originals.some((name) => url.includes(name)) && stage.elapsedMs < MINUTE
          ? { kind: "status", status: 503, acts: "never" }
          : undefined,
    };
    stage.start("controller");
    stage.start("controller");
    await stage.until(() => stage.serving.length === 4, 3 * MINUTE);
    await stage.run(2 * MINUTE);
    expect(stage.observer.mostRunners).toBe(4);
    expect(stage.breaches).toEqual([]);
    expect(originals.map((name) => stage.cluster.get("jobs", "default", name)?.metadata.labels)).toEqual(
      Array(2).fill(expect.objectContaining({ "runners-autoscaler/installation": installationOf(stage.cluster) })),
    );
  });

  test("although somebody deletes a Job between their reads and their deciding list", async () => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 2, 3) });
    stage.start("controller");
    await stage.until(() => stage.serving.length === 2, 2 * MINUTE);
    const { uuid } = stage.anyRunner;
    stage.start("controller");
    await stage.run(20 * SECOND);
    // At the first Job that either of them makes from now on; the list that decides comes after it.
    const deleteIt = () => stage.cluster.delete("jobs", "default", jobName(uuid), { propagationPolicy: "Background" });
    stage.faults = {
      // Slow enough for both to be at it.
      bitbucket: whenever(registers, { kind: "slow", requestMs: 16 * SECOND }),
      kubernetes: justBefore(makes("jobs"), deleteIt),
    };
    stage.settings = withLimits(SEED_SETTINGS, 3, 3);
    await stage.until(() => stage.jobOf(uuid) === undefined, MINUTE);
    await stage.run(3 * MINUTE);
    expect(stage.observer.mostRunners).toBe(3);
    expect(stage.breaches).toEqual([]);
  });
});

describe("nobody else's", () => {
  test("a mark that a newer version wrote is left alone, and said", async () => {
    const stage = await idleGroup(2);
    const { uuid } = stage.anyRunner;
    stage.bitbucket.humanDisables(uuid);
    annotate(stage, uuid, { [DRAIN]: JSON.stringify({ v: 9, state: "condemned", cause: "surplus", since: 1 }) });
    await stage.run(2 * HOUR);
    expect(stage.runner(uuid)).toMatchObject({ disabled: true });
    expect(stage.phaseOf(uuid)).toBe("held");
    expect(stage.cleanings.at(-1)?.left).toMatchObject({ "mark-not-understood": 1 });
    expect(stage.breaches).toEqual([]);
  });

  test("a copied Job takes no place, and is reported", async () => {
    const stage = await idleGroup(1);
    const { uuid } = stage.anyRunner;
    const original = stage.jobOf(uuid);
    const { labels, annotations } = original?.metadata ?? {};
    const { template } = (original?.spec ?? {}) as { readonly template: object };
    for (const name of ["copy-1", "copy-2"])
      stage.cluster.create("jobs", "default", {
        metadata: { name, labels, annotations },
        spec: { suspend: true, template },
      });
    stage.queue(6, 10 * MINUTE);
    await stage.run(8 * MINUTE);
    expect(stage.serving.length).toBeGreaterThan(1);
    expect(stage.logs.filter((line) => line.includes("default/copy-")).length).toBeGreaterThan(0);
    expect(stage.names("jobs")).toEqual(expect.arrayContaining(["copy-1", "copy-2"]));
    expect(stage.breaches).toEqual([]);
  });

  test("a forged Job makes no foreign registration ours, wherever it is", async () => {
    const stage = openStage({ namespaces: ["tenant"] });
    const foreign = stage.bitbucket.humanRegisters(
      { workspace: stage.workspace },
      { name: "mine", labels: seedGroup().labels },
    );
    if ("problem" in foreign) throw new Error(foreign.problem);
    stage.bitbucket.humanDisables(foreign.uuid);
    const uuid = foreign.uuid.slice(1, -1);
    const labels = {
      "runners-autoscaler/installation": installationOf(stage.cluster),
      runner_uuid: uuid,
      "runners-autoscaler/group": "x",
    };
    const spec = {
      suspend: true,
      template: { spec: { restartPolicy: "Never", containers: [{ name: "none", image: "none" }] } },
    };
    for (const namespace of ["tenant", "default"])
      stage.cluster.create("jobs", namespace, { metadata: { name: `runner-${uuid}`, labels }, spec });
    stage.startBoth();
    await stage.run(2 * HOUR);
    expect(stage.runner(foreign.uuid)).toMatchObject({ disabled: true, name: "mine" });
    expect(stage.breaches).toEqual([]);
  });

  test("what a human enables while it drains stays enabled for the cool-down", async () => {
    const stage = await idleGroup(2);
    const uuid = await draining(stage);
    await stage.run(10 * SECOND);
    stage.bitbucket.humanEnables(uuid);
    let isOverruled = false;
    await stage.clock.advance(
      stage.settings.constants.coolDownMs,
      () => (isOverruled ||= stage.runner(uuid)?.disabled !== false),
    );
    expect(isOverruled).toBe(false);
    expect(stage.breaches).toEqual([]);
  });
});

describe("nothing stalls, nothing is left", () => {
  test("a disable of ours that arrives after its drain had ended is brought back", async () => {
    const stage = await idleGroup(2);
    const uuid = await draining(stage);
    stage.settings = withLimits(SEED_SETTINGS, 2, 10);
    await stage.until(() => stage.runner(uuid)?.disabled === false && stage.drainOf(uuid) === undefined, MINUTE, 50);
    const runner = stage.bitbucket.runners.find(uuid);
    if (runner !== undefined)
      stage.bitbucket.runners.disable(runner, { kind: "api", credential: "a hand of ours", flavour: "internal" });
    await stage.until(() => stage.runner(uuid)?.disabled === false, 5 * MINUTE);
    await stage.run(5 * MINUTE);
    expect(stage.serving).toHaveLength(2);
  });

  test("a draining runner whose Job somebody deletes is gone within the hour", async () => {
    const stage = await idleGroup(2);
    const uuid = await draining(stage);
    stage.cluster.delete("jobs", "default", jobName(uuid), { propagationPolicy: "Background" });
    await stage.until(() => stage.runner(uuid) === undefined, HOUR);
    await stage.run(5 * MINUTE);
    expect(stage.serving).toHaveLength(1);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });

  test("an agent that has ended for good beside its Docker daemon gives its place back", async () => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 1, 1) });
    stage.startBoth();
    await stage.until(() => stage.serving.length === 1, 2 * MINUTE);
    const { uuid } = stage.anyRunner;
    stage.bitbucket.agents.crash(uuid, 0);
    await stage.until(() => stage.runner(uuid) === undefined, HOUR);
    await stage.until(() => stage.serving.length === 1, 5 * MINUTE);
    expect(stage.breaches).toEqual([]);
  });

  test("an agent that hangs OFFLINE with a running pod is replaced after a stated patience", async () => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 1, 1) });
    stage.startBoth();
    await stage.until(() => stage.serving.length === 1, 2 * MINUTE);
    const { uuid } = stage.anyRunner;
    stage.bitbucket.agents.cutOff(uuid);
    await stage.run(50 * MINUTE);
    expect(stage.runner(uuid)).toBeDefined();
    await stage.until(() => stage.runner(uuid) === undefined, 20 * MINUTE);
    await stage.until(() => stage.serving.length === 1, 5 * MINUTE);
    expect(stage.breaches).toEqual([]);
  });

  test("a group that left the file leaves no registration whose reply was lost, though both processes restart", async () => {
    const stage = openStage();
    stage.faults = {
      bitbucket: whenever(({ method, path }) => method === "POST" && path.endsWith("/runners"), { kind: "lost-reply" }),
    };
    const { controller, cleaner } = stage.startBoth();
    await stage.until(() => stage.registrations === 1, MINUTE, 50);
    controller.crash();
    cleaner.crash();
    stage.faults = {};
    stage.settings = { ...SEED_SETTINGS, groups: [] };
    stage.startBoth();
    await stage.run(20 * MINUTE);
    expect(stage.runners).toEqual([]);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
  });

  test("what was learnt of a scope survives a restart: on the public API, too, the group shrinks again", async () => {
    const stage = openStage({ behaviour: { internal: 404, publicShowsStep: true } });
    const first = stage.startBoth();
    await stage.run(2 * MINUTE);
    stage.queue(6, 6 * MINUTE);
    await stage.run(10 * MINUTE);
    first.controller.crash();
    first.cleaner.crash();
    stage.startBoth();
    await stage.run(40 * MINUTE);
    expect(stage.serving).toHaveLength(1);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });

  test("pods that the cluster refuses cost few registrations, and a reason is shown", async () => {
    const stage = openStage();
    stage.cluster.refusePods("default", "exceeded quota: runners, requested: pods=1, used: pods=0, limited: pods=0");
    stage.startBoth();
    await stage.run(4 * HOUR);
    expect(stage.registrations).toBeLessThanOrEqual(2);
    expect(stage.cleanings.at(-1)?.left).toMatchObject({ "no-pod-made": 1 });
    stage.cluster.admitPods("default");
    await stage.until(() => stage.serving.length === 1, 20 * MINUTE);
    expect(stage.breaches).toEqual([]);
  });

  test("a runner whose Docker daemon cannot run is no supply, and is replaced", async () => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 1, 2) });
    stage.startBoth();
    await stage.until(() => stage.serving.length === 1, 2 * MINUTE);
    await stage.run(6 * MINUTE);
    const { uuid } = stage.anyRunner;
    const pod = stage.podOf(uuid);
    const { containers } = (pod?.spec ?? {}) as {
      readonly containers: readonly {
        readonly name: string;
        readonly image: string;
        readonly env?: readonly { readonly name: string }[];
      }[];
    };
    const helper = containers.find(({ env }) => env?.some(({ name }) => name === "RUNNER_UUID") !== true);
    stage.cluster.breakImage(helper?.image ?? "");
    for (let i = 0; i < 6; i += 1) {
      stage.cluster.exitContainer("default", pod?.metadata.name ?? "", 1, helper?.name);
      await stage.run(MINUTE);
    }
    stage.cluster.repairImage(helper?.image ?? "");
    await stage.until(() => stage.runner(uuid) === undefined, 20 * MINUTE);
    await stage.until(() => stage.serving.length === 1, 5 * MINUTE);
    expect(stage.breaches).toEqual([]);
  });
});

describe("one that is broken holds up nobody else", () => {
  test("a group that cannot be resolved does not keep another one's runners from going, also after a restart", async () => {
    const unknown = seedGroup({ name: "Unknown", workspace: "no-such-workspace", labels: ["other"] });
    const stage = openStage({
      settings: { ...withLimits(SEED_SETTINGS, 2, 10), groups: [...withLimits(SEED_SETTINGS, 2, 10).groups, unknown] },
    });
    const first = stage.startBoth();
    await stage.until(() => stage.serving.length === 2, 2 * MINUTE);
    await stage.run(6 * MINUTE);
    first.controller.crash();
    stage.settings = { ...SEED_SETTINGS, groups: [unknown] };
    stage.start("controller");
    await stage.until(() => stage.runners.length === 0, 15 * MINUTE);
    expect(stage.breaches).toEqual([]);
  });

  test("a namespace that cannot be read: the other group of the workspace goes on", async () => {
    const elsewhere = seedGroup({ name: "Elsewhere", namespace: "secret-ops", labels: ["elsewhere"] });
    const settings = { ...SEED_SETTINGS, groups: [...SEED_SETTINGS.groups, elsewhere] };
    const stage = openStage({ settings, namespaces: ["secret-ops"] });
    const forbidden = { kind: "status", status: 403, acts: "never", body: "forbidden" } as const;
    stage.faults = {
      kubernetes: whenever(
        ({ method, path }) => method === "GET" && path.includes("/namespaces/secret-ops/"),
        forbidden,
      ),
    };
    stage.startBoth();
    await stage.until(() => stage.serving.length === 1, 2 * MINUTE);
    stage.queue(3, 3 * MINUTE);
    await stage.run(15 * MINUTE);
    expect(stage.steps).toEqual({ successful: 3 });
    expect(stage.reports.filter(({ group }) => group === "Elsewhere")).toEqual([]);
    expect(stage.breaches).toEqual([]);
  });
});
