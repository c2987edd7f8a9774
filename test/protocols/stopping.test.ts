import { describe, expect, test } from "vitest";
import type { ChooseFault } from "../../src/simulator/faults.ts";
import { SEED_SETTINGS, withLimits } from "../support/seed.ts";
import { MINUTE, NOTHING_LEFT, openStage, SECOND } from "../support/stage.ts";

const GRACE_MS = 8 * SECOND;

/** The requests that fit hang. */
const hanging =
  (method: string, path: RegExp): ChooseFault =>
  (request) =>
    request.method === method && path.test(new URL(request.url).pathname)
      ? { kind: "hang", acts: "at-once" }
      : undefined;

describe("a process that is told to stop", () => {
  const MOMENTS: [string, "bitbucket" | "kubernetes", ChooseFault][] = [
    ["its registrations are under way", "bitbucket", hanging("POST", /runners$/)],
    ["its Jobs are under way", "kubernetes", hanging("POST", /jobs$/)],
    ["its Secrets are under way", "kubernetes", hanging("POST", /secrets$/)],
    ["the scope is being listed", "bitbucket", hanging("GET", /runners$/)],
    ["the group's Jobs are being listed", "kubernetes", hanging("GET", /jobs$/)],
  ];

  test.each(MOMENTS)(
    "while %s ends within its grace, and the next one heals what it left",
    async (_what, plane, fault) => {
      const stage = openStage({ settings: withLimits(SEED_SETTINGS, 5, 10) });
      stage.faults = { [plane]: fault };
      const { controller } = stage.startBoth();
      await stage.run(3 * SECOND);
      controller.terminate();
      const toldAt = stage.clock.now();
      let endedAt = Number.POSITIVE_INFINITY;
      void controller.ended.then(() => (endedAt = stage.clock.now()));
      await stage.run(GRACE_MS);
      expect(endedAt - toldAt).toBeLessThanOrEqual(GRACE_MS);

      stage.faults = {};
      stage.start("controller");
      await stage.run(25 * MINUTE);
      expect(stage.serving).toHaveLength(5);
      expect(stage.runners).toHaveLength(5);
      expect(stage.leftovers).toEqual(NOTHING_LEFT);
      expect(stage.breaches).toEqual([]);
    },
  );

  test("in the middle of a healthy batch finishes it and begins no other: nothing is left to heal", async () => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 25, 30) });
    const controller = stage.start("controller");
    await stage.until(() => stage.registrations > 0, 10 * SECOND, 50);
    controller.terminate();
    let ended = false;
    void controller.ended.then(() => (ended = true));
    await stage.run(3 * SECOND);
    expect(ended).toBe(true);
    expect(stage.registrations).toBe(10);
    expect(stage.names("secrets").filter((name) => name.startsWith("runner-"))).toHaveLength(10);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
  });

  test("in the middle of a drain leaves it to the next one, which finishes it", async () => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 3, 10) });
    const { controller, cleaner } = stage.startBoth();
    await stage.until(() => stage.serving.length === 3, MINUTE);
    await stage.run(6 * MINUTE);
    stage.settings = SEED_SETTINGS;
    await stage.until(() => stage.runners.some(({ disabled }) => disabled), MINUTE);
    controller.terminate();
    cleaner.terminate();
    await stage.run(GRACE_MS);
    stage.startBoth();
    await stage.until(() => stage.runners.length === 1, 15 * MINUTE);
    await stage.run(2 * MINUTE);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });

  test("at rest ends at once", async () => {
    const stage = openStage();
    const { controller, cleaner } = stage.startBoth();
    await stage.run(3 * MINUTE);
    for (const process of [controller, cleaner]) process.terminate();
    let ended = 0;
    for (const process of [controller, cleaner]) void process.ended.then(() => (ended += 1));
    await stage.run(SECOND);
    expect(ended).toBe(2);
  });
});
