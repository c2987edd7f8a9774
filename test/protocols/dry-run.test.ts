import { expect, test } from "vitest";
import { SEED_SETTINGS, withLimits } from "../support/seed.ts";
import { HOUR, MINUTE, openStage } from "../support/stage.ts";

test("a controller's dry run decides and tells, and makes nothing", async () => {
  const stage = openStage();
  stage.start("controller", { dryRun: true });
  await stage.run(10 * MINUTE);
  expect(stage.lastReport().decision).toMatchObject({ desired: 1, reason: "below-min" });
  expect(stage.runners).toEqual([]);
  expect(stage.names("jobs")).toEqual([]);
});

test("a cleaner's dry run tells what it would do about a dead runner, and leaves it", async () => {
  const stage = openStage();
  const controller = stage.start("controller");
  await stage.until(() => stage.serving.length === 1, 2 * MINUTE);
  controller.stop();
  stage.settings = withLimits(SEED_SETTINGS, 0, 10);
  const [job] = stage.names("jobs");
  stage.cluster.delete("jobs", "default", job ?? "", { propagationPolicy: "Background" });
  stage.start("cleaner", { dryRun: true });
  await stage.run(HOUR);
  expect(stage.logs.join("")).toContain("Would clean up a runner");
  expect(stage.runners).toHaveLength(1);

  stage.start("cleaner");
  await stage.until(() => stage.runners.length === 0, 10 * MINUTE);
  expect(stage.breaches).toEqual([]);
});
