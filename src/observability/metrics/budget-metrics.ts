import type { Gauge } from "prom-client";
import type { BudgetView } from "../../bitbucket/port.ts";
import { type Declare, seconds } from "./metric-declarations.ts";
import { METRICS } from "./metric-table.ts";

/**
 * The request budget, read at each scrape.
 *
 * @param now World time, milliseconds since the epoch.
 * @returns where to give what reads it, once there is a client that spends it.
 */
export function budgetMetrics(declare: Declare, now: () => number): (read: () => BudgetView) => void {
  let budget: (() => BudgetView) | undefined;
  const showing = (pick: (view: BudgetView) => number) => (gauge: Gauge) => {
    if (budget !== undefined) gauge.set(pick(budget()));
  };
  const capacity = showing((view) => view.capacity);
  const left = showing((view) => view.left);
  const pause = showing((view) => seconds(Math.max(0, view.pausedUntil - now())));
  declare.gauge(METRICS.budgetCapacity, capacity);
  declare.gauge(METRICS.budgetLeft, left);
  declare.gauge(METRICS.budgetPause, pause);
  return (read) => {
    budget = read;
  };
}
