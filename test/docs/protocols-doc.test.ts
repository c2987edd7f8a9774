import { describe, expect, test } from "vitest";
import type { LeaveReason } from "../../src/domain/clean-up.ts";
import { DRAIN_CAUSES } from "../../src/domain/drain.ts";
import * as mark from "../../src/domain/mark.ts";
import * as times from "../../src/domain/times.ts";
import { codeSpans, read, type Table, tables } from "./markdown.ts";

const TABLES = tables(read("docs/protocols.md"));
const UNITS: Readonly<Record<string, number>> = { s: 1_000, min: 60_000 };

/** The compiler sees to it that none is missing here. */
const LEFT: Readonly<Record<LeaveReason, true>> = {
  healthy: true,
  "offline-but-running": true,
  "too-young": true,
  starting: true,
  "no-pod-made": true,
  "started-but-never-connected": true,
  "secret-may-be-cached": true,
  draining: true,
  held: true,
  "mark-not-understood": true,
  "containers-still-running": true,
  "not-proven-dead": true,
  "waiting-for-disable": true,
  "enabled-by-hand": true,
  "pod-without-job": true,
  going: true,
  "cannot-tell": true,
  "not-ours": true,
};

function rowsWith(column: string): Table["rows"] {
  const found = TABLES.find(({ columns }) => columns.includes(column));
  if (found === undefined) throw new Error(`docs/protocols.md has no table with a column ${column}`);
  return found.rows;
}

function spansOf(column: string): readonly string[] {
  return rowsWith(column).flatMap((row) => codeSpans(row[column] ?? ""));
}

describe("docs/protocols.md", () => {
  test("has the times of the code", () => {
    const written = rowsWith("constant").map((row) => {
      const [, number = "", unit = ""] = /^(\d+) (s|min)$/.exec(row.length ?? "") ?? [];
      return [codeSpans(row.constant ?? "")[0] ?? "", Number(number) * (UNITS[unit] ?? Number.NaN)];
    });
    expect(Object.fromEntries(written)).toEqual({ ...times });
  });

  test("lists every label and annotation that the code writes", () => {
    const written = Object.entries(mark).flatMap(([name, value]) =>
      /_(?:LABEL|ANNOTATION)$/.test(name) && typeof value === "string" && value !== mark.AUTOSCALER_LABEL
        ? [value]
        : [],
    );
    expect(spansOf("key").toSorted()).toEqual(written.toSorted());
  });

  test("lists every cause of a drain or removal", () => {
    expect(spansOf("cause")).toEqual([...DRAIN_CAUSES]);
  });

  test("lists every reason to leave a runner alone", () => {
    expect(spansOf("left").toSorted()).toEqual(Object.keys(LEFT).toSorted());
  });
});
