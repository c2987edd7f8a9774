import { expect, test } from "vitest";
import { MINUTE, openStage, SECOND } from "../support/stage.ts";

test("a controller that starts while its runners are there decides in its first pass, not in its second", async () => {
  const stage = openStage();
  const first = stage.start("controller");
  await stage.run(3 * MINUTE);
  first.crash();
  const before = stage.reports.length;
  stage.start("controller");
  await stage.until(() => stage.reports.length > before, 3 * SECOND, 100);
  expect(stage.lastReport().decision).toMatchObject({ desired: 1, reason: "within-thresholds" });
});
