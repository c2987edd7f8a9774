import { describe, expect, test } from "vitest";
import { settingsFor } from "../../bench/configuration.ts";
import { decide } from "../../bench/decide.ts";
import { InMemoryInstallation } from "../../bench/in-memory/installation.ts";
import { MEASUREMENTS } from "../../bench/measurements.ts";
import type { Row } from "../../bench/row.ts";
import { tableText } from "../../bench/table.ts";
import { passTimeUntil } from "../../src/simulation/run.ts";
import { median, quantile } from "../../src/simulation/statistics.ts";

test("measurements can be told apart by their names", () => {
  const names = MEASUREMENTS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

describe("statistics", () => {
  test.each([
    // values, share → quantile
    [[5], 0.5, 5],
    [[3, 1, 2], 0.5, 2],
    [[4, 3, 2, 1], 0.5, 2],
    [[10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 0.9, 9],
    [[10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 0.99, 10],
  ])("of %j the %d quantile is %d", (values, share, expected) => {
    expect(quantile(values, share)).toBe(expected);
  });

  test("nothing has no median", () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

test("the table shows a missed target as missed", () => {
  const row: Row = {
    what: "memory",
    original: "90 MiB",
    target: "≤ 96 MiB",
    measured: "120 MiB",
    verdict: "MISSED",
    figures: {},
  };
  expect(tableText([row])).toBe(
    [
      "| what   | original | target   | measured | verdict |",
      "| ------ | -------- | -------- | -------- | ------- |",
      "| memory | 90 MiB   | ≤ 96 MiB | 120 MiB  | MISSED  |",
    ].join("\n"),
  );
});

test("a decide pass is measured over the plans that it should come to", async () => {
  const rows = await decide.measure();
  expect(rows.map(({ figures }) => Object.keys(figures))).toEqual([["passMs"], ["planMs"]]);
  expect(rows[0]?.measured).toMatch(/^[\d.]+ ms/);
});

test("an installation in memory makes the runners of its configuration, and says what it decided", async () => {
  const installation = new InMemoryInstallation({ seed: 1, settings: settingsFor({ groups: 2, min: 3, max: 5 }) });
  try {
    const isSo = () => installation.online === 6;
    await passTimeUntil(installation.clock, { what: "six runners ONLINE", isSo, withinMs: 60_000 });
    expect(installation.usage.jobsMadeAt).toHaveLength(6);
    expect(installation.decisions[0]).toMatchObject({ desired: 3, reason: "below-min" });
  } finally {
    installation.close();
  }
});
