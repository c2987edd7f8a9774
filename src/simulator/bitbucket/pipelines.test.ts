import { describe, expect, test } from "vitest";
import { bitbucketWorld } from "../../../test/support/bitbucket-world.ts";
import { pipelineStatus } from "./api/pipeline-view.ts";
import { type StepSpec, stepsOf } from "./pipelines.ts";

const MINUTE = 60_000;

const minute: StepSpec = { labels: ["gke.runner"], durationMs: MINUTE };

describe("a pipeline", () => {
  test("queues one step after another, and those of an inner list side by side", async () => {
    const { clock, world, workspace, repository, runner, agent } = bitbucketWorld();
    agent(runner({ workspace }, "a"));
    agent(runner({ workspace }, "b"));
    await clock.advance(10_000);
    const pipeline = world.pipelines.start(repository, { steps: [minute, [minute, minute], minute] });
    expect(pipelineStatus(pipeline)).toBe("PENDING");
    await clock.advance(10 * MINUTE);
    const [first, left, right, last] = stepsOf(pipeline).map(({ startedAt = 0, finishedAt = 0 }) => ({
      startedAt,
      finishedAt,
    }));
    expect(left?.startedAt).toBeGreaterThanOrEqual(first?.finishedAt ?? Infinity);
    expect(right?.startedAt).toBeLessThan(left?.finishedAt ?? 0);
    expect(last?.startedAt).toBeGreaterThanOrEqual(Math.max(left?.finishedAt ?? 0, right?.finishedAt ?? 0));
    expect(pipelineStatus(pipeline)).toBe("PASSED");
  });

  test("runs nothing more after a step that failed, but lets its siblings end", async () => {
    const { clock, world, workspace, repository, runner, agent } = bitbucketWorld();
    agent(runner({ workspace }, "a"));
    agent(runner({ workspace }, "b"));
    const pipeline = world.pipelines.start(repository, {
      steps: [
        [
          { ...minute, fails: true },
          { ...minute, durationMs: 2 * MINUTE },
        ],
        minute,
      ],
    });
    await clock.advance(90_000);
    expect(pipelineStatus(pipeline)).toBe("BUILDING");
    await clock.advance(10 * MINUTE);
    expect(stepsOf(pipeline).map(({ outcome }) => outcome)).toEqual(["failed", "successful", "not-run"]);
    expect(pipelineStatus(pipeline)).toBe("FAILED");
  });

  test("waits for a human before a manual step", async () => {
    const { clock, world, workspace, repository, runner, agent } = bitbucketWorld();
    agent(runner({ workspace }, "a"));
    const pipeline = world.pipelines.start(repository, { steps: [minute, { ...minute, manual: true }] });
    const [, manual] = stepsOf(pipeline);
    if (manual === undefined) throw new Error("no step");
    world.pipelines.trigger(manual);
    expect(world.pipelines.queue).not.toContain(manual);
    await clock.advance(10 * MINUTE);
    expect(pipelineStatus(pipeline)).toBe("PAUSED");
    expect(world.pipelines.queue).toEqual([]);
    world.pipelines.trigger(manual);
    await clock.advance(10 * MINUTE);
    expect(pipelineStatus(pipeline)).toBe("PASSED");
  });

  test("that is halted wants no runner until it is resumed", async () => {
    const { clock, world, workspace, repository, runner, agent } = bitbucketWorld();
    const pipeline = world.pipelines.start(repository, { steps: [minute] });
    world.pipelines.halt(pipeline);
    agent(runner({ workspace }, "a"));
    await clock.advance(10 * MINUTE);
    expect(pipelineStatus(pipeline)).toBe("HALTED");
    expect(stepsOf(pipeline)[0]?.startedAt).toBeUndefined();
    world.pipelines.resume(pipeline);
    await clock.advance(10 * MINUTE);
    expect(pipelineStatus(pipeline)).toBe("PASSED");
  });
});

describe("a step without a runner", () => {
  test("waits for two and a half hours", async () => {
    const { clock, world, repository } = bitbucketWorld();
    const pipeline = world.pipelines.start(repository, { steps: [minute, minute] });
    await clock.advance(149 * MINUTE);
    expect(world.pipelines.queue).toHaveLength(1);
    await clock.advance(MINUTE);
    expect(world.pipelines.queue).toEqual([]);
    expect(stepsOf(pipeline).map(({ outcome }) => outcome)).toEqual(["expired", "not-run"]);
    expect(pipelineStatus(pipeline)).toBe("FAILED");
  });

  test("may fail at once, unless a matching one is online", async () => {
    const { clock, world, workspace, repository, runner, agent } = bitbucketWorld({ unmatchedStep: "fails" });
    const early = world.pipelines.start(repository, { steps: [[minute, minute]] });
    expect(pipelineStatus(early)).toBe("FAILED");
    agent(runner({ workspace }, "other", ["other"]));
    agent(runner({ workspace }, "matching"));
    await clock.advance(10_000);
    const later = world.pipelines.start(repository, { steps: [minute] });
    await clock.advance(10 * MINUTE);
    expect(pipelineStatus(later)).toBe("PASSED");
  });
});

test("the oldest fitting step goes first", async () => {
  const { clock, world, workspace, repository, runner, agent } = bitbucketWorld();
  world.pipelines.start(repository, { steps: [{ ...minute, labels: ["other"] }] });
  await clock.advance(1_000);
  world.pipelines.start(repository, { steps: [minute] });
  await clock.advance(1_000);
  world.pipelines.start(repository, { steps: [minute] });
  agent(runner({ workspace }, "a"));
  await clock.advance(10_000);
  expect(world.pipelines.steps().map(({ startedAt }) => startedAt !== undefined)).toEqual([false, true, false]);
});
