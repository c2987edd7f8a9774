import { LIMITS, REASONS } from "../../domain/decision.ts";
import { PHASES } from "../../domain/runner.ts";
import { LABEL_MEANINGS, METRIC_PREFIX, METRICS, type MetricDefinition } from "./metric-table.ts";

/** The page docs/reference/metrics.md, from the same table that declares the metrics. */
export function renderMetricsReference(): string {
  const metrics: readonly MetricDefinition[] = Object.values(METRICS);
  const labels = [...new Set(metrics.flatMap((metric) => metric.labels))];
  return [
    "# Metrics",
    "",
    "<!-- Made from src/observability/metrics/metric-table.ts: change it there, then run the tests with UPDATE_REFERENCE=1. -->",
    "",
    "Both processes serve these at `/metrics` in Prometheus' text format. In a sandbox that runs faster than real time, so do the times.",
    "",
    "| metric | type | labels | meaning |",
    "| --- | --- | --- | --- |",
    ...metrics.map(metricRow),
    "",
    "## Labels",
    "",
    "| label | values |",
    "| --- | --- |",
    ...labels.map((label) => `| \`${label}\` | ${labelMeaning(label)} |`),
    "",
  ].join("\n");
}

function metricRow({ kind, name, help, labels, buckets }: MetricDefinition): string {
  const bounds = buckets === undefined ? "" : ` Buckets: ${buckets.join(", ")}.`;
  const names = labels.map((label) => `\`${label}\``).join(", ");
  return `| \`${METRIC_PREFIX}${name}\` | ${kind} | ${names} | ${help}${bounds} |`;
}

function labelMeaning(label: string): string {
  const closed: Readonly<Record<string, readonly string[]>> = { phase: PHASES, reason: REASONS, limit: LIMITS };
  const values = closed[label];
  return values === undefined ? (LABEL_MEANINGS[label] ?? "") : values.map((value) => `\`${value}\``).join(", ");
}
