import { Registry } from "prom-client";
import { beforeEach, describe, expect, test } from "vitest";
import { aCleanUpDone, aConfigurationRead, aFailure, aPassDone, aRequestEnded } from "../../../test/support/events.ts";
import { aGroupReport, aRunnerView, START } from "../../../test/support/reports.ts";
import type { BudgetView } from "../../bitbucket/port.ts";
import type { Emit } from "../../domain/events.ts";
import { METRIC_PREFIX, METRICS } from "./metric-table.ts";
import { metrics } from "./metrics.ts";

let now: number;
let registry: Registry;
let emit: Emit;
let budget: BudgetView | undefined;

beforeEach(() => {
  now = START;
  registry = new Registry();
  budget = undefined;
  emit = metrics({ registry, now: () => now, process: "controller", version: "1.2.3", budget: () => budget });
});

/** The lines of one metric, without the prefix. */
async function series(name: string): Promise<string[]> {
  const lines = (await registry.metrics()).split("\n");
  return lines
    .filter((line) => new RegExp(`^${METRIC_PREFIX}${name}[ {]`).test(line))
    .map((line) => line.slice(METRIC_PREFIX.length));
}

describe("a pass", () => {
  test("shows every phase, those without runners too", async () => {
    emit(aPassDone({ group: "g", runners: [aRunnerView("busy"), aRunnerView("busy"), aRunnerView("held")] }));
    const lines = await series("group_runners");
    expect(lines).toHaveLength(10);
    expect(lines).toContain('group_runners{group="g",phase="busy"} 2');
    expect(lines).toContain('group_runners{group="g",phase="held"} 1');
    expect(lines).toContain('group_runners{group="g",phase="idle"} 0');
  });

  test("sets what stands now, and adds up what was done", async () => {
    const report = { group: "g", created: 2, drained: 1 };
    emit(aPassDone({ ...report, limits: ["budget", "max"] }));
    emit(aPassDone({ ...report, limits: ["budget"] }));
    expect(await series("group_desired_runners")).toEqual(['group_desired_runners{group="g"} 1']);
    expect(await series("group_max_runners")).toEqual(['group_max_runners{group="g"} 10']);
    expect(await series("runners_created_total")).toEqual(['runners_created_total{group="g"} 4']);
    expect(await series("runners_removed_total")).toEqual(['runners_removed_total{group="g"} 0']);
    expect(await series("drains_started_total")).toEqual(['drains_started_total{group="g"} 2']);
    expect(await series("decisions_total")).toEqual(['decisions_total{group="g",reason="within-thresholds"} 2']);
    expect(await series("limited_passes_total")).toEqual([
      'limited_passes_total{group="g",limit="budget"} 2',
      'limited_passes_total{group="g",limit="max"} 1',
    ]);
    expect(await series("pass_duration_seconds_sum")).toEqual(["pass_duration_seconds_sum 4"]);
  });

  test("demand and ratio have no series while they are not known", async () => {
    const { decision } = aGroupReport();
    const known = { ...decision, numbers: { ...decision.numbers, demand: 3, busyRatio: 0.5 } };
    emit(aPassDone({ group: "g", decision: known }));
    expect(await series("group_queued_steps")).toEqual(['group_queued_steps{group="g"} 3']);
    expect(await series("group_busy_ratio")).toEqual(['group_busy_ratio{group="g"} 0.5']);
    const unknown = { ...decision, numbers: { ...decision.numbers, demand: undefined, busyRatio: undefined } };
    emit(aPassDone({ group: "g", decision: unknown }));
    expect(await series("group_queued_steps")).toEqual([]);
    expect(await series("group_busy_ratio")).toEqual([]);
  });

  test("grows older until the next", async () => {
    emit(aPassDone({ group: "g", at: START }));
    now = START + 90_000;
    expect(await series("group_pass_age_seconds")).toEqual(['group_pass_age_seconds{group="g"} 90']);
  });
});

