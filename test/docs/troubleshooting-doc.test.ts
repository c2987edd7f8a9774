import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { codeSpans, ROOT, read, tables } from "./markdown.ts";

/** What the guide quotes of the log has to be what the program says. */
test("every message that docs/guides/troubleshooting.md quotes is one of the program's", () => {
  const messages = tables(read("docs/guides/troubleshooting.md")).flatMap(({ rows }) =>
    rows.flatMap((row) => codeSpans(row["the log says"] ?? "")),
  );
  const source = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"))
    .map((path) => read(join("src", path)))
    .flatMap(bothChoices)
    .join("\n");
  expect(messages.length).toBeGreaterThan(10);
  expect(messages.filter((message) => !source.includes(message))).toEqual([]);
});

/** A message that is chosen between two words, as `Kubernetes ${… ? "failed" : "refused"} to`, is found with either. */
function bothChoices(source: string): readonly string[] {
  const choice = /\$\{[^{}]* \? "([^"]*)" : "([^"]*)"\}/g;
  return [source.replace(choice, "$1"), source.replace(choice, "$2")];
}
