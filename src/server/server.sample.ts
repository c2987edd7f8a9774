import { Registry } from "prom-client";
import type { BudgetView } from "../bitbucket/port.ts";
import { createHealth } from "../observability/health.ts";
import { createLog } from "../observability/log/logger.ts";
import { createMetrics } from "../observability/metrics/metrics.ts";
import { createRedactor } from "../observability/redaction/redaction.ts";
import { START } from "../observability/report.sample.ts";
import { createReporter } from "../observability/reporter.ts";
import { createBoard } from "../observability/state-store.ts";
import { createServer } from "./server.ts";

/** A server with everything behind it, at a time that stands still. */
export function sampleServer(budget: () => BudgetView | undefined = () => undefined) {
  const now = () => START + 60_000;
  const lines: string[] = [];
  const redactor = createRedactor();
  const registry = new Registry();
  const board = createBoard(now);
  const health = createHealth(now, now);
  const metrics = createMetrics({ registry, now, process: "controller", version: "1.2.3" });
  const log = createLog({ format: "text", level: "debug", write: (line) => lines.push(line), now, redactor });
  const app = createServer({
    process: { name: "controller", version: "1.2.3", startedAt: START },
    board,
    health,
    budget,
    now,
    registry,
    redactor,
    log,
  });
  return { app, health, lines, redactor, registry, reporter: createReporter({ board, metrics, health }) };
}
