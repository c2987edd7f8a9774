import type { LeaveReason } from "../domain/clean-up.ts";
import { type RunnerRef, type RunnerStep, runnerRef } from "../domain/events.ts";
import { retiredGroup } from "../domain/managed-group.ts";
import { GROUP_LABEL, groupKey } from "../domain/mark.ts";
import type { Runner } from "../domain/runner.ts";
import { type Scope, scopeName } from "../domain/scope.ts";
import type { GroupSettings } from "../domain/settings.ts";
import type { Dependencies } from "../reconcile/dependencies.ts";
import type { ScopeSnapshot } from "./snapshot.ts";

/** One clean-up pass over one scope: what it works with, and what it looked at. Made once a pass. */
export interface ScopePass {
  readonly deps: Dependencies;
  readonly scope: Scope;
  /** The configuration's groups in the scope: they name runners' groups to people. */
  readonly groups: readonly GroupSettings[];
  readonly snapshot: ScopeSnapshot;
  readonly state: ScopeState;
}

/** The little that a scope's passes keep between them. Losing it (a restart) only delays a removal, and repeats what was told. */
export class ScopeState {
  /** Since when each runner was seen without a pod: milliseconds since the epoch, by uuid. */
  readonly podlessSince = new Map<string, number>();
  /** Why each runner was left alone in the last pass, by uuid. */
  readonly leftBecause = new Map<string, LeaveReason>();

  /** Notes which runners have no pod. @param readAt when that was read */
  notePodless(runners: readonly Runner[], readAt: number): void {
    const now = new Set(runners.filter((runner) => runner.pods.length === 0).map((runner) => runner.uuid));
    for (const uuid of this.podlessSince.keys()) if (!now.has(uuid)) this.podlessSince.delete(uuid);
    for (const uuid of now) if (!this.podlessSince.has(uuid)) this.podlessSince.set(uuid, readAt);
  }

  /** Notes who is left alone. @returns those whose reason is another than before */
  noteLeft(left: readonly { readonly runner: Runner; readonly why: LeaveReason }[]): typeof left {
    const news = left.filter(({ runner, why }) => this.leftBecause.get(runner.uuid) !== why);
    this.leftBecause.clear();
    for (const { runner, why } of left) this.leftBecause.set(runner.uuid, why);
    return news;
  }
}

/** Tells what the pass did with a runner. */
export function tellStep(pass: Pick<ScopePass, "deps" | "scope" | "groups">, runner: Runner, step: RunnerStep): void {
  pass.deps.emit({ type: "runner-event", ...whereabouts(pass, runner), step });
}

/** A runner, its group and its scope, by the names that people know. */
export function whereabouts(
  { scope, groups }: Pick<ScopePass, "scope" | "groups">,
  runner: Runner,
): { readonly scope: string; readonly group: string; readonly runner: RunnerRef } {
  const key = runner.job?.labels[GROUP_LABEL] ?? groupKey(scope, runner.remote?.labels ?? []);
  const group = groups.find(({ labels }) => groupKey(scope, labels) === key)?.name ?? retiredGroup(key).name;
  return { scope: scopeName(scope), group, runner: runnerRef(runner) };
}
