import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { createBoard } from "./board.ts";
import { createHealth } from "./health.ts";
import { createMetrics } from "./metrics.ts";
import { START, sampleReport } from "./report.sample.ts";
import { createReporter } from "./reporter.ts";

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
  reporter.request("bitbucket", { method: "GET", route: "/x", status: 200, durationMs: 1 });
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

test.each([
  // plane  route  status → ready
  ["bitbucket", "/workspaces/{workspace}", 200, true],
  ["bitbucket", "/workspaces/{workspace}", 401, false],
  ["bitbucket", "/site/oauth2/access_token", 400, false],
  ["bitbucket", "/workspaces/{workspace}", 400, true],
  ["bitbucket", "/workspaces/{workspace}", 503, true],
  ["bitbucket", "/workspaces/{workspace}", undefined, true],
  ["kubernetes", "jobs", 401, true],
] as const)("credentials once accepted, then %s %s %s: ready %s", (plane, route, status, ready) => {
  const { health, reporter } = everything();
  reporter.configuration({ good: true, problems: [] });
  reporter.report(sampleReport());
  reporter.request("bitbucket", { method: "GET", route: "/x", status: 200, durationMs: 1 });
  reporter.request(plane, { method: "GET", route, status, durationMs: 1 });
  expect(health.ready().ok).toBe(ready);
});
