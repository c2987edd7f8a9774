import { describe, expect, test } from "vitest";
import { aboutName } from "../../src/domain/events.ts";
import type { GroupSettings, Settings } from "../../src/domain/settings.ts";
import type { ChooseFault } from "../../src/simulator/faults.ts";
import { SEED_SETTINGS, seedGroup, withLimits } from "../support/seed.ts";
import { HOUR, MINUTE, NOTHING_LEFT, openStage, SECOND, type Stage } from "../support/stage.ts";

const withGroups = (...groups: readonly GroupSettings[]): Settings => ({ ...SEED_SETTINGS, groups });
const FIRST = seedGroup();
const SECOND_GROUP = seedGroup({ name: "Big", labels: ["big"] });
const OTHER_SCOPE = "other-team";
const ELSEWHERE = seedGroup({ name: "Elsewhere", workspace: OTHER_SCOPE });

const of = (stage: Stage, group: GroupSettings) =>
  stage.bitbucket.glance().filter(({ name }) => name.startsWith(`${group.name} [`));

/** A second workspace, with a repository in it. */
function addOtherScope(stage: Stage) {
  const workspace = stage.bitbucket.addWorkspace({ slug: OTHER_SCOPE });
  return stage.bitbucket.addRepository(workspace, { slug: "site" });
}

describe("a group that leaves the configuration", () => {
  test("drains: idle runners go, busy ones end their step first, and nothing is left", async () => {
    const two = withLimits(withGroups(FIRST, SECOND_GROUP), 2, 2);
    const stage = openStage({ settings: two });
    stage.startBoth();
    await stage.until(() => stage.serving.length === 4, 2 * MINUTE);
    await stage.run(6 * MINUTE);
    stage.queue(1, 30 * MINUTE, { runsOn: ["self.hosted", "big"] });
    await stage.until(() => stage.steps.running === 1, MINUTE);

    stage.settings = withLimits(withGroups(FIRST), 2, 2);
    await stage.run(5 * MINUTE);
    expect(of(stage, SECOND_GROUP).map(({ running }) => running.length)).toEqual([1]);
    await stage.run(30 * MINUTE);
    expect(of(stage, SECOND_GROUP)).toEqual([]);
    expect(of(stage, FIRST)).toHaveLength(2);
    expect(stage.steps).toEqual({ successful: 1 });
    expect(stage.names("jobs")).toHaveLength(2);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });

  test("and comes back meanwhile has its runners back", async () => {
    const stage = openStage({ settings: withGroups(FIRST, SECOND_GROUP) });
    stage.startBoth();
    await stage.run(8 * MINUTE);
    const [runner] = of(stage, SECOND_GROUP);
    stage.settings = withGroups(FIRST);
    await stage.until(() => stage.drainOf(runner?.uuid ?? "") !== undefined, MINUTE);
    stage.settings = withGroups(FIRST, SECOND_GROUP);
    await stage.run(5 * MINUTE);
    expect(of(stage, SECOND_GROUP)).toMatchObject([{ uuid: runner?.uuid, disabled: false }]);
    expect(stage.breaches).toEqual([]);
  });

  test("leaves alone what a human holds", async () => {
    const stage = openStage({ settings: withGroups(FIRST, SECOND_GROUP) });
    stage.startBoth();
    await stage.run(8 * MINUTE);
    const [runner] = of(stage, SECOND_GROUP);
    stage.bitbucket.humanDisables(runner?.uuid ?? "");
    stage.settings = withGroups(FIRST);
    await stage.run(40 * MINUTE);
    expect(of(stage, SECOND_GROUP)).toMatchObject([{ uuid: runner?.uuid, disabled: true }]);
    expect(stage.breaches).toEqual([]);
  });
});

describe("a scope that leaves the configuration", () => {
  test.each(["while the processes run", "while none runs"])(
    "%s: its runners drain, and nothing is left",
    async (when) => {
      const stage = openStage({ settings: withGroups(FIRST) });
      addOtherScope(stage);
      stage.settings = withGroups(FIRST, ELSEWHERE);
      const processes = Object.values(stage.startBoth());
      await stage.run(8 * MINUTE);
      expect(of(stage, ELSEWHERE)).toHaveLength(1);

      if (when === "while none runs") for (const process of processes) process.crash();
      stage.settings = withGroups(FIRST);
      if (when === "while none runs") stage.startBoth();
      await stage.run(8 * MINUTE);
      expect(of(stage, ELSEWHERE)).toEqual([]);
      expect(of(stage, FIRST)).toHaveLength(1);
      expect(stage.names("jobs")).toHaveLength(1);
      expect(stage.leftovers).toEqual(NOTHING_LEFT);
      expect(stage.breaches).toEqual([]);
    },
  );
});

describe("a group whose scope cannot be resolved", () => {
  /** Every call of Bitbucket's API that looks a workspace up, or reads its runners, fails. */
  const withoutScope =
    (workspace: string): ChooseFault =>
    ({ url }) =>
      decodeURIComponent(url).includes(`/${workspace}`) ? { kind: "status", status: 503, acts: "never" } : undefined;

  test("keeps its runners while Bitbucket is down at the start", async () => {
    const stage = openStage();
    const { controller, cleaner } = stage.startBoth();
    await stage.run(8 * MINUTE);
    const before = stage.runners;
    controller.crash();
    cleaner.crash();
    stage.faults = { bitbucket: () => ({ kind: "refused" }) };
    stage.startBoth();
    await stage.run(HOUR);
    stage.faults = {};
    await stage.run(10 * MINUTE);
    expect(stage.runners).toEqual(before);
    expect(stage.names("jobs")).toHaveLength(1);
    expect(stage.breaches).toEqual([]);
  });

  test("keeps its runners when only its name cannot be looked up, and they are known by their Jobs alone", async () => {
    const stage = openStage();
    addOtherScope(stage);
    stage.settings = withGroups(FIRST, ELSEWHERE);
    const processes = Object.values(stage.startBoth());
    await stage.run(8 * MINUTE);
    const before = stage.bitbucket.glance();
    for (const process of processes) process.crash();
    // Runners are asked for by the workspace's uuid, which its Jobs tell; the configuration names it by slug.
    stage.faults = { bitbucket: withoutScope(OTHER_SCOPE) };
    stage.startBoth();
    await stage.run(20 * MINUTE);
    expect(stage.bitbucket.glance()).toEqual(before);
    expect(stage.runners.some(({ uuid }) => stage.drainOf(uuid) !== undefined)).toBe(false);
    stage.faults = {};
    await stage.run(10 * MINUTE);
    expect(stage.lastReport("Elsewhere").decision.numbers.supply.idle).toBe(1);
    expect(stage.breaches).toEqual([]);
  });

  test("and that never existed holds up no other group, in its own scope neither", async () => {
    const stage = openStage({ settings: withGroups(FIRST, seedGroup({ name: "Gone", workspace: "gone" })) });
    stage.startBoth();
    const tookMs = await stage.until(() => stage.serving.length === 1, MINUTE);
    expect(tookMs).toBeLessThan(30 * SECOND);
    stage.queue(4, 5 * MINUTE);
    await stage.run(30 * MINUTE);
    expect(stage.steps).toEqual({ successful: 4 });
    expect(stage.serving).toHaveLength(1);
    expect(stage.failures.some(({ about }) => aboutName(about) === "gone")).toBe(true);
    expect(stage.breaches).toEqual([]);
  });
});
