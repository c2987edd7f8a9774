import { scopeKey } from "../domain/scope.ts";
import { troubleTeller } from "../reconcile/error-reporter.ts";
import { ScopeLoops, type ScopeVisit, type Visited } from "../reconcile/reconciler.ts";
import { BackOff } from "../support/back-off.ts";
import type { ControllerParts } from "./dependencies.ts";
import { GroupMemory } from "./group-state.ts";
import { passScope } from "./pass.ts";

/** Between passes while something is on its way: runners starting, draining, or fewer than decided. */
const BRISK_MS = 5_000;
/** Between passes otherwise: with the pass itself, a change of load is decided upon within 15 s. */
const STEADY_MS = 14_500;
/** The longest wait between creations that keep failing. */
const LONGEST_BACK_OFF_MS = 300_000;

/** The controller: a pass over every scope, again and again. Every pass starts from what both planes hold. */
export function controllerLoops(parts: ControllerParts): ScopeLoops {
  const { clock, random } = parts.worlds;
  const memories = new Map<string, GroupMemory>();
  const memoryOf = (key: string): GroupMemory => {
    const memory = memories.get(key) ?? new GroupMemory(new BackOff(clock, random, LONGEST_BACK_OFF_MS));
    memories.set(key, memory);
    return memory;
  };
  const seen = new Map<string, readonly string[]>();

  const troubled = troubleTeller(parts.worlds, parts.reporter);
  const visit = async (visit: ScopeVisit): Promise<Visited> => {
    const result = await passScope({ ...visit, parts, memoryOf, troubled });
    const key = scopeKey(visit.scope);
    for (const group of seen.get(key) ?? []) if (!result.groups.includes(group)) parts.reporter.forget(group);
    seen.set(key, result.groups);
    return {
      failures: result.failures,
      wantedMs: result.changing ? BRISK_MS : STEADY_MS,
      deserted: result.groups.length === 0 && visit.forgotten === "known",
    };
  };
  return new ScopeLoops({
    worlds: parts.worlds,
    settings: parts.settings,
    visit,
    troubled,
    turned: (intervalMs) => parts.reporter.turned(intervalMs),
  });
}
