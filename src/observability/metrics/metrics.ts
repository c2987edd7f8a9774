import type { Registry } from "prom-client";
import type { BudgetView } from "../../bitbucket/port.ts";
import type { CleanReport, GroupReport, Trouble } from "../../domain/report.ts";
import type { ConfigurationState } from "../state-store.ts";
import { boundedLabel } from "./bounded-label.ts";
import { budgetMetrics } from "./budget-metrics.ts";
import { groupMetrics } from "./group-metrics.ts";
import { declareOn, seconds } from "./metric-declarations.ts";
import { METRICS } from "./metric-table.ts";
import { processMetrics } from "./process-metrics.ts";
import { scopeMetrics } from "./scope-metrics.ts";

/** How one request to Bitbucket or Kubernetes ended. */
export interface RequestOutcome {
  /** The HTTP method; for Kubernetes the verb, such as list. */
  readonly method: string;
  /** The path with placeholders for names and uuids; for Kubernetes the resource. */
  readonly route: string;
  /** "error" when no complete reply came. */
  readonly status: number | "error";
  /** World time. */
  readonly durationMs: number;
}

/** Where the process tells its numbers. */
export interface Metrics {
  /** A group's pass is done. */
  pass(report: GroupReport): void;
  /** A scope's clean-up is done. */
  cleaned(report: CleanReport): void;
  trouble(trouble: Trouble): void;
  request(plane: "bitbucket" | "kubernetes", outcome: RequestOutcome): void;
  /** Where to read the request budget at each scrape: it refills by itself. */
  budget(read: () => BudgetView): void;
  /** The configuration was read. */
  configuration(state: Pick<ConfigurationState, "good">): void;
  /** The group or scope left the configuration and nothing of it is left: its series go. */
  forget(name: string): void;
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
export function createMetrics({ registry, now, process, version }: MetricsOptions): Metrics {
  const declare = declareOn(registry);
  processMetrics(declare, { process, version, startedAt: now() });
  const groups = groupMetrics(declare, now);
  const scopes = scopeMetrics(declare, now);
  const budget = budgetMetrics(declare, now);
  const passDuration = declare.histogram(METRICS.passDuration);
  const troubles = declare.counter(METRICS.troubles);
  const requests = declare.counter(METRICS.requests);
  const requestDuration = declare.histogram(METRICS.requestDuration);
  const configurationGood = declare.gauge(METRICS.configurationGood);
  const configurationGoodTime = declare.gauge(METRICS.configurationGoodTime);
  const route = boundedLabel(MOST_ROUTES);
  const place = boundedLabel(MOST_PLACES);
  return {
    pass(report) {
      groups.pass(report);
      if (report.startedAt !== undefined) passDuration.observe(seconds(report.at - report.startedAt));
    },
    cleaned(report) {
      scopes.cleaned(report);
      passDuration.observe(seconds(report.at - report.startedAt));
    },
    trouble: ({ where }) => troubles.inc({ where: place(where) }),
    request(plane, outcome) {
      const labels = { plane, method: outcome.method, route: route(outcome.route) };
      requests.inc({ ...labels, status: String(outcome.status) });
      requestDuration.observe(labels, seconds(outcome.durationMs));
    },
    budget,
    configuration({ good }) {
      configurationGood.set(good ? 1 : 0);
      if (good) configurationGoodTime.set(seconds(now()));
    },
    forget(name) {
      groups.forget(name);
      scopes.forget(name);
      troubles.remove({ where: name });
    },
  };
}
