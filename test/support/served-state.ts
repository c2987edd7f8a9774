import { Registry } from "prom-client";
import type { BudgetView } from "../../src/bitbucket/port.ts";
import { Health } from "../../src/observability/health.ts";
import { eventLog } from "../../src/observability/log/event-log.ts";
import { createLog } from "../../src/observability/log/logger.ts";
import { metrics } from "../../src/observability/metrics/metrics.ts";
import { tellAll } from "../../src/observability/observability.ts";
import { createRedactor } from "../../src/observability/redaction/redaction.ts";
import { StateStore } from "../../src/observability/state-store.ts";
import { createServer } from "../../src/server/server.ts";
import { START } from "./reports.ts";

/** A server with everything behind it, at a time that stands still. */
export function aServer(budget: () => BudgetView | undefined = () => undefined) {
  const now = () => START + 60_000;
  const lines: string[] = [];
  const redactor = createRedactor();
  const registry = new Registry();
  const state = new StateStore(now);
  const health = new Health(now, now);
  const log = createLog({ format: "text", level: "debug", write: (line) => lines.push(line), now, redactor });
  const emit = tellAll(
    [
      eventLog(log, now),
      metrics({ registry, now, process: "controller", version: "1.2.3", budget }),
      (event) => state.hear(event),
      (event) => health.hear(event),
    ],
    log,
  );
  const process = { name: "controller", version: "1.2.3", startedAt: START } as const;
  const app = createServer({ process, state, health, budget, now, registry, redactor, log });
  return { app, health, lines, redactor, registry, state, emit };
}
