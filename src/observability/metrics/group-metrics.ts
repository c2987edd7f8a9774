import { LIMITS, REASONS } from "../../domain/decision.ts";
import type { Emit } from "../../domain/events.ts";
import type { GroupReport } from "../../domain/report.ts";
import { PHASES } from "../../domain/runner.ts";
import { type Declare, seconds } from "./metric-declarations.ts";
import { METRICS } from "./metric-table.ts";

/** What a controller's passes feed. @param now milliseconds since the epoch */
export function groupMetrics(declare: Declare, now: () => number): Emit {
  const runners = declare.gauge(METRICS.runners);
  const levels = LEVELS.map(({ metric, of }) => ({ gauge: declare.gauge(metric), of }));
  const decisions = declare.counter(METRICS.decisions);
  const limits = declare.counter(METRICS.limits);
  const acts = ACTS.map(({ metric, of }) => ({ counter: declare.counter(metric), of }));
  const lastPassAt = new Map<string, number>();
  const age = declare.gauge(METRICS.passAge, (gauge) => {
    for (const [group, at] of lastPassAt) gauge.set({ group }, seconds(now() - at));
  });

  const passed = (report: GroupReport) => {
    const { group } = report;
    for (const phase of PHASES) {
      runners.set({ group, phase }, report.runners.filter((runner) => runner.phase === phase).length);
    }
    for (const { gauge, of } of levels) {
      const value = of(report);
      if (value === undefined) gauge.remove({ group });
      else gauge.set({ group }, value);
    }
    decisions.inc({ group, reason: report.decision.reason });
    for (const limit of new Set(report.limits)) limits.inc({ group, limit });
    for (const { counter, of } of acts) counter.inc({ group }, of(report));
    lastPassAt.set(group, report.at);
  };
  const forget = (group: string) => {
    lastPassAt.delete(group);
    age.remove({ group });
    for (const phase of PHASES) runners.remove({ group, phase });
    for (const { gauge } of levels) gauge.remove({ group });
    for (const reason of REASONS) decisions.remove({ group, reason });
    for (const limit of LIMITS) limits.remove({ group, limit });
    for (const { counter } of acts) counter.remove({ group });
  };
  return (event) => {
    if (event.type === "group-pass-done") passed(event.report);
    else if (event.type === "retired" && event.kind === "group") forget(event.name);
  };
}

/** What stands after a pass; undefined for what is not known. */
const LEVELS = [
  { metric: METRICS.desired, of: ({ decision }: GroupReport) => decision.desired },
  { metric: METRICS.live, of: ({ decision }: GroupReport) => decision.numbers.live },
  { metric: METRICS.min, of: ({ decision }: GroupReport) => decision.numbers.min },
  { metric: METRICS.max, of: ({ decision }: GroupReport) => decision.numbers.max },
  { metric: METRICS.demand, of: ({ decision }: GroupReport) => decision.numbers.demand },
  { metric: METRICS.busyRatio, of: ({ decision }: GroupReport) => decision.numbers.busyRatio },
] as const;

/** What a pass did. */
const ACTS = [
  { metric: METRICS.created, of: (report: GroupReport) => report.created },
  { metric: METRICS.undrained, of: (report: GroupReport) => report.undrained },
  { metric: METRICS.drained, of: (report: GroupReport) => report.drained },
  { metric: METRICS.removed, of: (report: GroupReport) => report.removed },
] as const;
