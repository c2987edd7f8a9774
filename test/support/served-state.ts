import { Registry } from "prom-client";
import type { BudgetView } from "../../src/bitbucket/port.ts";
import { createHealth } from "../../src/observability/health.ts";
import { createLog } from "../../src/observability/log/logger.ts";
import { createMetrics } from "../../src/observability/metrics/metrics.ts";
import { createRedactor } from "../../src/observability/redaction/redaction.ts";
import { createReporter } from "../../src/observability/reporter.ts";
import { createBoard } from "../../src/observability/state-store.ts";
import { createServer } from "../../src/server/server.ts";
import { START } from "./reports.ts";

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
