import { describe, expect, test } from "vitest";
import { seededRandom } from "../../support/random.ts";
import { type BitbucketBehaviour } from "../bitbucket/behaviour.ts";
import { BitbucketWorld, identityOf } from "../bitbucket/world.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { runWorkload } from "./run.ts";
import type { ScenarioName } from "./scenario.ts";
import { buildScenario } from "./scenarios.ts";

const SECOND = 1_000;
const LABELS = ["self.hosted", "linux", "gke.runner"];

/** A scenario with runners that are always there; gives how often the clock woke somebody, too. */
async function played(
  name: ScenarioName,
  runners: number,
  seed = 1,
  behaviour: Partial<BitbucketBehaviour> = {},
): Promise<{ world: BitbucketWorld; wakes: number }> {
  const clock = new VirtualClock(Date.UTC(2026, 5, 1));
  const world = new BitbucketWorld({ clock, random: seededRandom(seed), behaviour });
  const workspace = world.addWorkspace({ slug: "woodpecker" });
  const repository = world.addRepository(workspace, { slug: "app" });
  for (let i = 0; i < runners; i += 1) {
    const runner = world.humanRegisters({ workspace }, { name: `runner ${i}`, labels: LABELS });
    if ("problem" in runner) throw new Error(runner.problem);
    world.start(identityOf(runner), () => undefined);
  }
  const scenario = buildScenario(name, { labels: LABELS, random: seededRandom(seed) });
  const running = runWorkload(scenario, world, [repository], clock, new AbortController().signal);
  let wakes = 0;
  await clock.advance(scenario.lengthMs + 3_600 * SECOND, () => {
    wakes += 1;
  });
  await running;
  return { world, wakes };
}

describe("a workload", () => {
  test.each(["burst", "steady", "day"] as const)("%s: ten runners run every step", async (name) => {
    const { world } = await played(name, 10);
    const outcomes = new Set(world.pipelines.steps().map(({ outcome }) => outcome));
    expect(outcomes).toEqual(new Set(["successful"]));
  });

  test("is the same history for the same seed, and another for another", async () => {
    const history = async (seed: number) => (await played("day", 10, seed)).world.events;
    const one = await history(1);
    expect(await history(1)).toEqual(one);
    expect(await history(2)).not.toEqual(one);
  });

  test("costs little: a day of ten runners wakes the clock a few times for each step, not for each poll", async () => {
    const { world, wakes } = await played("day", 10);
    const steps = world.pipelines.steps().length;
    expect(steps).toBeGreaterThan(300);
    expect(wakes).toBeLessThan(10 * steps);
  });

  test("starts in several repositories in turn, and stops when told", async () => {
    const clock = new VirtualClock(0);
    const world = new BitbucketWorld({ clock, random: seededRandom(1) });
    const workspace = world.addWorkspace({ slug: "woodpecker" });
    const app = world.addRepository(workspace, { slug: "app" });
    const site = world.addRepository(workspace, { slug: "site" });
    const controller = new AbortController();
    const scenario = buildScenario("steady", { labels: LABELS, random: seededRandom(1) });
    const running = runWorkload(scenario, world, [app, site], clock, controller.signal);
    await clock.advance(1_800 * SECOND);
    controller.abort();
    await running;
    const started = world.pipelines.of(app).length + world.pipelines.of(site).length;
    expect(world.pipelines.of(app).length - world.pipelines.of(site).length).toBeOneOf([0, 1]);
    expect(started).toBeGreaterThan(10);
    await clock.advance(3_600 * SECOND);
    expect(world.pipelines.of(app).length + world.pipelines.of(site).length).toBe(started);
  });
});

test("a closed world does nothing more", async () => {
  const clock = new VirtualClock(0);
  const world = new BitbucketWorld({ clock, random: seededRandom(1) });
  const workspace = world.addWorkspace({ slug: "woodpecker" });
  const runner = world.humanRegisters({ workspace }, { name: "r", labels: LABELS });
  if ("problem" in runner) throw new Error(runner.problem);
  world.start(identityOf(runner), () => undefined);
  world.close();
  await clock.advance(3_600 * SECOND);
  expect(world.glance()[0]?.status).toBe("UNREGISTERED");
});
