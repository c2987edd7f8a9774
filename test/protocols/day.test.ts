import { expect, test } from "vitest";
import { runWorkload } from "../../src/simulator/workload/run.ts";
import { buildScenario } from "../../src/simulator/workload/scenarios.ts";
import { seededRandom } from "../../src/support/random.ts";
import { HOUR, MINUTE, NOTHING_LEFT, openStage } from "../support/stage.ts";

/** A few seconds of an idle machine (real time); a busy one gets more. */
const PATIENCE_MS = 120_000;

test("a day of the seed's configuration: every step is run, nothing is broken, nothing is left", {
  timeout: PATIENCE_MS,
}, async () => {
  const stage = openStage();
  stage.startBoth();
  const scenario = buildScenario("day", { labels: ["self.hosted", "gke.runner"], random: seededRandom(7) });
  const running = runWorkload(scenario, stage.bitbucket, [stage.repository], stage.clock, new AbortController().signal);
  await stage.run(24 * HOUR);
  await running;
  await stage.until(() => stage.runners.length === 1 && stage.bitbucket.pipelines.queue.length === 0, 2 * HOUR, MINUTE);
  expect(Object.keys(stage.steps)).toEqual(["successful"]);
  expect(stage.steps.successful).toBeGreaterThan(400);
  expect(stage.observer.mostRunners).toBeLessThanOrEqual(10);
  expect(stage.leftovers).toEqual(NOTHING_LEFT);
  expect(stage.breaches).toEqual([]);
  expect(stage.failures).toEqual([]);
});
