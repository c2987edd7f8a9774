import type { Limit } from "../domain/decision.ts";
import { SCOPE_CAPACITY } from "../domain/scope.ts";
import type { GroupSnapshot } from "./snapshot.ts";

/** How many runners may be created, and what keeps it from being more. */
export interface LimitedCreation {
  readonly create: number;
  readonly limits: readonly Limit[];
}

/**
 * Creation stops at `max` over everything live, at the scope's capacity, at the budget, and while failures are being waited out.
 *
 * @param wanted runners that the decision asks for, beyond those that come back.
 * @param leftInGroup places under `max`.
 */
export function limitCreation(wanted: number, leftInGroup: number, snapshot: GroupSnapshot): LimitedCreation {
  if (wanted === 0) return { create: 0, limits: [] };
  if (snapshot.now < snapshot.creationRetryAt) return { create: 0, limits: ["back-off"] };
  const places: readonly (readonly [Limit, number])[] = [
    [snapshot.unresolved > 0 ? "unresolved" : "max", leftInGroup],
    ["scope-full", SCOPE_CAPACITY - snapshot.scopeSize],
    ["budget", snapshot.affordable],
  ];
  const create = Math.max(0, Math.min(wanted, ...places.map(([, left]) => left)));
  return { create, limits: places.filter(([, left]) => left < wanted).map(([limit]) => limit) };
}
