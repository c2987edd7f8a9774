import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { BitbucketError } from "../../bitbucket/errors.ts";
import type { LogFields } from "../../support/log.ts";
import { createRedactor } from "../redaction/redaction.ts";
import type { LogLevel } from "./log-level.ts";
import { createLog } from "./logger.ts";

function logged(format: "text" | "json", level: LogLevel = "info") {
  const lines: string[] = [];
  const log = createLog({
    format,
    level,
    write: (line) => lines.push(line),
    now: () => Date.UTC(2026, 0, 1),
    redactor: createRedactor(),
  });
  return { log, lines };
}

function text(message: string, fields?: LogFields, level?: LogLevel): string {
  const { log, lines } = logged("text", level);
  log.warn(message, fields);
  return lines.join("");
}

describe("text", () => {
  const group = "Runner group 1";

  test("reads as the original's users search for it", () => {
    const { log, lines } = logged("text");
    const workspace = "woodpeckernew";
    log.info("Runner created on Bitbucket workspace", { workspace, group, uuid: "{6d1f}" });
    log.info("Successfully setup runner", { uuid: "{6d1f}", workspace, group });
    expect(lines).toEqual([
      "INFO: Runner created on Bitbucket workspace: woodpeckernew [Runner group 1]\n",
      "✔ Successfully setup runner UUID {6d1f} on workspace woodpeckernew [Runner group 1]\n",
    ]);
  });

  test("a phrase shows the fields that it does not know, and lacks none silently", () => {
    const { log, lines } = logged("text");
    log.info("Successfully setup runner", { uuid: "{6d1f}", seconds: 3 });
    expect(lines).toEqual(["✔ Successfully setup runner UUID {6d1f} on workspace {workspace} seconds=3\n"]);
  });

  test.each<[LogFields, string]>([
    [{}, "WARN: Said"],
    [{ group, a: 1, b: true, c: null, d: undefined }, "WARN: Said a=1 b=true c=null [Runner group 1]"],
    [
      { plain: "{6d1f}", spaced: "two words", empty: "", quote: 'a"b' },
      'WARN: Said plain={6d1f} spaced="two words" empty="" quote="a\\"b"',
    ],
    [{ list: ["a", "b c", 1], objects: [{ a: 1 }] }, 'WARN: Said list=[a,"b c",1] objects=[{"a":1}]'],
    [{ numbers: { min: 1, supply: { idle: 2 } } }, "WARN: Said numbers.min=1 numbers.supply.idle=2"],
    [{ forged: "x\nERROR: y", cursor: "\u001b[2J" }, 'WARN: Said forged="x\\nERROR: y" cursor="\\u001b[2J"'],
    [{ group: "a\nb" }, "WARN: Said [a\\nb]"],
    [{ level: "own", time: 1, msg: "own" }, "WARN: Said level_=own time_=1 msg_=own"],
    [
      { error: new BitbucketError("No reply", "Wait."), cause: new Error("x y") },
      'WARN: Said error="No reply" remedy=Wait. cause="x y"',
    ],
  ])("%j", (fields, line) => {
    expect(text("Said", fields)).toBe(`${line}\n`);
  });

  test("a stack is there at debug only", () => {
    const fields = { error: new Error("no") };
    expect(text("Said", fields, "info")).toBe("WARN: Said error=no\n");
    expect(text("Said", fields, "debug")).toMatch(/^WARN: Said error=no stack="Error: no\\n {4}at .*"\n$/);
  });

  property.prop([fc.string(), fc.dictionary(fc.string(), fc.anything())])(
    "is one line, whatever is said",
    (message, fields) => {
      const line = text(message, fields);
      expect(line).toMatch(/^WARN: [^\p{Cc}\u2028\u2029]*\n$/u);
    },
  );
});

describe("json", () => {
  test("is one object a line, with the time and the fields", () => {
    const { log, lines } = logged("json");
    log.error("Draining a runner failed", {
      group: "g",
      error: new BitbucketError("No reply", "Wait."),
      err: new Error("x"),
    });
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toEqual({
      level: "error",
      time: "2026-01-01T00:00:00.000Z",
      msg: "Draining a runner failed",
      group: "g",
      error: { type: "BitbucketError", message: "No reply", remedy: "Wait." },
      err: { type: "Error", message: "x" },
    });
  });

  property.prop([fc.string(), fc.dictionary(fc.string(), fc.anything())])(
    "parses, whatever is said",
    (message, fields) => {
      const { log, lines } = logged("json");
      log.info(message, fields);
      expect(lines).toHaveLength(1);
      expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: "info", msg: message });
    },
  );
});

test.each<[LogLevel, string[]]>([
  ["debug", ["DEBUG: a\n", "INFO: b\n", "WARN: c\n", "ERROR: d\n"]],
  ["info", ["INFO: b\n", "WARN: c\n", "ERROR: d\n"]],
  ["warn", ["WARN: c\n", "ERROR: d\n"]],
  ["error", ["ERROR: d\n"]],
])("at %s", (level, expected) => {
  const { log, lines } = logged("text", level);
  log.debug("a");
  log.info("b");
  log.warn("c");
  log.error("d");
  expect(lines).toEqual(expected);
});
