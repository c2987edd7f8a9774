import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { commandLine } from "./command-line.ts";

const PAGE = new URL("../../docs/reference/cli.md", import.meta.url);

test("docs/reference/cli.md is what the commands' help says (UPDATE_REFERENCE=1 writes it)", () => {
  if (process.env.UPDATE_REFERENCE === "1") writeFileSync(PAGE, renderCliReference());
  expect(readFileSync(PAGE, "utf8")).toBe(renderCliReference());
});

function renderCliReference(): string {
  const { root, helpOf } = commandLine();
  const sections = root.commands.map((command) => [`## ${command.name()}`, "", ...fenced(helpOf(command))]);
  return [
    "# Command line",
    "",
    "<!-- Made from src/cli: change it there, then run the tests with UPDATE_REFERENCE=1. -->",
    "",
    "The program is one file, `dist/runners-autoscaler.js`, that needs only Node. In the image it is the entry point, and a Deployment",
    "names the command: `args: [controller]`. Variables that no flag has are on their [own page](environment.md).",
    "",
    "| exit code | meaning |",
    "| --- | --- |",
    "| 0 | done |",
    "| 1 | failed |",
    "| 2 | bad usage or configuration |",
    "",
    ...fenced(helpOf(root)),
    ...sections.flat(),
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");
}

function fenced(text: string): readonly string[] {
  return ["```text", text.trimEnd(), "```", ""];
}
