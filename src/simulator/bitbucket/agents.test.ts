import { describe, expect, test } from "vitest";
import { bitbucketWorld, START } from "../../../test/support/bitbucket-world.ts";
import type { PipelineSpec } from "./pipelines.ts";
import { stepsOf } from "./pipelines.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

function oneStep(durationMs: number, labels: readonly string[] = ["self.hosted", "gke.runner"]): PipelineSpec {
  return { steps: [{ labels, durationMs }] };
}

describe("an agent", () => {
  test("connects after its delay and shows ONLINE", async () => {
    const { clock, world, workspace, runner, agent } = bitbucketWorld();
    const registered = runner({ workspace }, "r");
    expect(world.glance()[0]).toMatchObject({ status: "UNREGISTERED", agents: 0, connectedOnce: false });
    agent(registered);
    await clock.advance(4 * SECOND);
    expect(world.glance()[0]).toMatchObject({ status: "UNREGISTERED", agents: 1 });
    await clock.advance(1 * SECOND);
    expect(world.glance()[0]).toMatchObject({ status: "ONLINE", connectedOnce: true });
  });

  test.each([
    ["another secret", { oauthClientSecret: "guess" }],
    ["another client", { oauthClientId: "guess" }],
    ["another workspace", { accountUuid: "{00000000-0000-4000-8000-000000000000}" }],
    ["a repository although it is a workspace runner", { repositoryUuid: "{00000000-0000-4000-8000-000000000000}" }],
    ["a runner that does not exist", { runnerUuid: "{00000000-0000-4000-8000-000000000000}" }],
  ])("with %s exits with code 1", async (_, identity) => {
    const { clock, world, workspace, runner, agent } = bitbucketWorld();
    const exits: number[] = [];
    agent(runner({ workspace }, "r"), exits, identity);
    await clock.advance(MINUTE);
    expect(exits).toEqual([1]);
    expect(world.glance()[0]).toMatchObject({ status: "UNREGISTERED", agents: 0 });
  });

  test("that was killed before it connected never does, and does not report an exit", async () => {
    const { clock, world, workspace, runner, agent } = bitbucketWorld();
    const exits: number[] = [];
    agent(runner({ workspace }, "r"), exits).kill();
    await clock.advance(MINUTE);
    expect(exits).toEqual([]);
    expect(world.glance()[0]?.connectedOnce).toBe(false);
  });

  test("takes a waiting step as soon as it connects", async () => {
    const { clock, world, workspace, repository, runner, agent } = bitbucketWorld();
    const registered = runner({ workspace }, "r");
    world.pipelines.start(repository, oneStep(MINUTE));
    agent(registered);
    await clock.advance(5 * SECOND);
    const [step] = world.pipelines.steps();
    expect(step).toMatchObject({ startedAt: START + 5 * SECOND, runner: registered.uuid });
    expect(world.glance()[0]).toMatchObject({ shownStep: step?.uuid, running: [step?.uuid] });
    await clock.advance(MINUTE);
    expect(step).toMatchObject({ outcome: "successful", finishedAt: START + 65 * SECOND });
    expect(world.glance()[0]).toMatchObject({ status: "ONLINE", shownStep: undefined, running: [] });
  });

  test("finds a step at its next 30 s poll, not before", async () => {
    const { clock, world, workspace, repository, runner, agent } = bitbucketWorld();
    agent(runner({ workspace }, "r"));
    await clock.advance(40 * SECOND);
    world.pipelines.start(repository, oneStep(MINUTE));
    await clock.advance(10 * MINUTE);
    expect(world.pipelines.steps()[0]?.startedAt).toBe(START + 65 * SECOND);
  });

  test.each([
    [true, 65],
    [false, 95],
  ])("with pollAfterStep %s takes the next step after %i s", async (pollAfterStep, seconds) => {
    const { clock, world, workspace, repository, runner, agent } = bitbucketWorld({ pollAfterStep });
    world.pipelines.start(repository, oneStep(60 * SECOND));
    world.pipelines.start(repository, oneStep(60 * SECOND));
    agent(runner({ workspace }, "r"));
    await clock.advance(10 * MINUTE);
    expect(world.pipelines.steps()[1]?.startedAt).toBe(START + seconds * SECOND);
  });

  test.each([
    // runs-on, taken
    [["self.hosted"], true],
    [["self.hosted", "linux", "gke.runner"], true],
    [["self.hosted", "gke.runner", "other"], false],
    [["self.hosted", "windows"], false],
    [["self.hosted", "linux.arm64"], false],
  ])("takes a step that wants %j: %s", async (labels, taken) => {
    const { clock, world, workspace, repository, runner, agent } = bitbucketWorld();
    world.pipelines.start(repository, oneStep(MINUTE, labels));
    agent(runner({ workspace }, "r"));
    await clock.advance(MINUTE);
    expect(world.pipelines.steps()[0]?.startedAt !== undefined).toBe(taken);
  });

  test("of a repository runner takes only that repository's steps, one of a workspace runner any of the workspace's", async () => {
    const { clock, world, workspace, repository, runner, agent } = bitbucketWorld();
    const other = world.addRepository(workspace, { slug: "other" });
    const elsewhere = world.addRepository(world.addWorkspace({ slug: "elsewhere" }), { slug: "app" });
    const mine = runner({ workspace, repository }, "repository runner");
    agent(mine);
    for (const place of [elsewhere, other, repository]) world.pipelines.start(place, oneStep(MINUTE));
    await clock.advance(2 * MINUTE);
    expect(world.pipelines.steps().map((step) => step.runner)).toEqual([undefined, undefined, mine.uuid]);
    const wide = runner({ workspace }, "workspace runner");
    agent(wide);
    await clock.advance(2 * MINUTE);
    expect(world.pipelines.steps().map((step) => step.runner)).toEqual([undefined, wide.uuid, mine.uuid]);
  });

  test("that is unhealthy takes nothing until it is well again", async () => {
    const { clock, world, workspace, repository, runner, agent } = bitbucketWorld();
    const registered = runner({ workspace }, "r");
    agent(registered);
    await clock.advance(10 * SECOND);
    world.agents.reportHealth(registered.uuid, "unhealthy");
    world.pipelines.start(repository, oneStep(MINUTE));
    await clock.advance(5 * MINUTE);
    expect(world.glance()[0]).toMatchObject({ status: "UNHEALTHY", running: [] });
    world.agents.reportHealth(registered.uuid, "healthy");
    await clock.advance(30 * SECOND);
    expect(world.glance()[0]).toMatchObject({ status: "ONLINE", running: [world.pipelines.steps()[0]?.uuid] });
  });

  test("fails a step that takes longer than its max-time", async () => {
    const { clock, world, workspace, repository, runner, agent } = bitbucketWorld();
    world.pipelines.start(repository, { steps: [{ labels: [], durationMs: 3 * MINUTE, maxTimeMs: 2 * MINUTE }] });
    agent(runner({ workspace }, "r"));
    await clock.advance(10 * MINUTE);
    expect(world.pipelines.steps()[0]).toMatchObject({
      outcome: "failed",
      finishedAt: START + 5 * SECOND + 2 * MINUTE,
    });
  });
});

