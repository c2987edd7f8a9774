import { expect, test } from "vitest";
import { aConfigurationRead, aFailure, aPassDone, aRequestEnded } from "../../test/support/events.ts";
import { START } from "../../test/support/reports.ts";
import type { ProcessEvent } from "../domain/events.ts";
import { silentLog } from "../support/log.ts";
import { createObservability, tellAll } from "./observability.ts";

test("what a process tells reaches log, metrics, state and health", async () => {
  const lines: string[] = [];
  const { emit, state, health, registry, showBudget } = createObservability({
    process: "controller",
    version: "1.2.3",
    format: "text",
    level: "info",
    clock: { now: () => START },
    write: (line) => void lines.push(line),
  });
  showBudget(() => ({ capacity: 680, left: 600, pausedUntil: 0 }));
  emit(aConfigurationRead());
  emit(aRequestEnded());
  expect(health.ready().ok).toBe(false);
  emit(aPassDone({ group: "g" }));
  emit(aFailure({ scope: "woodpeckernew", group: "g" }));

  expect(health.ready()).toEqual({ ok: true, reasons: [] });
  expect(state.groups).toHaveLength(1);
  expect(state.failures).toMatchObject([{ where: "g", times: 1 }]);
  expect(lines.join("")).toContain("A pass over a workspace or repository failed");
  const text = await registry.metrics();
  expect(text).toMatch(/group_desired_runners\{group="g"\} 1(.|\n)*troubles_total\{where="g"\} 1/);
  expect(text).toContain("bitbucket_budget_left_requests 600");

  emit({ type: "retired", kind: "group", name: "g" });
  expect(state.groups).toEqual([]);
  expect(await registry.metrics()).not.toContain('"g"');
});

test("a subscriber that fails keeps nobody else from hearing an event, and is told of once", () => {
  const heard: ProcessEvent["type"][] = [];
  const said: string[] = [];
  const failing = () => {
    throw new Error("broken");
  };
  const log = {
    ...silentLog,
    error: (message: string, fields?: object) => void said.push(`${message} ${JSON.stringify(fields)}`),
  };
  const tell = tellAll([failing, (event) => void heard.push(event.type)], log);
  tell({ type: "loop-alive", intervalMs: 1 });
  tell({ type: "loop-alive", intervalMs: 1 });
  expect(heard).toEqual(["loop-alive", "loop-alive"]);
  expect(said).toHaveLength(1);
  expect(said[0]).toContain('An event could not be shown {"event":"loop-alive"');
  tell(aPassDone());
  expect(said).toHaveLength(2);
});

test("a log that cannot be written stops nobody", () => {
  const heard: ProcessEvent["type"][] = [];
  const failing = () => {
    throw new Error("broken");
  };
  tellAll([failing, (event) => void heard.push(event.type)], { error: failing })(aPassDone());
  expect(heard).toEqual(["group-pass-done"]);
});
