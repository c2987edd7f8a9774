import { expect, test } from "vitest";
import { SEED_SETTINGS, SHIPPED_TEMPLATE } from "../../test/support/seed.ts";
import { SimulatedInstallation } from "./installation.ts";
import { reportOn, type SimulationReport } from "./report.ts";
import { passTimeUntil, playScenario } from "./run.ts";

const MINUTE = 60_000;

function open(seed: number): SimulatedInstallation {
  return new SimulatedInstallation({ seed, settings: SEED_SETTINGS, template: SHIPPED_TEMPLATE });
}

async function playBurst(seed: number): Promise<SimulationReport> {
  const installation = open(seed);
  installation.startBoth();
  await playScenario(installation, { scenario: "burst", runMs: 30 * MINUTE, seed });
  const report = reportOn(installation);
  installation.close();
  return report;
}

test("a burst: all steps run, the runners come and go, and the report adds it up", async () => {
  const report = await playBurst(1);
  expect(report).toMatchObject({
    elapsedMs: 30 * MINUTE,
    steps: { successful: 14 },
    breaches: [],
    leftovers: { registrations: [], jobs: [], secrets: [] },
  });
  expect(report.mostRunners).toBeGreaterThan(1);
  expect(report.mostRunners).toBeLessThanOrEqual(10);
  expect(report.jobs).toBeGreaterThanOrEqual(report.mostRunners);
  // One runner at least all the time, and never more than the most.
  expect(report.runnerHours).toBeGreaterThan(0.45);
  expect(report.runnerHours).toBeLessThan(report.mostRunners / 2);
  expect(report.requests).toBeGreaterThan(0);
  const { p50Ms = 0, p90Ms = 0, p99Ms = 0, maxMs = 0 } = report.waits ?? {};
  expect([p50Ms, p90Ms, p99Ms, maxMs]).toEqual([p50Ms, p90Ms, p99Ms, maxMs].toSorted((a, b) => a - b));
});

test("the same seed comes to the same, another one to something else", async () => {
  const [first, again, other] = [await playBurst(1), await playBurst(1), await playBurst(2)];
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});

test("what never comes is waited for so long and no longer", async () => {
  const { clock } = open(1);
  const begunAt = clock.now();
  const waiting = passTimeUntil(clock, { what: "rain", isSo: () => false, withinMs: 5_000 });
  await expect(waiting).rejects.toThrow("rain: still not so after 5000 ms");
  expect(clock.now() - begunAt).toBe(5_000);
});
