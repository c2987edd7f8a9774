import { Registry } from "prom-client";
import { createHealth, type Health } from "../observability/health.ts";
import { logLevel } from "../observability/log/log-level.ts";
import { createLog } from "../observability/log/logger.ts";
import { createMetrics, type Metrics } from "../observability/metrics/metrics.ts";
import { createRedactor, type Redactor } from "../observability/redaction/redaction.ts";
import { createReporter, type ProcessReporter } from "../observability/reporter.ts";
import { type Board, createBoard } from "../observability/state-store.ts";
import { type Clock, monotonicMs } from "../support/clock.ts";
import type { Log } from "../support/log.ts";
import type { Surroundings } from "./surroundings.ts";
import { VERSION } from "./version.ts";

/** All that a process says of itself, and where it says it. */
export interface Observability {
  readonly log: Log;
  readonly redactor: Redactor;
  readonly board: Board;
  readonly health: Health;
  readonly registry: Registry;
  readonly metrics: Metrics;
  readonly reporter: ProcessReporter;
}

/** @throws {UnknownLogLevel} */
export function createObservability(
  name: "controller" | "cleaner",
  format: "text" | "json",
  clock: Clock,
  io: Surroundings,
): Observability {
  const now = () => clock.now();
  const redactor = createRedactor();
  const log = createLog({ format, level: logLevel(io.env), write: io.out, now, redactor });
  const board = createBoard(now);
  const health = createHealth(now, monotonicMs);
  const registry = new Registry();
  const metrics = createMetrics({ registry, now, process: name, version: VERSION });
  return { log, redactor, board, health, registry, metrics, reporter: createReporter({ board, metrics, health }) };
}
