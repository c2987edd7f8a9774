import { scopeKey } from "../domain/scope.ts";
import type { Dependencies } from "../reconcile/dependencies.ts";
import { Reconciler, type ScopeVisit, type Visited } from "../reconcile/reconciler.ts";
import { ScopeMemory } from "../reconcile/scope-memory.ts";
import { GroupState } from "./group-state.ts";
import { passScope } from "./pass.ts";

/** Between passes while something is on its way: runners starting, draining, or fewer than decided. */
const BRISK_MS = 5_000;
/** Between passes otherwise: with the pass itself, a change of load is decided upon within 15 s. */
const STEADY_MS = 14_300;

/** The controller: a pass over every scope, again and again. Every pass starts from what both planes hold. */
export function controller(deps: Dependencies): Reconciler {
  const states = new Map<string, GroupState>();
  const stateOf = (groupKey: string): GroupState => {
    const state = states.get(groupKey) ?? new GroupState(deps.clock, deps.random);
    states.set(groupKey, state);
    return state;
  };
  const memories = new Map<string, ScopeMemory>();
  /** The groups that the last pass over each scope looked after, by name. */
  const groupsOf = new Map<string, readonly string[]>();

  return new Reconciler(deps, async (visit: ScopeVisit): Promise<Visited> => {
    const key = scopeKey(visit.scope);
    const memory = memories.get(key) ?? new ScopeMemory();
    memories.set(key, memory);
    const passed = await passScope(deps, visit, memory, stateOf);
    for (const name of groupsOf.get(key) ?? [])
      if (!passed.groups.includes(name)) deps.emit({ type: "retired", kind: "group", name });
    groupsOf.set(key, passed.groups);
    return {
      failures: passed.failures,
      wantedMs: passed.changing ? BRISK_MS : STEADY_MS,
      retired: passed.empty && passed.groups.length === 0 && visit.undecidedKeys.size === 0,
    };
  });
}