describe("a clean-up", () => {
  test("shows what is there and what was left alone now, and adds up what was removed", async () => {
    emit(aCleanUpDone({ scope: "s", left: { held: 1, healthy: 2 }, removedSecrets: 4 }));
    emit(aCleanUpDone({ scope: "s", left: { healthy: 2 } }));
    now = START + 60_000;
    expect(await series("scope_runners")).toEqual(['scope_runners{scope="s"} 3']);
    expect(await series("scope_runners_left_alone")).toEqual(['scope_runners_left_alone{scope="s",why="healthy"} 2']);
    expect(await series("leftovers_removed_total")).toEqual([
      'leftovers_removed_total{scope="s",kind="runner"} 2',
      'leftovers_removed_total{scope="s",kind="secret"} 4',
    ]);
    expect(await series("scope_pass_age_seconds")).toEqual(['scope_pass_age_seconds{scope="s"} 60']);
    expect(await series("pass_duration_seconds_count")).toEqual(["pass_duration_seconds_count 2"]);
  });

  test("of a scope that is gone leaves no series", async () => {
    emit(aCleanUpDone({ scope: "gone" }));
    await registry.metrics();
    emit({ type: "retired", kind: "scope", name: "gone" });
    expect(await registry.metrics()).not.toContain('"gone"');
  });
});

test("a group that is gone takes all its series with it, and no other's", async () => {
  for (const group of ["gone", "kept"]) {
    const { decision } = aGroupReport();
    const numbers = { ...decision.numbers, demand: 3, busyRatio: 0.5 };
    emit(aPassDone({ group, limits: ["max"], created: 1, decision: { ...decision, numbers } }));
    emit(aFailure({ scope: "woodpeckernew", group }));
  }
  await registry.metrics();
  emit({ type: "retired", kind: "group", name: "gone" });
  const text = await registry.metrics();
  expect(text).not.toContain('"gone"');
  expect(text.match(/"kept"/g)).toHaveLength(24);
});

test("requests are counted by route and status, their durations by route", async () => {
  emit(aRequestEnded());
  emit(aRequestEnded({ status: "error" }));
  expect(await series("requests_total")).toEqual([
    'requests_total{plane="bitbucket",method="GET",route="/workspaces/{workspace}",status="200"} 1',
    'requests_total{plane="bitbucket",method="GET",route="/workspaces/{workspace}",status="error"} 1',
  ]);
  expect(await series("request_duration_seconds_sum")).toEqual([
    'request_duration_seconds_sum{plane="bitbucket",method="GET",route="/workspaces/{workspace}"} 0.5',
  ]);
});

test("a route that is none makes no series without end", async () => {
  for (let i = 0; i < 300; i += 1) emit(aRequestEnded({ plane: "kubernetes", method: "get", route: `/x/${i}` }));
  const lines = await series("requests_total");
  expect(lines).toHaveLength(101);
  expect(lines).toContain('requests_total{plane="kubernetes",method="get",route="other",status="200"} 200');
});

test("the budget is read at each scrape", async () => {
  budget = { capacity: 850, left: 800, pausedUntil: START + 30_000 };
  expect(await series("bitbucket_budget_left_requests")).toEqual(["bitbucket_budget_left_requests 800"]);
  budget = { ...budget, left: 700 };
  now = START + 10_000;
  expect(await series("bitbucket_budget_left_requests")).toEqual(["bitbucket_budget_left_requests 700"]);
  expect(await series("bitbucket_budget_capacity_requests")).toEqual(["bitbucket_budget_capacity_requests 850"]);
  expect(await series("bitbucket_budget_pause_seconds")).toEqual(["bitbucket_budget_pause_seconds 20"]);
  now = START + 60_000;
  expect(await series("bitbucket_budget_pause_seconds")).toEqual(["bitbucket_budget_pause_seconds 0"]);
});

test("a bad configuration leaves the time of the last good one", async () => {
  emit(aConfigurationRead());
  now += 60_000;
  emit(aConfigurationRead("no"));
  expect(await series("configuration_last_reload_successful")).toEqual(["configuration_last_reload_successful 0"]);
  expect(await series("configuration_last_reload_success_timestamp_seconds")).toEqual([
    `configuration_last_reload_success_timestamp_seconds ${START / 1_000}`,
  ]);
});

test("every metric of the table is there, and says what the process is", async () => {
  const text = await registry.metrics();
  for (const { name, kind } of Object.values(METRICS))
    expect(text).toContain(`# TYPE ${METRIC_PREFIX}${name} ${kind}\n`);
  expect(text).toContain(`build_info{process="controller",version="1.2.3",node="${process.versions.node}"} 1`);
  const [memory] = await series("process_resident_memory_bytes");
  expect(Number(memory?.split(" ")[1])).toBeGreaterThan(1_000_000);
});
