import { scopeKey, scopeName } from "../domain/scope.ts";
import type { Dependencies } from "../reconcile/dependencies.ts";
import { Reconciler, type ScopeVisit, type Visited } from "../reconcile/reconciler.ts";
import { cleanScope } from "./pass.ts";
import { ScopeState } from "./scope-pass.ts";

/** Between passes while something is half-way or about to be provable. */
const PENDING_MS = 60_000;
/** Between passes otherwise: the cleaner's share of the request budget is small. */
const QUIET_MS = 300_000;

/** The cleaner: a clean-up pass over every scope, every few minutes. */
export function cleaner(deps: Dependencies): Reconciler {
  const states = new Map<string, ScopeState>();

  return new Reconciler(deps, async (visit: ScopeVisit): Promise<Visited> => {
    const key = scopeKey(visit.scope);
    const state = states.get(key) ?? new ScopeState();
    states.set(key, state);
    const cleaned = await cleanScope(deps, visit, state);
    const isUnused = cleaned.empty && visit.groups.length === 0 && visit.undecidedKeys.size === 0;
    const retired = isUnused && (deps.dryRun || (await deps.ledgers.close(cleaned.ledger)));
    if (retired) {
      states.delete(key);
      deps.emit({ type: "retired", kind: "scope", name: scopeName(visit.scope) });
    }
    return { failures: cleaned.failures, wantedMs: cleaned.pending ? PENDING_MS : QUIET_MS, retired };
  });
}
