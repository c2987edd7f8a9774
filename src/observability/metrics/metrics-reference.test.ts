import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { LABEL_MEANINGS, METRICS } from "./metric-table.ts";
import { renderMetricsReference } from "./metrics-reference.ts";

const PAGE = new URL("../../../docs/reference/metrics.md", import.meta.url);

test("docs/reference/metrics.md is what the table says (UPDATE_REFERENCE=1 writes it)", () => {
  if (process.env.UPDATE_REFERENCE === "1") writeFileSync(PAGE, renderMetricsReference());
  expect(readFileSync(PAGE, "utf8")).toBe(renderMetricsReference());
});

test("every label says what it can be", () => {
  const labels = new Set(Object.values(METRICS).flatMap((metric): readonly string[] => metric.labels));
  for (const label of labels) expect(renderMetricsReference()).toMatch(new RegExp(`^\\| \`${label}\` \\| \\S`, "m"));
  for (const label of Object.keys(LABEL_MEANINGS)) expect(labels).toContain(label);
});
