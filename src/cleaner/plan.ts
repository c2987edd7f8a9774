import type { CleanStep, LeaveReason } from "../domain/clean-up.ts";
import type { SecretRecord } from "../domain/cluster-objects.ts";
import type { Runner } from "../domain/runner.ts";
import { cleanStep } from "./clean-step.ts";
import type { ScopeSnapshot } from "./snapshot.ts";

/** A runner that needs something done, and what. */
export interface DueStep {
  readonly runner: Runner;
  readonly step: Exclude<CleanStep, { readonly kind: "leave" }>;
}

/** What to do about a scope in this pass. Every part names its objects; nothing here has happened yet. */
export interface CleanUpPlan {
  readonly steps: readonly DueStep[];
  /** Secrets to remove, old enough to belong to no creation that is under way. */
  readonly secrets: readonly SecretRecord[];
  /** Who is left alone, and why. */
  readonly left: readonly { readonly runner: Runner; readonly why: LeaveReason }[];
}

/** Decides on one step for each runner of ours in the scope. */
export function planCleanUp({ reading, runners, ownerless }: ScopeSnapshot): CleanUpPlan {
  const { flavour, serverTime } = reading.listing;
  const view = { flavour, serverTime, sawAllNamespaces: reading.unreadable.size === 0 };
  const decided = runners.map((runner) => ({ runner, step: cleanStep(runner, view) }));
  return {
    steps: decided.flatMap(({ runner, step }) => (step.kind === "leave" ? [] : [{ runner, step }])),
    secrets: ownerless,
    left: decided.flatMap(({ runner, step }) => (step.kind === "leave" ? [{ runner, why: step.why }] : [])),
  };
}
