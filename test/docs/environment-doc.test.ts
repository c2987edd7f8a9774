import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Option } from "commander";
import { describe, expect, test } from "vitest";
import { VariableOption } from "../../src/cli/variable-option.ts";
import { commandLine } from "./command-line.ts";
import { codeSpans, ROOT, read, tables } from "./markdown.ts";

/** Set by the program itself, for processes that it starts. */
const INTERNAL = new Set(["RUNNERS_AUTOSCALER_ANCHOR"]);
/** Node's own. */
const OF_NODE = ["NODE_EXTRA_CA_CERTS"];

describe("docs/reference/environment.md", () => {
  const listed = tables(read("docs/reference/environment.md")).flatMap(({ rows }) =>
    rows.flatMap((row) => codeSpans(row.variable ?? "")),
  );

  test("lists every variable that the program reads", () => {
    const names = sources().flatMap((path) => [
      ...[...read(path).matchAll(/\benv\.([A-Z][A-Z_]+)\b/g)].map(([, name = ""]) => name),
      ...[...read(path).matchAll(/"((?:BITBUCKET|ATLASSIAN|HTTPS?|NO)_[A-Z_]+)"/g)].map(([, name = ""]) => name),
    ]);
    const flags = commandLine().root.commands.flatMap(({ options }) => options.flatMap(variableOf));
    const wanted = [...new Set([...names, ...flags, ...OF_NODE])].filter((name) => !INTERNAL.has(name));
    expect(listed.toSorted()).toEqual(wanted.toSorted());
  });

  test("says which flag of which commands a variable stands for", () => {
    const { rows = [] } =
      tables(read("docs/reference/environment.md")).find(({ columns }) => columns.includes("flag")) ?? {};
    const stated = rows.map(({ variable = "", flag = "", of = "" }) => [
      ...codeSpans(variable),
      ...codeSpans(flag),
      codeSpans(of),
    ]);
    const taken = new Map<string, [string, string, string[]]>();
    for (const command of commandLine().root.commands) {
      for (const option of command.options) {
        for (const name of variableOf(option).filter((each) => each.startsWith("RUNNERS_AUTOSCALER_"))) {
          const [, , of] = taken.get(name) ?? [name, "", []];
          taken.set(name, [name, option.long ?? "", [...of, command.name()]]);
        }
      }
    }
    expect(stated).toEqual([...taken.values()]);
  });
});

function variableOf(option: Option): string[] {
  return option instanceof VariableOption ? [option.variable] : [];
}

/** The program's own files: no tests, and not what it plays for them. */
function sources(): readonly string[] {
  return readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
    .filter(
      (path) => /\.ts$/.test(path) && !/\.(?:test|sample)\.ts$/.test(path) && !/^(?:simulator|sandbox)/.test(path),
    )
    .map((path) => join("src", path));
}
