import type { Emit } from "../../domain/events.ts";
import type { CleanReport } from "../../domain/report.ts";
import { boundedLabel, type Declare, seconds } from "./metric-declarations.ts";
import { METRICS } from "./metric-table.ts";

/** The reasons for leaving a runner alone are a closed list; a mistake there must not make series without end. */
const MOST_REASONS = 30;

/** What a cleaner's passes feed. @param now milliseconds since the epoch */
export function scopeMetrics(declare: Declare, now: () => number): Emit {
  const reason = boundedLabel(MOST_REASONS);
  const runners = declare.gauge(METRICS.scopeRunners);
  const leftAlone = declare.gauge(METRICS.leftAlone);
  const removed = declare.counter(METRICS.cleaned);
  const last = new Map<string, CleanReport>();
  const age = declare.gauge(METRICS.scopePassAge, (gauge) => {
    for (const [scope, { at }] of last) gauge.set({ scope }, seconds(now() - at));
  });
  const dropReasons = (scope: string) => {
    for (const why of Object.keys(last.get(scope)?.left ?? {})) leftAlone.remove({ scope, why: reason(why) });
  };

  const cleaned = (report: CleanReport) => {
    const { scope } = report;
    dropReasons(scope);
    for (const [why, count] of Object.entries(report.left)) leftAlone.set({ scope, why: reason(why) }, count);
    runners.set({ scope }, report.runners);
    removed.inc({ scope, kind: "runner" }, report.removedRunners);
    removed.inc({ scope, kind: "secret" }, report.removedSecrets);
    last.set(scope, report);
  };
  const forget = (scope: string) => {
    dropReasons(scope);
    last.delete(scope);
    age.remove({ scope });
    runners.remove({ scope });
    for (const kind of ["runner", "secret"]) removed.remove({ scope, kind });
  };
  return (event) => {
    if (event.type === "clean-up-done") cleaned(event.report);
    else if (event.type === "retired" && event.kind === "scope") forget(event.name);
  };
}
