import type { Decision, Limit } from "../domain/decision.ts";
import type { DrainCause } from "../domain/drain.ts";
import type { ManagedGroup } from "../domain/managed-group.ts";
import type { Flavour } from "../domain/remote-runner.ts";
import type { Runner } from "../domain/runner.ts";
import { SCOPE_CAPACITY } from "../domain/scope.ts";
import { countRunners } from "./count.ts";
import { type DrainStep, drainStep } from "./drain-step.ts";
import { percentageRunnersIdle } from "./strategies/percentage-runners-idle.ts";
import { chooseReturning, chooseUnhealthy, chooseVictims } from "./victims.ts";

/** All that a plan may look at. */
export interface GroupSnapshot {
  readonly group: ManagedGroup;
  readonly runners: readonly Runner[];
  /** When the listing was begun (world time), its flavour, and Bitbucket's clock then. */
  readonly read: { readonly begunAt: number; readonly flavour: Flavour; readonly serverTime: number };
  /** Runners in the scope, everybody's. */
  readonly scopeSize: number;
  /** Registration attempts whose outcome nobody knows yet. */
  readonly unresolved: number;
  /** Queued steps, when they are known. */
  readonly demand: number | undefined;
  readonly coolDownMs: number;
  /** Registrations that the request budget still allows. */
  readonly affordable: number;
  /** Creations failed lately and wait for their next try. */
  readonly backingOff: boolean;
}

/** What to do in this pass. Every part names its runners; nothing here has happened yet. */
export interface Plan {
  readonly decision: Decision;
  /** What keeps the group from what was decided. */
  readonly limits: readonly Limit[];
  readonly adopt: readonly Runner[];
  readonly steps: readonly { readonly runner: Runner; readonly step: Exclude<DrainStep, "wait"> }[];
  readonly undrain: readonly Runner[];
  readonly create: number;
  /** Runners of the group that have no Job. */
  readonly jobless: number;
  readonly drain: readonly { readonly runner: Runner; readonly cause: DrainCause }[];
}

/** Decides how many runners a group should have and lists the actions that lead there. */
export function planGroup(snapshot: GroupSnapshot): Plan {
  const decision = decide(snapshot);
  const { supply, unknown, live } = decision.numbers;
  const missing = decision.desired - supply.total - unknown;

  const undrain = snapshot.group.settings === undefined ? [] : chooseReturning(snapshot.runners, missing);
  const returning = new Set(undrain);
  const wanted = Math.max(0, missing - undrain.length);
  const { create, limits } = limitCreation(wanted, decision.numbers.max - live, snapshot);

  const surplus = chooseVictims(snapshot.runners, -missing, snapshot.coolDownMs, snapshot.read.serverTime);
  const unhealthy = chooseUnhealthy(snapshot.runners, snapshot.coolDownMs, snapshot.read.serverTime);
  const cause: DrainCause = snapshot.group.settings === undefined ? "group-removed" : "surplus";
  return {
    decision,
    limits,
    adopt: snapshot.runners.filter((runner) => runner.ownership === "adoptable"),
    steps: snapshot.runners.flatMap((runner) => {
      const step = returning.has(runner) ? undefined : drainStep(runner, snapshot.read);
      return step === undefined || step === "wait" ? [] : [{ runner, step }];
    }),
    undrain,
    create,
    jobless: snapshot.runners.filter(({ ownership, job }) => ownership !== "foreign" && job === undefined).length,
    drain: [
      ...surplus.map((runner) => ({ runner, cause })),
      ...unhealthy.map((runner) => ({ runner, cause: "unhealthy" as const })),
    ],
  };
}

function decide({ group, runners, unresolved, demand }: GroupSnapshot): Decision {
  if (group.settings === undefined) {
    return {
      desired: 0,
      reason: "removed-from-configuration",
      numbers: countRunners(runners, { min: 0, max: 0 }, unresolved, demand),
    };
  }
  const { parameters } = group.settings;
  return percentageRunnersIdle(parameters, countRunners(runners, parameters, unresolved, demand));
}

/** Creation stops at `max` over everything live, at the scope's capacity, at the budget, and while failures are being waited out. */
function limitCreation(
  wanted: number,
  roomInGroup: number,
  snapshot: GroupSnapshot,
): { readonly create: number; readonly limits: readonly Limit[] } {
  if (wanted === 0) return { create: 0, limits: [] };
  if (snapshot.backingOff) return { create: 0, limits: ["back-off"] };
  const rooms: readonly (readonly [Limit, number])[] = [
    [snapshot.unresolved > 0 ? "unresolved" : "max", roomInGroup],
    ["scope-full", SCOPE_CAPACITY - snapshot.scopeSize],
    ["budget", snapshot.affordable],
  ];
  const create = Math.max(0, Math.min(wanted, ...rooms.map(([, room]) => room)));
  return { create, limits: rooms.filter(([, room]) => room < wanted).map(([limit]) => limit) };
}
