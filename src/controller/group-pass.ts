import { type RunnerStep, runnerRef } from "../domain/events.ts";
import type { ManagedGroup } from "../domain/managed-group.ts";
import type { RunnerListing } from "../domain/remote-runner.ts";
import { type Scope, scopeName } from "../domain/scope.ts";
import type { ScopeReading } from "../domain/scope-reading.ts";
import type { Constants } from "../domain/settings.ts";
import type { Dependencies } from "../reconcile/dependencies.ts";
import type { ScopeMemory } from "../reconcile/scope-memory.ts";
import type { GroupState } from "./group-state.ts";

/** One pass over one group: what it works with, where the group is, and the listing that its runners come from. Made once a pass. */
export interface GroupPass {
  readonly deps: Dependencies;
  readonly scope: Scope;
  readonly group: ManagedGroup;
  readonly constants: Constants;
  readonly listing: RunnerListing;
  /** What the pass read of both planes; shared by the scope's groups. */
  readonly reading: ScopeReading;
  readonly memory: ScopeMemory;
  readonly state: GroupState;
  /** Shared by the scope's groups. */
  readonly capacity: ScopeCapacity;
}

/** Places left in a scope (Bitbucket allows 100 runners), shared by the groups that create side by side in one pass. */
export class ScopeCapacity {
  #left: number;

  constructor(left: number) {
    this.#left = Math.max(0, left);
  }

  /** Takes up to `wanted` places for good. @returns how many it got */
  take(wanted: number): number {
    const got = Math.min(wanted, this.#left);
    this.#left -= got;
    return got;
  }
}

/** Tells what the pass did with a runner. */
export function tellStep(
  pass: Pick<GroupPass, "deps" | "scope" | "group">,
  runner: Parameters<typeof runnerRef>[0],
  step: RunnerStep,
): void {
  pass.deps.emit({ type: "runner-event", ...groupOf(pass), runner: runnerRef(runner), step });
}

/** The group and its scope, by the names that people know. */
export function groupOf({ scope, group }: Pick<GroupPass, "scope" | "group">): {
  readonly scope: string;
  readonly group: string;
} {
  return { scope: scopeName(scope), group: group.name };
}