describe("a disabled runner", () => {
  test("keeps its step to the end, takes no other, and takes one again when enabled", async () => {
    const { clock, world, workspace, repository, runner, agent } = bitbucketWorld();
    const registered = runner({ workspace }, "r");
    world.pipelines.start(repository, oneStep(2 * MINUTE));
    world.pipelines.start(repository, oneStep(2 * MINUTE));
    agent(registered);
    await clock.advance(MINUTE);
    world.humanDisables(registered.uuid);
    const [first, second] = world.pipelines.steps();
    expect(world.glance()[0]).toMatchObject({ status: "DISABLED", shownStep: first?.uuid });
    await clock.advance(10 * MINUTE);
    expect(first?.outcome).toBe("successful");
    expect(second?.startedAt).toBeUndefined();
    expect(world.glance()[0]).toMatchObject({ status: "DISABLED", shownStep: undefined });
    world.humanEnables(registered.uuid);
    expect(world.glance()[0]?.status).toBe("ONLINE");
    await clock.advance(30 * SECOND);
    expect(second?.startedAt).toBeDefined();
  });

  test.each([
    // disableReaches, step queued so many seconds after the disable, taken
    ["at-once", 0, false],
    ["next-poll", 0, true],
    ["next-poll", 24, true],
    ["next-poll", 26, false],
  ] as const)(
    "where the disable reaches the agent %s: a step queued %i s later is taken: %s",
    async (disableReaches, afterS, taken) => {
      const { clock, world, workspace, repository, runner, agent } = bitbucketWorld({ disableReaches });
      const registered = runner({ workspace }, "r");
      agent(registered);
      await clock.advance(10 * SECOND); // It polled at 5 s; its next poll is at 35 s.
      world.humanDisables(registered.uuid);
      await clock.advance(afterS * SECOND);
      world.pipelines.start(repository, oneStep(MINUTE));
      await clock.advance(10 * MINUTE);
      expect(world.pipelines.steps()[0]?.startedAt !== undefined).toBe(taken);
    },
  );

  test("never takes a step later than a beat after the disable", async () => {
    const { clock, world, workspace, repository, runner, agent } = bitbucketWorld({ disableReaches: "next-poll" });
    const registered = runner({ workspace }, "r");
    for (let i = 0; i < 40; i += 1) world.pipelines.start(repository, oneStep(7 * SECOND));
    agent(registered);
    await clock.advance(50 * SECOND);
    world.humanDisables(registered.uuid);
    const disabledAt = clock.now();
    await clock.advance(10 * MINUTE);
    const starts = world.pipelines.steps().flatMap(({ startedAt }) => startedAt ?? []);
    expect(Math.max(...starts)).toBeGreaterThan(disabledAt);
    expect(Math.max(...starts)).toBeLessThanOrEqual(disabledAt + 30 * SECOND);
  });

  test("may show its own status with a cordon instead", async () => {
    const { clock, world, workspace, runner, agent, ask } = bitbucketWorld({ disableShows: "cordoned" });
    const registered = runner({ workspace }, "r");
    agent(registered);
    await clock.advance(10 * SECOND);
    world.humanDisables(registered.uuid);
    const { json } = await ask("GET", `/2.0/workspaces/woodpecker/pipelines-config/runners/${registered.uuid}`);
    expect(json).toMatchObject({ state: { status: "ONLINE", cordoned: true } });
  });

  test("may show ENABLED until the next beat after it was enabled", async () => {
    const { clock, world, workspace, runner, agent } = bitbucketWorld({ enableShows: "enabled-until-beat" });
    const registered = runner({ workspace }, "r");
    agent(registered);
    await clock.advance(10 * SECOND);
    world.humanDisables(registered.uuid);
    world.humanEnables(registered.uuid);
    expect(world.glance()[0]?.status).toBe("ENABLED");
    await clock.advance(25 * SECOND);
    expect(world.glance()[0]?.status).toBe("ONLINE");
  });
});

