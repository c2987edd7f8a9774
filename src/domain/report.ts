import type { Decision, Limit } from "./decision.ts";
import type { Ownership, Phase } from "./runner.ts";

/** What one pass over one group saw, decided and did: the source of `/api/v1/state` and of the metrics. */
export interface GroupReport {
  readonly group: string;
  /** Slugs: workspace, or workspace/repository. */
  readonly scope: string;
  readonly namespace: string;
  /** When the pass began: milliseconds since the epoch. */
  readonly startedAt?: number;
  /** When its decision was made. */
  readonly decidedAt?: number;
  /** When the pass ended. */
  readonly at: number;
  readonly decision: Decision;
  /** What kept the group from what was decided. */
  readonly limits: readonly Limit[];
  readonly runners: readonly RunnerView[];
  readonly created: number;
  readonly undrained: number;
  /** Drains begun in this pass. */
  readonly drained: number;
  readonly removed: number;
}

export interface RunnerView {
  readonly uuid: string;
  readonly name: string | undefined;
  readonly phase: Phase;
  readonly ownership: Ownership;
  readonly status: string | undefined;
  readonly job: string | undefined;
  readonly pod: string | undefined;
  /** When it was registered, or its Job made when there is no registration. */
  readonly createdAt: number | undefined;
}

/** What one clean-up pass over one scope saw and did. */
export interface CleanReport {
  /** Slugs. */
  readonly scope: string;
  /** When the pass began: milliseconds since the epoch. */
  readonly startedAt: number;
  /** When the pass ended. */
  readonly at: number;
  /** Runners of ours in the scope. */
  readonly runners: number;
  readonly removedRunners: number;
  readonly removedSecrets: number;
  /** How many were left alone, by reason (domain/clean-up.ts). */
  readonly left: Readonly<Record<string, number>>;
}
