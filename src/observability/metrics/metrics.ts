import type { Registry } from "prom-client";
import type { BudgetView } from "../../bitbucket/port.ts";
import { aboutName, type Emit } from "../../domain/events.ts";
import type { ProcessName } from "../../domain/settings.ts";
import { groupMetrics } from "./group-metrics.ts";
import { boundedLabel, type Declare, declareOn, seconds } from "./metric-declarations.ts";
import { METRICS } from "./metric-table.ts";
import { budgetMetrics, requestMetrics } from "./request-metrics.ts";
import { scopeMetrics } from "./scope-metrics.ts";

export interface MetricsOptions {
  /** Empty; never prom-client's global one. */
  readonly registry: Registry;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly process: ProcessName;
  readonly version: string;
  /** Undefined as long as there is no client that spends it. */
  readonly budget: () => BudgetView | undefined;
}

/** Groups and scopes of one installation. */
const MOST_PLACES = 1_000;

/** Declares every metric of the table on the registry, and feeds them from the events. */
export function metrics({ registry, now, process, version, budget }: MetricsOptions): Emit {
  const declare = declareOn(registry);
  declareProcess(declare, { process, version, startedAt: now() });
  budgetMetrics(declare, budget, now);
  const parts = [
    groupMetrics(declare, now),
    scopeMetrics(declare, now),
    passMetrics(declare),
    requestMetrics(declare),
    configurationMetrics(declare, now),
  ];
  return (event) => {
    for (const part of parts) part(event);
  };
}

/** How long passes take, and what failed. */
function passMetrics(declare: Declare): Emit {
  const duration = declare.histogram(METRICS.passDuration);
  const failures = declare.counter(METRICS.failures);
  const place = boundedLabel(MOST_PLACES);
  return (event) => {
    if (event.type === "group-pass-done" || event.type === "clean-up-done") {
      const { startedAt, at } = event.report;
      if (startedAt !== undefined) duration.observe(seconds(at - startedAt));
    } else if (event.type === "failure") failures.inc({ where: place(aboutName(event.about)) });
    else if (event.type === "retired") failures.remove({ where: event.name });
  };
}

function configurationMetrics(declare: Declare, now: () => number): Emit {
  const isGood = declare.gauge(METRICS.configurationGood);
  const goodTime = declare.gauge(METRICS.configurationGoodTime);
  return (event) => {
    if (event.type !== "configuration-read") return;
    isGood.set(event.good ? 1 : 0);
    if (event.good) goodTime.set(seconds(now()));
  };
}

/** What the process is, and what it takes of the machine. */
function declareProcess(
  declare: Declare,
  facts: { readonly process: ProcessName; readonly version: string; readonly startedAt: number },
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