describe("an agent's end", () => {
  test("kills its step at once; the runner turns OFFLINE two minutes after the last beat", async () => {
    const { clock, world, workspace, repository, runner, agent } = bitbucketWorld();
    world.pipelines.start(repository, oneStep(10 * MINUTE));
    const process = agent(runner({ workspace }, "r"));
    await clock.advance(45 * SECOND); // Beats at 5 s and 35 s.
    process.kill();
    const [step] = world.pipelines.steps();
    expect(step).toMatchObject({ outcome: "killed", killedBy: "container-stopped", finishedAt: START + 45 * SECOND });
    expect(world.glance()[0]).toMatchObject({ status: "ONLINE", shownStep: step?.uuid, running: [] });
    await clock.runUntil(START + 154 * SECOND);
    expect(world.glance()[0]?.status).toBe("ONLINE");
    await clock.runUntil(START + 155 * SECOND);
    expect(world.glance()[0]).toMatchObject({ status: "OFFLINE", shownStep: undefined });
  });

  test("and the return of another in time leaves the runner ONLINE", async () => {
    const { clock, world, workspace, runner, agent } = bitbucketWorld();
    const registered = runner({ workspace }, "r");
    const process = agent(registered);
    await clock.advance(40 * SECOND);
    process.kill();
    await clock.advance(20 * SECOND);
    agent(registered);
    await clock.advance(10 * MINUTE);
    expect(world.glance()[0]?.status).toBe("ONLINE");
    expect(world.events.filter(({ type }) => type === "runner-offline")).toEqual([]);
  });

  test("is forgotten when another one comes after it was noticed", async () => {
    const { clock, world, workspace, runner, agent } = bitbucketWorld();
    const registered = runner({ workspace }, "r");
    const process = agent(registered);
    await clock.advance(40 * SECOND);
    process.kill();
    await clock.advance(5 * MINUTE);
    agent(registered);
    await clock.advance(5 * SECOND);
    expect(world.glance()[0]?.status).toBe("ONLINE");
  });

  test("by its own fault reports the exit code and kills the step", async () => {
    const { clock, world, workspace, repository, runner, agent } = bitbucketWorld();
    const registered = runner({ workspace }, "r");
    const exits: number[] = [];
    world.pipelines.start(repository, oneStep(10 * MINUTE));
    agent(registered, exits);
    await clock.advance(MINUTE);
    world.agents.crash(registered.uuid, 137);
    expect(exits).toEqual([137]);
    expect(world.pipelines.steps()[0]).toMatchObject({ outcome: "killed", killedBy: "agent-crashed" });
  });

  test("of one of two processes for the same runner leaves the other's step running", async () => {
    const { clock, world, workspace, repository, runner, agent } = bitbucketWorld();
    const registered = runner({ workspace }, "r");
    world.pipelines.start(repository, oneStep(10 * MINUTE));
    world.pipelines.start(repository, oneStep(MINUTE));
    const first = agent(registered);
    agent(registered);
    await clock.advance(MINUTE);
    expect(world.glance()[0]?.running).toHaveLength(2);
    first.kill();
    await clock.advance(10 * MINUTE);
    expect(world.glance()[0]?.status).toBe("ONLINE");
    expect(world.pipelines.steps().map(({ outcome }) => outcome)).toEqual(["killed", "successful"]);
  });
});

