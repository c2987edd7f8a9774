import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { readSettings } from "./load.ts";
import { EXAMPLE, renderReference } from "./reference.ts";
import { renderJsonSchema } from "./schema.ts";

test.each([
  ["docs/reference/configuration.md", renderReference],
  ["schemas/runners_config.schema.json", renderJsonSchema],
])("%s is what the schema says", (path, render) => {
  const url = new URL(`../../${path}`, import.meta.url);
  if (process.env["UPDATE_REFERENCE"] === "1") {
    mkdirSync(dirname(url.pathname), { recursive: true });
    writeFileSync(url, render());
  }
  expect(readFileSync(url, "utf8")).toBe(render());
});

test("the reference's example is without a flaw", () => {
  expect(readSettings(EXAMPLE, "example.yaml").diagnostics).toEqual([]);
});
