import { emptyLedger } from "../../src/domain/ledger.ts";
import type { ScopeReading } from "../../src/domain/scope-reading.ts";
import { NOW } from "./runners.ts";

/** The reading of a scope in which nothing is, with whatever the test changes. */
export function aReading(changes: Partial<ScopeReading> = {}): ScopeReading {
  const scope = { workspace: { uuid: "{6321d246-a40a-4776-8497-372a41771e65}", slug: "woodpeckernew" } };
  return {
    scope,
    startedAt: NOW,
    took: { begunAt: NOW, endedAt: NOW },
    listing: { flavour: "internal", runners: [], showsSteps: true, begunAt: NOW, serverTime: NOW },
    ledger: emptyLedger(scope),
    runners: [],
    secrets: [],
    namespaces: ["default"],
    unreadable: new Map(),
    unbelieved: [],
    ...changes,
  };
}
