import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { RequestBudget } from "../../src/bitbucket/http/budget.ts";
import { LIMITS, type Numbers, REASONS } from "../../src/domain/decision.ts";
import { PHASES } from "../../src/domain/runner.ts";
import type { ScalingParameters } from "../../src/domain/settings.ts";
import { nextPassInMs } from "../../src/reconcile/pacing.ts";
import { percentageRunnersIdle } from "../../src/scaling/strategies/percentage-runners-idle.ts";
import { block, codeSpans, read, type Table, tables } from "./markdown.ts";

const PAGE = read("docs/scaling.md");
const TABLES = tables(PAGE);

type Row = Table["rows"][number];

/** The parameters that all examples share; a column of the same name has its own value. */
const { parameters: SHARED } = parse(block(PAGE, "yaml")) as { readonly parameters: Readonly<Record<string, number>> };

function rowsWith(...columns: readonly string[]): readonly Row[] {
  const rows = TABLES.filter((table) => columns.every((column) => table.columns.includes(column))).flatMap(
    (table) => table.rows,
  );
  if (rows.length === 0) throw new Error(`docs/scaling.md has no table with ${columns.join(", ")}`);
  return rows;
}

function parametersOf(row: Row): ScalingParameters {
  const value = (name: string) => Number(row[name] ?? SHARED[name]);
  return {
    min: value("min"),
    max: value("max"),
    scaleUpThreshold: value("scale_up_threshold"),
    scaleDownThreshold: value("scale_down_threshold"),
    scaleUpMultiplier: value("scale_up_multiplier"),
    scaleDownMultiplier: value("scale_down_multiplier"),
  };
}

function numbersOf(row: Row, { min, max }: ScalingParameters): Numbers {
  const [starting, idle, busy, unknown] = ["starting", "idle", "busy", "unknown"].map((name) => Number(row[name] ?? 0));
  const total = (starting ?? 0) + (idle ?? 0) + (busy ?? 0);
  const known = row["queued steps"] ?? "";
  return {
    min,
    max,
    supply: { starting: starting ?? 0, idle: idle ?? 0, busy: busy ?? 0, total },
    unknown: unknown ?? 0,
    draining: 0,
    live: total + (unknown ?? 0),
    demand: /^\d+$/.test(known) ? Number(known) : undefined,
    busyRatio: total === 0 ? undefined : (busy ?? 0) / total,
  };
}

describe("docs/scaling.md", () => {
  const decisions = rowsWith("starting", "idle", "busy", "desired", "reason");

  test.each(decisions)("$starting starting, $idle idle, $busy busy → $desired ($reason)", (row) => {
    const parameters = parametersOf(row);
    const decision = percentageRunnersIdle(parameters, numbersOf(row, parameters));
    expect({ desired: decision.desired, reason: decision.reason }).toEqual({
      desired: Number(row.desired),
      reason: codeSpans(row.reason ?? "")[0],
    });
  });

  test("shows each of the strategy's reasons at work", () => {
    const shown = new Set(decisions.map((row) => codeSpans(row.reason ?? "")[0]));
    expect(REASONS.filter((reason) => !shown.has(reason))).toEqual(["removed-from-configuration"]);
  });

  test.each([
    ["phase", PHASES],
    ["code", REASONS],
    ["limit", LIMITS],
  ] as const)("its table of every %s is complete", (column, words) => {
    const listed = rowsWith(column, "meaning").map((row) => codeSpans(row[column] ?? "")[0]);
    expect(listed).toEqual([...words]);
  });

  test.each(rowsWith("pacing", "wanted", "next pass"))("$pacing, $wanted wanted, $left left → $[next pass]", (row) => {
    const seconds = (name: string) => Number.parseFloat(row[name] ?? "") * 1_000;
    const ms = nextPassInMs(
      {
        constants: {
          pacing: row.pacing === "fixed" ? "fixed" : "adaptive",
          pollingIntervalMs: seconds("polling interval"),
        },
        wantedMs: seconds("wanted"),
        budget: { capacity: Number(row.capacity), left: Number(row.left), pausedUntil: 0 },
        scopes: Number(row.scopes),
        now: 0,
        elapsedMs: 0,
      },
      { next: () => 0 },
    );
    expect(Math.round(ms / 100) / 10).toBe(seconds("next pass") / 1_000);
  });

  test.each(rowsWith("api_requests_per_hour", "share", "capacity", "routine"))(
    "$api_requests_per_hour requests an hour, of which $share → $capacity",
    (row) => {
      const budget = new RequestBudget(
        { monotonic: () => 0 },
        { requestsPerHour: Number(row.api_requests_per_hour), share: Number(row.share) },
      );
      const routine = budget.left();
      expect({ capacity: budget.capacity, routine, reserve: budget.capacity - routine }).toEqual({
        capacity: Number(row.capacity),
        routine: Number(row.routine),
        reserve: Number(row.reserve),
      });
    },
  );
});
