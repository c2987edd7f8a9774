import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { BudgetView } from "../bitbucket/port.ts";
import { LIMITS, REASONS } from "../domain/decision.ts";
import type { GroupReport, Trouble } from "../domain/report.ts";
import { PHASES } from "../domain/runner.ts";
import type { ConfigurationState } from "./board.ts";
import { boundedLabel } from "./bounded-label.ts";
import { METRIC_PREFIX, METRICS, type MetricDefinition } from "./metric-table.ts";

/** How one request to Bitbucket or Kubernetes ended. */
export interface RequestOutcome {
  /** The HTTP method; for Kubernetes the verb, such as list. */
  readonly method: string;
  /** The path with placeholders for names and uuids; for Kubernetes the resource. */
  readonly route: string;
  /** Undefined when no reply came. */
  readonly status: number | undefined;
  readonly durationMs: number;
}

/** Where the process tells its numbers. */
export interface Metrics {
  /** A group's pass is done. */
  pass(report: GroupReport): void;
  trouble(trouble: Trouble): void;
  request(plane: "bitbucket" | "kubernetes", outcome: RequestOutcome): void;
  /** Where to read the request budget at each scrape: it refills by itself. */
  budget(read: () => BudgetView): void;
  /** The configuration was read. */
  configuration(state: Pick<ConfigurationState, "good">): void;
  /** The group left the configuration and nothing of it is left: its series go. */
  forget(group: string): void;
}

export interface MetricsOptions {
  /** Empty; never prom-client's global one. */
  readonly registry: Registry;
  /** World time, milliseconds since the epoch. */
  readonly now: () => number;
  readonly process: "controller" | "cleaner";
  readonly version: string;
}

/** Routes are templates in the program's source; a mistake there must not make series without end. */
const MOST_ROUTES = 100;
/** Groups and scopes of one installation. */
const MOST_PLACES = 1_000;

