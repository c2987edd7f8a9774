import { describe, expect, test } from "vitest";
import { addOriginalRunner, originalDisables } from "../support/original-runner.ts";
import { seedGroup, UNHURRIED } from "../support/seed.ts";
import { HOUR, MINUTE, NOTHING_LEFT, openStage, SECOND } from "../support/stage.ts";

const INSTALLATION = "runners-autoscaler/installation";
/** No proof takes longer. */
const LONGEST_PROOF = 735 * MINUTE;

describe("runners that the original made", () => {
  test("are adopted once, serve under max, and go with their unowned Secret when they are not needed", async () => {
    const stage = openStage();
    const uuids = [1, 2, 3].map(() => addOriginalRunner(stage));
    await stage.run(MINUTE);
    const made = stage.registrations;
    stage.startBoth();
    await stage.run(20 * SECOND);
    const marks = uuids.map((uuid) => stage.jobOf(uuid)?.metadata.labels?.[INSTALLATION]);
    expect(new Set(marks).size).toBe(1);
    expect(marks[0]).toBeDefined();
    expect(stage.registrations).toBe(made);

    await stage.run(20 * MINUTE);
    expect(stage.serving).toHaveLength(1);
    const [kept] = stage.runners;
    expect(uuids).toContain(kept?.uuid);
    expect(stage.names("secrets", "default")).toEqual([`runner-oauth-credentials-${kept?.uuid.slice(1, -1)}`]);
    expect(stage.names("jobs")).toHaveLength(1);
    expect(stage.breaches).toEqual([]);
  });

  test("count under max from the first pass on", async () => {
    const stage = openStage();
    for (let i = 0; i < 10; i += 1) addOriginalRunner(stage);
    stage.queue(30, 10 * MINUTE);
    await stage.run(MINUTE);
    stage.startBoth();
    await stage.run(10 * MINUTE);
    expect(stage.runners).toHaveLength(10);
    expect(stage.lastReport().decision).toMatchObject({ reason: "at-max", numbers: { live: 10 } });
    expect(stage.breaches).toEqual([]);
  });

  test("that were disabled drain: their agent is not heard of again, and everything of them goes", async () => {
    const stage = openStage();
    const [kept, disabled] = [addOriginalRunner(stage), addOriginalRunner(stage)];
    await stage.run(MINUTE);
    originalDisables(stage, disabled);
    stage.startBoth();
    await stage.run(30 * SECOND);
    expect(stage.drainOf(disabled)).toContain("adopted-disabled");
    await stage.run(3 * MINUTE);
    expect(stage.runners.map(({ uuid }) => uuid)).toEqual([kept]);
    expect([stage.jobOf(disabled), stage.secretOf(disabled), stage.podOf(disabled)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });

  test("that were disabled while busy end their step first", async () => {
    const stage = openStage();
    const disabled = addOriginalRunner(stage);
    await stage.run(MINUTE);
    stage.queue(1, 10 * MINUTE);
    await stage.until(() => stage.steps.running === 1, MINUTE);
    originalDisables(stage, disabled);
    stage.startBoth();
    await stage.run(9 * MINUTE);
    expect(stage.runner(disabled)).toBeDefined();
    // DISABLED hides whether its agent is heard: the end of its step might be a connection that was lost.
    await stage.run(15 * MINUTE);
    expect(stage.runner(disabled)).toBeDefined();
    await stage.run(5 * MINUTE);
    expect(stage.runner(disabled)).toBeUndefined();
    expect(stage.steps).toEqual({ successful: 1 });
    expect(stage.breaches).toEqual([]);
  });

  test.each([
    ["in another namespace", { namespace: "elsewhere" }],
    ["with one label more", { labels: [...seedGroup().labels, "gpu"] }],
    ["with one label less", { labels: ["self.hosted", "linux", "autoscaler.created"] }],
  ])("%s stay untouched, enabled or disabled, alive or dead", async (_what, options) => {
    // Another group has its runners there: the program looks at that namespace too.
    const neighbour = seedGroup({ name: "Neighbour", labels: ["neighbour"], namespace: "elsewhere" });
    const stage = openStage({ settings: { ...UNHURRIED, groups: [...UNHURRIED.groups, neighbour] } });
    stage.cluster.create("namespaces", undefined, { metadata: { name: "elsewhere" } });
    const uuids = [1, 2, 3].map(() => addOriginalRunner(stage, options));
    await stage.run(MINUTE);
    const [, disabled = "", dead = ""] = uuids;
    originalDisables(stage, disabled);
    stage.bitbucket.agents.cutOff(dead);
    for (const uuid of uuids) stage.observer.declareForeign(uuid);
    const picture = () =>
      uuids.map((uuid) => [
        stage.jobOf(uuid)?.metadata.resourceVersion,
        stage.secretOf(uuid)?.metadata.resourceVersion,
        stage.podOf(uuid)?.metadata.uid,
        stage.runner(uuid)?.disabled,
      ]);
    const before = picture();
    stage.startBoth();
    await stage.run(LONGEST_PROOF + HOUR);
    expect(picture()).toEqual(before);
    expect(stage.runners.filter(({ uuid }) => !uuids.includes(uuid))).toHaveLength(2);
    expect(stage.breaches).toEqual([]);
  });
});
