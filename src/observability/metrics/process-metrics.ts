import { type Declare, seconds } from "./metric-declarations.ts";
import { METRICS } from "./metric-table.ts";

/** What the process is, and what it takes of the machine. */
export function processMetrics(
  declare: Declare,
  facts: { readonly process: string; readonly version: string; readonly startedAt: number },
): void {
  const labels = { process: facts.process, version: facts.version, node: process.versions.node };
  declare.gauge(METRICS.buildInfo).set(labels, 1);
  declare.gauge(METRICS.startTime).set(seconds(facts.startedAt));
  declare.gauge(METRICS.residentMemory, (gauge) => gauge.set(process.memoryUsage.rss()));
  declare.counter(METRICS.cpuTime, (counter) => {
    const { user, system } = process.cpuUsage();
    counter.reset();
    counter.inc((user + system) / 1e6);
  });
}
