import type { RunnerStep } from "../domain/events.ts";
import type { ManagedGroup } from "../domain/managed-group.ts";
import type { RunnerListing } from "../domain/remote-runner.ts";
import type { Runner } from "../domain/runner.ts";
import { type Scope, scopeName } from "../domain/scope.ts";
import type { Constants } from "../domain/settings.ts";
import type { Dependencies } from "../reconcile/dependencies.ts";
import type { GroupState } from "./group-state.ts";

/** One pass over one group: what it works with, where the group is, and the listing that its runners come from. Made once a pass. */
export interface GroupPass {
  readonly deps: Dependencies;
  readonly scope: Scope;
  readonly group: ManagedGroup;
  readonly constants: Constants;
  readonly listing: RunnerListing;
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
  { deps, scope, group }: Pick<GroupPass, "deps" | "scope" | "group">,
  runner: Pick<Runner, "uuid"> & { readonly remote?: { readonly name: string } | undefined },
  step: RunnerStep,
): void {
  deps.emit({
    type: "runner-event",
    scope: scopeName(scope),
    group: group.name,
    runner: { uuid: runner.uuid, name: runner.remote?.name },
    step,
  });
}
