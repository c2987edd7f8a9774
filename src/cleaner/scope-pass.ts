import type { LeaveReason } from "../domain/clean-up.ts";
import type { JobRecord, SecretRecord } from "../domain/cluster-objects.ts";
import { type RunnerRef, type RunnerStep, runnerRef } from "../domain/events.ts";
import type { ReadTime } from "../domain/lasting.ts";
import { retiredGroup } from "../domain/managed-group.ts";
import { GROUP_LABEL, groupKey } from "../domain/mark.ts";
import type { Runner } from "../domain/runner.ts";
import { type Scope, scopeName } from "../domain/scope.ts";
import type { GroupSettings } from "../domain/settings.ts";
import { LATE_MS, LEFTOVER_AGE_MS } from "../domain/times.ts";
import type { Dependencies } from "../reconcile/dependencies.ts";
import { ScopeMemory } from "../reconcile/scope-memory.ts";
import { Spans } from "../reconcile/spans.ts";
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
  readonly memory = new ScopeMemory();
  /** Runners whose Secret holds nothing, the unmarked ones of adopted runners included. */
  readonly voided = new Spans();
  readonly #ownerless = new Spans();
  readonly #vacant = new Spans();
  /** Jobs that were told of as not believed, by uid. */
  readonly #unbelieved = new Set<string>();
  /** Why each runner was left alone in the last pass, by uuid. */
  readonly leftBecause = new Map<string, LeaveReason>();

  /**
   * Notes which Secrets nothing belongs to.
   *
   * @returns those that have been so since long enough: a creation that is under way makes its Secret last
   */
  longOwnerless(secrets: readonly SecretRecord[], took: ReadTime): readonly SecretRecord[] {
    const lasted = this.#ownerless.see(
      secrets.map(({ uid }) => uid),
      took,
    );
    return secrets.filter(({ uid }) => lasted(uid) >= LEFTOVER_AGE_MS);
  }

  /** Notes which namespaces nothing of ours is in. @returns those that have been so for as long as a request of ours may be late */
  longVacant(namespaces: readonly string[], took: ReadTime): readonly string[] {
    const lasted = this.#vacant.see(namespaces, took);
    return namespaces.filter((each) => lasted(each) >= LATE_MS);
  }

  /** Notes which Jobs carry our mark and are not believed. @returns those that were not known yet */
  noteUnbelieved(jobs: readonly JobRecord[]): readonly JobRecord[] {
    const news = jobs.filter(({ uid }) => !this.#unbelieved.has(uid));
    this.#unbelieved.clear();
    for (const { uid } of jobs) this.#unbelieved.add(uid);
    return news;
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
