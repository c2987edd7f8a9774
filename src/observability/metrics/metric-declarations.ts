import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { METRIC_PREFIX, type MetricDefinition } from "./metric-table.ts";

/** Makes the table's metrics on one registry. `collect` fills a metric in at each scrape. */
export interface Declare {
  gauge(metric: MetricDefinition, collect?: (gauge: Gauge) => void): Gauge;
  counter(metric: MetricDefinition, collect?: (counter: Counter) => void): Counter;
  histogram(metric: MetricDefinition): Histogram;
}

export function declareOn(registry: Registry): Declare {
  const common = ({ name, help, labels }: MetricDefinition) => ({
    name: METRIC_PREFIX + name,
    help,
    labelNames: labels,
    registers: [registry],
  });
  return {
    gauge: (metric, collect) => new Gauge({ ...common(metric), ...(collect && { collect: collecting(collect) }) }),
    counter: (metric, collect) => new Counter({ ...common(metric), ...(collect && { collect: collecting(collect) }) }),
    histogram: (metric) =>
      new Histogram({ ...common(metric), ...(metric.buckets && { buckets: [...metric.buckets] }) }),
  };
}

/** prom-client hands the metric over as `this`. */
function collecting<M>(collect: (metric: M) => void): (this: M) => void {
  return function (this: M) {
    collect(this);
  };
}

export function seconds(ms: number): number {
  return ms / 1_000;
}

/** What a label shows for values beyond its bound. */
const OTHER = "other";

/** Lets the first `limit` different values through and calls all later ones `other`, so that no input can make series without end. */
export function boundedLabel(limit: number): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (known.has(value)) return value;
    if (known.size >= limit) return OTHER;
    known.add(value);
    return value;
  };
}