/** Declares every metric of the table on the registry, and gives what feeds them. */
export function createMetrics({ registry, now, process: name, version }: MetricsOptions): Metrics {
  const declare = declarations(registry);
  const route = boundedLabel(MOST_ROUTES);
  const place = boundedLabel(MOST_PLACES);
  const lastPassAt = new Map<string, number>();
  let readBudget: (() => BudgetView) | undefined;

  const runners = declare.gauge(METRICS.runners);
  const desired = declare.gauge(METRICS.desired);
  const live = declare.gauge(METRICS.live);
  const min = declare.gauge(METRICS.min);
  const max = declare.gauge(METRICS.max);
  const demand = declare.gauge(METRICS.demand);
  const busyRatio = declare.gauge(METRICS.busyRatio);
  const decisions = declare.counter(METRICS.decisions);
  const limits = declare.counter(METRICS.limits);
  const created = declare.counter(METRICS.created);
  const undrained = declare.counter(METRICS.undrained);
  const drained = declare.counter(METRICS.drained);
  const removed = declare.counter(METRICS.removed);
  const passDuration = declare.histogram(METRICS.passDuration);
  const troubles = declare.counter(METRICS.troubles);
  const requests = declare.counter(METRICS.requests);
  const requestDuration = declare.histogram(METRICS.requestDuration);
  const configurationGood = declare.gauge(METRICS.configurationGood);
  const configurationGoodTime = declare.gauge(METRICS.configurationGoodTime);
  const passAge = declare.gauge(METRICS.passAge, (gauge) => {
    for (const [group, at] of lastPassAt) gauge.set({ group }, seconds(now() - at));
  });
  const ofBudget = (pick: (budget: BudgetView) => number) => (gauge: Gauge) => {
    if (readBudget !== undefined) gauge.set(pick(readBudget()));
  };
  declare.gauge(
    METRICS.budgetCapacity,
    ofBudget((budget) => budget.capacity),
  );
  declare.gauge(
    METRICS.budgetLeft,
    ofBudget((budget) => budget.left),
  );
  declare.gauge(
    METRICS.budgetPause,
    ofBudget((budget) => seconds(Math.max(0, budget.pausedUntil - now()))),
  );
  declareProcess(declare, name, version, now());

  return {
    pass(report) {
      const { group, decision, startedAt } = report;
      const { numbers } = decision;
      for (const phase of PHASES) {
        runners.set({ group, phase }, report.runners.filter((runner) => runner.phase === phase).length);
      }
      desired.set({ group }, decision.desired);
      live.set({ group }, numbers.live);
      min.set({ group }, numbers.min);
      max.set({ group }, numbers.max);
      setOrRemove(demand, group, numbers.demand);
      setOrRemove(busyRatio, group, numbers.busyRatio);
      decisions.inc({ group, reason: decision.reason });
      for (const limit of new Set(report.limits)) limits.inc({ group, limit });
      created.inc({ group }, report.created);
      undrained.inc({ group }, report.undrained);
      drained.inc({ group }, report.drained);
      removed.inc({ group }, report.removed);
      lastPassAt.set(group, report.at);
      if (startedAt !== undefined) passDuration.observe(seconds(report.at - startedAt));
    },
    trouble: ({ where }) => troubles.inc({ where: place(where) }),
    request(plane, outcome) {
      const labels = { plane, method: outcome.method, route: route(outcome.route) };
      requests.inc({ ...labels, status: String(outcome.status ?? "none") });
      requestDuration.observe(labels, seconds(outcome.durationMs));
    },
    budget(read) {
      readBudget = read;
    },
    configuration({ good }) {
      configurationGood.set(good ? 1 : 0);
      if (good) configurationGoodTime.set(seconds(now()));
    },
    forget(group) {
      lastPassAt.delete(group);
      for (const phase of PHASES) runners.remove({ group, phase });
      for (const reason of REASONS) decisions.remove({ group, reason });
      for (const limit of LIMITS) limits.remove({ group, limit });
      for (const metric of [
        desired,
        live,
        min,
        max,
        demand,
        busyRatio,
        created,
        undrained,
        drained,
        removed,
        passAge,
      ]) {
        metric.remove({ group });
      }
      troubles.remove({ where: group });
    },
  };
}

type Declare = ReturnType<typeof declarations>;

/** Makes the table's metrics on one registry; `collect` fills a metric in at each scrape. */
function declarations(registry: Registry) {
  const common = ({ name, help, labels }: MetricDefinition) => ({
    name: METRIC_PREFIX + name,
    help,
    labelNames: labels,
    registers: [registry],
  });
  return {
    gauge: (metric: MetricDefinition, collect?: (gauge: Gauge) => void) =>
      new Gauge({ ...common(metric), ...(collect && { collect: collecting(collect) }) }),
    counter: (metric: MetricDefinition, collect?: (counter: Counter) => void) =>
      new Counter({ ...common(metric), ...(collect && { collect: collecting(collect) }) }),
    histogram: (metric: MetricDefinition) =>
      new Histogram({ ...common(metric), ...(metric.buckets && { buckets: [...metric.buckets] }) }),
  };
}

/** prom-client hands the metric over as `this`. */
function collecting<M>(collect: (metric: M) => void): (this: M) => void {
  return function (this: M) {
    collect(this);
  };
}

function declareProcess(declare: Declare, name: string, version: string, startedAtMs: number): void {
  declare.gauge(METRICS.buildInfo).set({ process: name, version, node: process.versions.node }, 1);
  declare.gauge(METRICS.startTime).set(seconds(startedAtMs));
  declare.gauge(METRICS.residentMemory, (gauge) => gauge.set(process.memoryUsage.rss()));
  declare.counter(METRICS.cpuTime, (counter) => {
    const { user, system } = process.cpuUsage();
    counter.reset();
    counter.inc((user + system) / 1e6);
  });
}

function setOrRemove(gauge: Gauge, group: string, value: number | undefined): void {
  if (value === undefined) gauge.remove({ group });
  else gauge.set({ group }, value);
}

function seconds(ms: number): number {
  return ms / 1_000;
}
