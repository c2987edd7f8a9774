import type { Decision } from "../domain/decision.ts";
import type { Emit } from "../domain/events.ts";
import type { ProcessName } from "../domain/process-name.ts";
import type { CleanReport, GroupReport, Trouble } from "../domain/report.ts";
import { RemediedError } from "../support/errors.ts";

/** What a process's reporter is told, as the events that it will tell itself. A decision is heard when its pass is over. */
export function reporterTo(emit: Emit, process: ProcessName) {
  const last = new Map<string, Decision>();
  return {
    report(report: GroupReport): void {
      const { scope, group, decision, limits, created, undrained, drained } = report;
      const before = last.get(`${scope} ${group}`);
      last.set(`${scope} ${group}`, decision);
      emit({
        type: "decision-made",
        scope,
        group,
        decision,
        limits,
        isNews: before?.desired !== decision.desired || before.reason !== decision.reason,
        planned: { create: created, undrain: undrained, drain: drained, adopt: 0 },
        dryRun: false,
      });
      emit({ type: "group-pass-done", report });
    },
    cleaned(report: CleanReport): void {
      emit({ type: "clean-up-done", report });
    },
    trouble({ where, message, remedy }: Trouble): void {
      emit({
        type: "failure",
        operation: process === "controller" ? "pass" : "clean-up-pass",
        about: { scope: where },
        error: remedy === undefined ? new Error(message) : new RemediedError(message, remedy),
      });
    },
    forget(name: string): void {
      emit({ type: "retired", kind: process === "controller" ? "group" : "scope", name });
    },
    turned(intervalMs: number): void {
      emit({ type: "loop-alive", intervalMs });
    },
  };
}
