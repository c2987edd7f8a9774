import type { LeaveReason } from "../../domain/clean-up.ts";
import type { ConfigurationRead, DecisionMade, Emit } from "../../domain/events.ts";
import type { CleanReport } from "../../domain/report.ts";
import type { Log } from "../../support/log.ts";
import { failureLog } from "./failure-log.ts";
import { runnerLine } from "./runner-lines.ts";

/** Reasons for leaving a runner alone that say that all is well, or that pass by themselves. */
const UNREMARKABLE: ReadonlySet<LeaveReason> = new Set([
  "healthy",
  "starting",
  "draining",
  "too-young",
  "secret-may-be-cached",
  "waiting-for-disable",
  "not-ours",
]);

/**
 * Writes a line for each event: the message is constant, its facts are fields. What is the same in every pass, and what merely leads to
 * something, is at debug level.
 *
 * @param now milliseconds since the epoch, for how long a failure has not been told
 */
export function eventLog(log: Log, now: () => number): Emit {
  const logFailure = failureLog(log, now);
  return (event) => {
    switch (event.type) {
      case "process-started": {
        const { type: _, ...fields } = event;
        return log.info("Started", fields);
      }
      case "installation-identified": {
        const { type: _, ...fields } = event;
        return log.info("Identified this installation", fields);
      }
      case "process-stopped":
        return log.info("Stopped", { process: event.process });
      case "configuration-read":
        return logConfiguration(log, event);
      case "decision-made":
        return logDecision(log, event);
      case "limit-met": {
        const { group, scope, limit, desired } = event;
        return log.info("A limit keeps the group below what it should have", { group, scope, limit, desired });
      }
      case "runner-event": {
        const { level, message, fields } = runnerLine(event);
        return log[level](message, fields);
      }
      case "leftover-left": {
        const { group, scope, runner, why } = event;
        const level = UNREMARKABLE.has(why) ? "debug" : "info";
        return log[level]("Left a runner alone", { group, scope, uuid: runner.uuid, name: runner.name, why });
      }
      case "job-not-believed":
        return log.warn("A Job carries this installation's mark and is not a runner's own; left alone", {
          scope: event.scope,
          job: event.job,
        });
      case "secret-removed":
        return log.info("Removed a Secret without an owner", { scope: event.scope, secret: event.secret });
      case "clean-up-done":
        return logCleanUp(log, event.report);
      case "retired":
        return log.info("Left the configuration, and nothing of it remains", { [event.kind]: event.name });
      case "failure":
        return logFailure(event);
      // Told by the adapters at debug level, with more than these facts.
      case "request-ended":
      // Every fact of it has been told above.
      case "group-pass-done":
      case "loop-alive":
        return;
    }
  };
}

function logConfiguration(log: Log, { good, inForce, changed, problems }: ConfigurationRead): void {
  if (!changed) return;
  for (const { severity, at, message: problem, ...more } of problems) {
    if (severity === "error") log.error("Configuration is wrong", { at, problem, ...more });
    else log.warn("Configuration may not work as intended", { at, problem, ...more });
  }
  if (!good && inForce) log.error("The last good configuration stays in force");
}

/** A decision is told once, and again when it changes. */
function logDecision(log: Log, { group, decision, limits, isNews, planned, dryRun }: DecisionMade): void {
  const { desired, reason, numbers } = decision;
  const fields = {
    group,
    desired,
    reason,
    ...numbers.supply,
    unknown: numbers.unknown,
    draining: numbers.draining,
    live: numbers.live,
    min: numbers.min,
    max: numbers.max,
    ...(numbers.demand !== undefined && { demand: numbers.demand }),
    ...(limits.length > 0 && { limits: limits.join(",") }),
    ...(dryRun && { wouldCreate: planned.create, wouldDrain: planned.drain, wouldReturn: planned.undrain }),
  };
  log[dryRun || isNews ? "info" : "debug"]("Decided", fields);
}

function logCleanUp(log: Log, { scope, runners, removedRunners, removedSecrets, left }: CleanReport): void {
  const fields = { scope, runners, removedRunners, removedSecrets, ...left };
  if (removedRunners + removedSecrets > 0) log.info("Cleaned up", fields);
  else log.debug("Nothing to clean up", fields);
}