describe("an agent that Bitbucket does not hear", () => {
  test("goes on when it is back in time, and reports what ended meanwhile", async () => {
    const { clock, world, workspace, repository, runner, agent } = bitbucketWorld();
    const registered = runner({ workspace }, "r");
    world.pipelines.start(repository, oneStep(50 * SECOND));
    agent(registered);
    await clock.advance(30 * SECOND);
    world.agents.cutOff(registered.uuid);
    await clock.advance(60 * SECOND);
    expect(world.pipelines.steps()[0]?.outcome).toBeUndefined();
    world.agents.reconnect(registered.uuid);
    expect(world.pipelines.steps()[0]?.outcome).toBe("successful");
    expect(world.glance()[0]?.status).toBe("ONLINE");
  });

  test("loses its step when it stays away, and takes others when it is back", async () => {
    const { clock, world, workspace, repository, runner, agent } = bitbucketWorld();
    const registered = runner({ workspace }, "r");
    world.pipelines.start(repository, oneStep(10 * MINUTE));
    agent(registered);
    await clock.advance(30 * SECOND);
    world.agents.cutOff(registered.uuid);
    await clock.advance(5 * MINUTE);
    const [step] = world.pipelines.steps();
    expect(step).toMatchObject({ outcome: "killed", killedBy: "offline" });
    expect(world.glance()[0]).toMatchObject({ status: "OFFLINE", agents: 1, running: [] });
    world.pipelines.start(repository, oneStep(MINUTE));
    world.agents.reconnect(registered.uuid);
    expect(world.glance()[0]).toMatchObject({ status: "ONLINE", running: [world.pipelines.steps()[1]?.uuid] });
  });
});

describe("a deleted registration", () => {
  test("kills the step that ran on it, for all to see, and its agent exits at the next beat", async () => {
    const { clock, world, workspace, repository, runner, agent } = bitbucketWorld();
    const registered = runner({ workspace }, "r");
    const exits: number[] = [];
    const pipeline = world.pipelines.start(repository, oneStep(10 * MINUTE));
    agent(registered, exits);
    await clock.advance(10 * SECOND);
    world.humanDeletes(registered.uuid);
    const [step] = stepsOf(pipeline);
    expect(step).toMatchObject({ outcome: "killed", killedBy: "registration-deleted" });
    expect(world.events).toContainEqual(
      expect.objectContaining({ type: "runner-deleted", by: { kind: "human" }, running: [step?.uuid] }),
    );
    expect(exits).toEqual([]);
    await clock.advance(30 * SECOND);
    expect(exits).toEqual([1]);
    expect(world.agents.of(registered.uuid)).toEqual([]);
  });

  test("may leave its agent alive", async () => {
    const { clock, world, workspace, repository, runner, agent } = bitbucketWorld({ agentOnDeleted: "stays" });
    const registered = runner({ workspace }, "r");
    const exits: number[] = [];
    agent(registered, exits);
    await clock.advance(10 * SECOND);
    world.humanDeletes(registered.uuid);
    world.pipelines.start(repository, oneStep(MINUTE));
    await clock.advance(10 * MINUTE);
    expect(exits).toEqual([]);
    expect(world.pipelines.steps()[0]?.startedAt).toBeUndefined();
  });

  test("lets no agent in", async () => {
    const { clock, world, workspace, runner, agent } = bitbucketWorld();
    const registered = runner({ workspace }, "r");
    const exits: number[] = [];
    agent(registered, exits);
    world.humanDeletes(registered.uuid);
    await clock.advance(MINUTE);
    expect(exits).toEqual([1]);
  });
});
