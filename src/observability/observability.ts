import { Registry } from "prom-client";
import type { BudgetView } from "../bitbucket/port.ts";
import type { Emit, ProcessEvent } from "../domain/events.ts";
import type { ProcessName } from "../domain/settings.ts";
import { type Clock, monotonicMs } from "../support/clock.ts";
import type { Log } from "../support/log.ts";
import { Health } from "./health.ts";
import { eventLog } from "./log/event-log.ts";
import type { LogLevel } from "./log/log-level.ts";
import { createLog, type LogOptions } from "./log/logger.ts";
import { metrics } from "./metrics/metrics.ts";
import { createRedactor, type Redactor } from "./redaction/redaction.ts";
import { StateStore } from "./state-store.ts";

/** All that a process reports about itself, and where. */
export interface Observability {
  /** Tells an event to log, metrics, state and health. */
  readonly emit: Emit;
  /** For what is no event: what the adapters report of themselves. */
  readonly log: Log;
  readonly redactor: Redactor;
  readonly state: StateStore;
  readonly health: Health;
  readonly registry: Registry;
  /** From now on there is a request budget to show. */
  readonly showBudget: (read: () => BudgetView) => void;
}

export interface ObservabilityOptions {
  readonly process: ProcessName;
  readonly version: string;
  readonly format: LogOptions["format"];
  readonly level: LogLevel;
  readonly clock: Pick<Clock, "now">;
  /** Gets every line of the log. */
  readonly write: (line: string) => void;
}

/** Composes log, metrics, state and health as subscribers of one {@link Emit}. */
export function createObservability(options: ObservabilityOptions): Observability {
  const { process, version, format, level, clock, write } = options;
  const now = () => clock.now();
  const redactor = createRedactor();
  const log = createLog({ format, level, write, now, redactor });
  const registry = new Registry();
  const state = new StateStore(now);
  const health = new Health(now, monotonicMs);
  let budget: (() => BudgetView) | undefined;
  const subscribers: readonly Emit[] = [
    eventLog(log, now),
    metrics({ registry, now, process, version, budget: () => budget?.() }),
    (event) => state.hear(event),
    (event) => health.hear(event),
  ];
  return {
    emit: tellAll(subscribers, log),
    log,
    redactor,
    state,
    health,
    registry,
    showBudget: (read) => {
      budget = read;
    },
  };
}

/**
 * A subscriber that fails holds up neither the others nor the emitter; nor does a log that cannot be written. It is a mistake in the
 * program, so one line for each subscriber and type of event says enough.
 */
export function tellAll(subscribers: readonly Emit[], log: Pick<Log, "error">): Emit {
  const logged = new Set<string>();
  const logFault = (key: string, event: ProcessEvent, error: unknown) => {
    if (logged.has(key)) return;
    logged.add(key);
    try {
      log.error("An event could not be shown", { event: event.type, error });
    } catch {
      // The log itself is what failed: there is nobody left to tell.
    }
  };
  return (event) => {
    for (const [index, subscriber] of subscribers.entries()) {
      try {
        subscriber(event);
      } catch (error) {
        logFault(`${index} ${event.type}`, event, error);
      }
    }
  };
}
