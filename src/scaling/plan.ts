import type { Decision, Limit } from "../domain/decision.ts";
import type { DrainCause } from "../domain/drain.ts";
import type { Runner } from "../domain/runner.ts";
import { decide } from "./decide.ts";
import { type DrainStep, drainStep } from "./drain-step.ts";
import { limitCreation } from "./limits.ts";
import type { GroupSnapshot } from "./snapshot.ts";
import { chooseReturning, chooseSilent, chooseUnhealthy, chooseVictims } from "./victims.ts";

/** What to do about a group in this pass. Every part names its runners; nothing here has happened yet. */
export interface GroupPlan {
  readonly decision: Decision;
  /** What keeps the group from what was decided. */
  readonly limits: readonly Limit[];
  readonly adopt: readonly Runner[];
  readonly steps: readonly { readonly runner: Runner; readonly step: Exclude<DrainStep, "wait"> }[];
  readonly undrain: readonly Runner[];
  readonly create: number;
  /** Uuids of all that count as live: a Job that the deciding list lacks does not free their place. */
  readonly live: readonly string[];
  readonly drain: readonly { readonly runner: Runner; readonly cause: DrainCause }[];
}

/** Decides how many runners a group should have and lists the actions that lead there. */
export function planGroup(snapshot: GroupSnapshot): GroupPlan {
  const { group, runners, listing } = snapshot;
  const decision = decide(snapshot);
  const { supply, unknown, live, max } = decision.numbers;
  const missing = decision.desired - supply.total - unknown;

  const undrain = group.settings === undefined ? [] : chooseReturning(runners, missing);
  const returning = new Set(undrain);
  const { create, limits } = limitCreation(Math.max(0, missing - undrain.length), max - live, snapshot);

  const cause: DrainCause = group.settings === undefined ? "group-removed" : "surplus";
  return {
    decision,
    limits,
    adopt: runners.filter(({ ownership, isMarkUnderstood }) => ownership === "adoptable" && isMarkUnderstood),
    steps: runners.flatMap((runner) => {
      const step = returning.has(runner) ? undefined : drainStep(runner, listing);
      return step === undefined || step === "wait" ? [] : [{ runner, step }];
    }),
    undrain,
    create,
    live: runners.flatMap(({ phase, uuid }) => (phase === "foreign" ? [] : [uuid])),
    drain: [
      ...chooseVictims(snapshot, -missing).map((runner) => ({ runner, cause })),
      ...chooseUnhealthy(snapshot).map((runner) => ({ runner, cause: "unhealthy" as const })),
      ...chooseSilent(snapshot).map((runner) => ({ runner, cause: "silent" as const })),
    ],
  };
}
