import type { Gauge } from "prom-client";
import type { BudgetView } from "../../bitbucket/port.ts";
import type { Emit } from "../../domain/events.ts";
import { boundedLabel, type Declare, seconds } from "./metric-declarations.ts";
import { METRICS } from "./metric-table.ts";

/** Routes are templates in the program's source; a mistake there must not make series without end. */
const MOST_ROUTES = 100;

/** What requests to both planes feed. */
export function requestMetrics(declare: Declare): Emit {
  const requests = declare.counter(METRICS.requests);
  const durations = declare.histogram(METRICS.requestDuration);
  const bounded = boundedLabel(MOST_ROUTES);
  return (event) => {
    if (event.type !== "request-ended") return;
    const { plane, method, route, status, durationMs } = event;
    const labels = { plane, method, route: bounded(route) };
    requests.inc({ ...labels, status: String(status) });
    durations.observe(labels, seconds(durationMs));
  };
}

/**
 * The request budget, read at each scrape: it refills by itself.
 *
 * @param read undefined as long as there is no client that spends it. @param now milliseconds since the epoch
 */
export function budgetMetrics(declare: Declare, read: () => BudgetView | undefined, now: () => number): void {
  const showing = (pick: (view: BudgetView) => number) => (gauge: Gauge) => {
    const view = read();
    if (view !== undefined) gauge.set(pick(view));
  };
  const capacity = showing((view) => view.capacity);
  const left = showing((view) => view.left);
  const pause = showing((view) => seconds(Math.max(0, view.pausedUntil - now())));
  declare.gauge(METRICS.budgetCapacity, capacity);
  declare.gauge(METRICS.budgetLeft, left);
  declare.gauge(METRICS.budgetPause, pause);
}
