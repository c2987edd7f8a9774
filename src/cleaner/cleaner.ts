import { scopeKey, scopeName } from "../domain/scope.ts";
import { troubleTeller } from "../reconcile/error-reporter.ts";
import { ScopeLoops, type ScopeVisit, type Visited } from "../reconcile/reconciler.ts";
import type { CleanerParts } from "./dependencies.ts";
import { cleanScope } from "./pass.ts";

/** Between passes while something is half-way or about to be provable. */
const PENDING_MS = 60_000;
/** Between passes otherwise: the cleaner's share of the request budget is small. */
const QUIET_MS = 300_000;

/** The cleaner: a clean-up pass over every scope, every few minutes. */
export function cleanerLoops(parts: CleanerParts): ScopeLoops {
  const podless = new Map<string, Map<string, number>>();
  const troubled = troubleTeller(parts.worlds, parts.reporter);
  const visit = async (visit: ScopeVisit): Promise<Visited> => {
    const key = scopeKey(visit.scope);
    const seen = podless.get(key) ?? new Map<string, number>();
    podless.set(key, seen);
    const result = await cleanScope({ ...visit, parts, podless: seen, troubled });
    const deserted = result.empty && visit.groups.length === 0 && visit.forgotten === "known";
    if (deserted) parts.reporter.forget(scopeName(visit.scope));
    return { failures: result.failures, wantedMs: result.pending ? PENDING_MS : QUIET_MS, deserted };
  };
  return new ScopeLoops({
    worlds: parts.worlds,
    settings: parts.settings,
    visit,
    troubled,
    turned: (intervalMs) => parts.reporter.turned(intervalMs),
  });
}
