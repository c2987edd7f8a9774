import picocolors from "picocolors";
import { expect, test } from "vitest";
import { summaryText } from "../../src/sandbox/terminal/summary.ts";
import { SCENARIO_SUMMARIES } from "../../src/simulator/workload/scenario.ts";
import { aGoodRun } from "../support/sandbox-snapshot.ts";
import { commandLine } from "./command-line.ts";
import { block, codeSpans, read, type Table, tables } from "./markdown.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const TABLES = tables(read("docs/guides/sandbox.md"));

/** The run that the README shows. */
const SHOWN = aGoodRun({
  steps: {
    queued: 0,
    running: 0,
    done: 14,
    aborted: 0,
    waits: {
      p50Ms: MINUTE + 21 * SECOND,
      p90Ms: 5 * MINUTE + 29 * SECOND,
      p99Ms: 5 * MINUTE + 58 * SECOND,
      maxMs: 5 * MINUTE + 58 * SECOND,
    },
  },
  requests: 199,
});

test("the README shows the summary as the sandbox writes it", () => {
  expect(block(read("README.md"), "text")).toBe(summaryText(SHOWN, picocolors.createColors(false)));
});

test("docs/guides/sandbox.md names every line of the summary", () => {
  const names = [...summaryText(SHOWN, picocolors.createColors(false)).matchAll(/^ {2}(.+?) {2,}/gm)];
  expect(spans("line")).toEqual(names.map(([, name]) => name));
});

test("docs/guides/sandbox.md lists the scenarios in the program's words", () => {
  const listed = rowsOf("scenario").map(({ scenario = "", load = "" }) => [
    codeSpans(scenario)[0],
    load.replaceAll("`", ""),
  ]);
  expect(Object.fromEntries(listed)).toEqual(SCENARIO_SUMMARIES);
});

test("docs/guides/sandbox.md lists every flag, with the default that the program gives it", () => {
  const sandbox = commandLine().root.commands.find((command) => command.name() === "sandbox");
  const flags = (sandbox?.options ?? []).filter(({ long }) => long !== "--help");
  expect(spans("flag")).toEqual(expect.arrayContaining(flags.map(({ long }) => long)));
  expect(spans("flag")).toHaveLength(flags.length);
  for (const { flag = "", default: listed = "" } of rowsOf("flag")) {
    const defaultValue: unknown = flags.find(({ long }) => long === codeSpans(flag)[0])?.defaultValue;
    if (defaultValue !== undefined)
      expect([flag, listed.replaceAll("`", "")]).toEqual([flag, JSON.stringify(defaultValue).replaceAll('"', "")]);
  }
});

function rowsOf(column: string): Table["rows"] {
  return TABLES.find(({ columns }) => columns[0] === column)?.rows ?? [];
}

function spans(column: string): readonly string[] {
  return rowsOf(column).flatMap((row) => codeSpans(row[column] ?? ""));
}
