import type { BudgetView } from "../../bitbucket/port.ts";
import type { Decision } from "../../domain/decision.ts";
import type { CleanReport, RunnerView } from "../../domain/report.ts";
import { PHASES } from "../../domain/runner.ts";
import type { ProcessName } from "../../domain/settings.ts";
import type { Health } from "../../observability/health.ts";
import type { GroupHistory, PastDecision, RepeatedFailure, StateStore } from "../../observability/state-store.ts";

/** What a process says of itself. */
interface ProcessFacts {
  readonly name: ProcessName;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

export interface StateSources {
  readonly process: ProcessFacts;
  readonly state: StateStore;
  readonly health: Health;
  /** Undefined as long as there is no client that spends it. */
  readonly budget: () => BudgetView | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The document at `/api/v1/state`: times as ISO 8601, null for what is not known. docs/reference/http-api.yaml describes it. */
export function stateDocument({ process, state, health, budget, now }: StateSources) {
  const { configuration } = state;
  const spent = budget();
  return {
    now: iso(now()),
    process: { name: process.name, version: process.version, startedAt: iso(process.startedAt) },
    health: {
      live: health.live().ok,
      ready: health.ready().ok,
      reasons: [...health.live().reasons, ...health.ready().reasons],
    },
    configuration:
      configuration === undefined
        ? null
        : {
            good: configuration.good,
            problems: configuration.problems,
            readAt: iso(configuration.readAt),
            goodAt: isoOrNull(configuration.goodAt),
          },
    budget:
      spent === undefined
        ? null
        : {
            capacity: spent.capacity,
            left: spent.left,
            pausedUntil: spent.pausedUntil > now() ? iso(spent.pausedUntil) : null,
          },
    groups: state.groups.map(groupDocument),
    scopes: state.scopes.map(scopeDocument),
    troubles: state.failures.map(failureDocument),
  };
}

function groupDocument({ last, decisions }: GroupHistory) {
  return {
    name: last.group,
    scope: last.scope,
    namespace: last.namespace,
    at: iso(last.at),
    ...decisionDocument(last.decision),
    limits: last.limits,
    phases: Object.fromEntries(
      PHASES.map((phase) => [phase, last.runners.filter((runner) => runner.phase === phase).length]),
    ),
    runners: last.runners.map(runnerDocument),
    decisions: decisions.map(pastDecisionDocument),
  };
}

function decisionDocument({ desired, reason, numbers }: Decision) {
  return {
    desired,
    reason,
    numbers: { ...numbers, demand: numbers.demand ?? null, busyRatio: numbers.busyRatio ?? null },
  };
}

function pastDecisionDocument(decision: PastDecision) {
  const { since, at, passes, limits, created, undrained, drained, removed } = decision;
  const did = { created, undrained, drained, removed };
  return { since: iso(since), at: iso(at), passes, ...decisionDocument(decision), limits, did };
}

function runnerDocument({ uuid, name, phase, ownership, status, job, pod, createdAt }: RunnerView) {
  return {
    uuid,
    name: name ?? null,
    phase,
    ownership,
    status: status ?? null,
    job: job ?? null,
    pod: pod ?? null,
    createdAt: isoOrNull(createdAt),
  };
}

function scopeDocument({ scope, startedAt, at, runners, removedRunners, removedSecrets, left }: CleanReport) {
  return { name: scope, startedAt: iso(startedAt), at: iso(at), runners, removedRunners, removedSecrets, left };
}

function failureDocument({ where, message, remedy, since, at, times }: RepeatedFailure) {
  return { where, message, remedy: remedy ?? null, since: iso(since), at: iso(at), times };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function isoOrNull(ms: number | undefined): string | null {
  return ms === undefined ? null : iso(ms);
}
