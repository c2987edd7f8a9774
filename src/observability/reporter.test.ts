import { Registry } from "prom-client";
import { describe, expect, test } from "vitest";
import { START, sampleCleaning, sampleReport } from "../../test/support/reports.ts";
import { createHealth } from "./health.ts";
import { createMetrics } from "./metrics/metrics.ts";
import { createReporter } from "./reporter.ts";
import { createBoard } from "./state-store.ts";

function everything() {
  const now = () => START;
  const registry = new Registry();
  const board = createBoard(now);
  const metrics = createMetrics({ registry, now, process: "controller", version: "0" });
  const health = createHealth(now, now);
  return { board, health, registry, reporter: createReporter({ board, metrics, health }) };
}

test("what a process reports reaches the board, the metrics and the probes", async () => {
  const { board, health, registry, reporter } = everything();
  reporter.configuration({ good: true, problems: [] });
  reporter.bitbucketRequest({ method: "GET", route: "/x", status: 200, durationMs: 1 });
  expect(health.ready().ok).toBe(false);
  reporter.report(sampleReport({ group: "g" }));
  reporter.trouble({ where: "g", at: START, message: "no", remedy: undefined });
  expect(health.ready()).toEqual({ ok: true, reasons: [] });
  expect(board.groups()).toHaveLength(1);
  expect(board.troubles()).toHaveLength(1);
  expect(await registry.metrics()).toMatch(/group_desired_runners\{group="g"\} 1(.|\n)*troubles_total\{where="g"\} 1/);
  reporter.forget("g");
  expect(board.groups()).toEqual([]);
  expect(await registry.metrics()).not.toContain('"g"');
});

describe("credentials that were accepted once", () => {
  const accepted = () => {
    const all = everything();
    all.reporter.configuration({ good: true, problems: [] });
    all.reporter.report(sampleReport());
    all.reporter.bitbucketRequest({ method: "GET", route: "/x", status: 200, durationMs: 1 });
    return all;
  };

  test.each([
    // route  status → ready
    ["/workspaces/{workspace}", 200, true],
    ["/workspaces/{workspace}", 401, false],
    ["/site/oauth2/access_token", 400, false],
    ["/workspaces/{workspace}", 400, true],
    ["/workspaces/{workspace}", 503, true],
    ["/workspaces/{workspace}", "error", true],
  ] as const)("%s %s: ready %s", (route, status, ready) => {
    const { health, reporter } = accepted();
    reporter.bitbucketRequest({ method: "GET", route, status, durationMs: 1 });
    expect(health.ready().ok).toBe(ready);
  });

  test("say nothing of Kubernetes'", async () => {
    const { health, registry, reporter } = accepted();
    reporter.kubernetesRequest({ verb: "list", resource: "jobs", status: 401, durationMs: 1 });
    reporter.kubernetesRequest({ verb: "list", resource: "jobs", status: undefined, durationMs: 1 });
    expect(health.ready().ok).toBe(true);
    const text = await registry.metrics();
    for (const status of ["401", "error"]) {
      expect(text).toContain(`requests_total{plane="kubernetes",method="list",route="jobs",status="${status}"} 1`);
    }
  });
});

test("a cleaner that has cleaned once is ready, and lives while it turns", () => {
  let now = START;
  const health = createHealth(
    () => now,
    () => now,
  );
  const metrics = createMetrics({ registry: new Registry(), now: () => now, process: "cleaner", version: "0" });
  const board = createBoard(() => now);
  const reporter = createReporter({ board, metrics, health });
  reporter.configuration({ good: true, problems: [] });
  reporter.bitbucketRequest({ method: "GET", route: "/x", status: 200, durationMs: 1 });
  reporter.cleaned(sampleCleaning());
  expect(health.ready().ok).toBe(true);
  expect(board.scopes()).toHaveLength(1);
  now += 600_000;
  expect(health.live().ok).toBe(false);
  reporter.turned(15_000);
  expect(health.live().ok).toBe(true);
});
