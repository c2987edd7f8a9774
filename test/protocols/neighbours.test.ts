import { describe, expect, test } from "vitest";
import { SEED_SETTINGS, seedGroup, UNHURRIED, withLimits } from "../support/seed.ts";
import { HOUR, MINUTE, openStage } from "../support/stage.ts";

/** Another cluster's or another control namespace's. */
const OTHER = "zzzzzzzz";
const mark = (name: string) => /\[(\w{8})-/.exec(name)?.[1];

describe("runners of others with the same label set", () => {
  test("in another cluster are never touched, whatever becomes of them", async () => {
    const stage = openStage({ settings: UNHURRIED });
    const register = (name: string) => {
      const runner = stage.bitbucket.humanRegisters(
        { workspace: stage.workspace },
        { name, labels: seedGroup().labels },
      );
      if ("problem" in runner) throw new Error(runner.problem);
      return runner;
    };
    const never = register(`Runner group 1 [${OTHER}-aaaaaa]`);
    const disabled = register(`Runner group 1 [${OTHER}-bbbbbb]`);
    const bare = register("Runner group 1");
    stage.bitbucket.humanDisables(disabled.uuid);
    stage.startBoth();
    await stage.run(14 * HOUR);
    for (const { uuid, name } of [never, disabled, bare]) expect(stage.runner(uuid)?.name).toBe(name);
    expect(stage.runner(disabled.uuid)?.disabled).toBe(true);
    // And they take no place of the group's.
    expect(stage.serving).toHaveLength(1);
    expect(stage.lastReport().decision.numbers.live).toBe(1);
    expect(stage.breaches).toEqual([]);
  });

  test("two installations on one workspace and one cluster live side by side", async () => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 1, 3) });
    stage.startBoth();
    stage.start("controller", { installation: OTHER });
    stage.start("cleaner", { installation: OTHER });
    await stage.until(() => stage.serving.length === 2, 2 * MINUTE);
    stage.queue(12, 6 * MINUTE);
    await stage.run(40 * MINUTE);

    const owners = stage.runners.map(({ name }) => mark(name));
    expect(new Set(owners).size).toBe(2);
    expect(owners).toHaveLength(2);
    expect(stage.steps).toEqual({ successful: 12 });
    const nameOf = new Map(
      stage.bitbucket.events.flatMap((event) => (event.type === "runner-created" ? [[event.runner, event.name]] : [])),
    );
    const jobs = stage.cluster
      .list("jobs")
      .map(({ metadata }) => [
        metadata.labels?.["runners-autoscaler/installation"],
        mark(nameOf.get(`{${metadata.name.slice("runner-".length)}}`) ?? ""),
      ]);
    for (const [label, owner] of jobs) expect(label).toBe(owner);
    // Each made as many as it may, and no more: the other's runners took no place, and none was killed.
    const most = [0, 0];
    const alive = [new Set<string>(), new Set<string>()];
    for (const event of stage.bitbucket.events) {
      if (event.type !== "runner-created" && event.type !== "runner-deleted") continue;
      const side = mark(nameOf.get(event.runner) ?? "") === OTHER ? 1 : 0;
      if (event.type === "runner-created") alive[side]?.add(event.runner);
      else alive[side]?.delete(event.runner);
      most[side] = Math.max(most[side] ?? 0, alive[side]?.size ?? 0);
    }
    expect(most).toEqual([3, 3]);
    expect(stage.breaches.filter(({ invariant }) => invariant !== 1)).toEqual([]);
  });

  test("an installation that ends leaves the other's runners alone, and its own behind", async () => {
    const stage = openStage();
    const others = [
      stage.start("controller", { installation: OTHER }),
      stage.start("cleaner", { installation: OTHER }),
    ];
    await stage.until(() => stage.serving.length === 1, 2 * MINUTE);
    const { uuid } = stage.anyRunner;
    for (const process of others) process.terminate();
    stage.observer.declareForeign(uuid);
    const before = [stage.jobOf(uuid), stage.secretOf(uuid)];
    stage.startBoth();
    await stage.run(40 * MINUTE);
    expect([stage.jobOf(uuid), stage.secretOf(uuid)]).toEqual(before);
    expect(stage.runner(uuid)).toMatchObject({ status: "ONLINE", disabled: false });
    expect(stage.serving).toHaveLength(2);
    expect(stage.breaches).toEqual([]);
  });
});
