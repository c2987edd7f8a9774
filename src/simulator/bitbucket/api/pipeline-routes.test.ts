import { describe, expect, test } from "vitest";
import { bitbucketWorld, type ReadReply } from "../../../../test/support/bitbucket-world.ts";

function valuesOf<T>(answer: ReadReply): readonly T[] {
  return (answer.json as { readonly values: readonly T[] }).values;
}

describe("pipelines", () => {
  const app = "/2.0/repositories/woodpecker/app";

  test("are listed by status, newest first when asked, with their steps and their file", async () => {
    const { ask, clock, world, workspace, repository, runner, agent } = bitbucketWorld();
    const step = { name: "build", labels: ["self.hosted", "gke.runner"], durationMs: 600_000 };
    world.pipelines.start(repository, { steps: [step] });
    agent(runner({ workspace }, "r"));
    await clock.advance(10_000);
    const waiting = world.pipelines.start(repository, { steps: [step, [step, { ...step, manual: true }]] });

    interface PipelineJson {
      readonly uuid: string;
      readonly build_number: number;
      readonly target: { readonly commit: { readonly hash: string } };
    }
    const list = async (query: string) => valuesOf<PipelineJson>(await ask("GET", `${app}/pipelines${query}`));
    expect((await list("?sort=-created_on")).map((pipeline) => pipeline.build_number)).toEqual([2, 1]);
    expect(await list("?status=PENDING&status=BUILDING")).toHaveLength(2);
    const [pending] = await list("?status=PENDING");
    expect(pending).toMatchObject({ uuid: waiting.uuid, state: { name: "PENDING" } });
    expect(await list("?status=BUILDING")).toMatchObject([
      { build_number: 1, state: { name: "IN_PROGRESS", stage: { name: "RUNNING" } } },
    ]);
    expect((await ask("GET", `${app}/pipelines?status=SLEEPING`)).status).toBe(400);

    const steps = await ask("GET", `${app}/pipelines/${encodeURIComponent(waiting.uuid)}/steps`);
    expect(valuesOf(steps)).toMatchObject([
      { name: "build", state: { name: "PENDING" }, trigger: { type: "pipeline_step_trigger_automatic" } },
      { state: { name: "PENDING" } },
      { state: { name: "PENDING" }, trigger: { type: "pipeline_step_trigger_manual" } },
    ]);
    expect(steps.text).not.toContain("gke.runner");
    const hash = pending?.target.commit.hash ?? "";
    expect((await ask("GET", `${app}/src/${hash}/bitbucket-pipelines.yml`)).text).toContain("- gke.runner");
    expect((await ask("GET", `${app}/src/${hash}/other.yml`)).status).toBe(404);
  });

  test("show how their steps ended", async () => {
    const { ask, clock, world, workspace, repository, runner, agent } = bitbucketWorld({ queuedStepShows: "READY" });
    const step = { labels: [], durationMs: 60_000 };
    const pipeline = world.pipelines.start(repository, { steps: [step, { ...step, fails: true }, step] });
    const states = async () =>
      valuesOf<{ state: { name: string; result?: { name: string } } }>(
        await ask("GET", `${app}/pipelines/${encodeURIComponent(pipeline.uuid)}/steps`),
      ).map(({ state }) => state.result?.name ?? state.name);
    expect(await states()).toEqual(["READY", "PENDING", "PENDING"]);
    agent(runner({ workspace }, "r"));
    await clock.advance(10_000);
    expect(await states()).toEqual(["IN_PROGRESS", "PENDING", "PENDING"]);
    await clock.advance(600_000);
    expect(await states()).toEqual(["SUCCESSFUL", "FAILED", "NOT_RUN"]);
    const { json } = await ask("GET", `${app}/pipelines/${encodeURIComponent(pipeline.uuid)}`);
    expect(json).toMatchObject({ state: { name: "COMPLETED", result: { name: "FAILED" } } });
  });
});
