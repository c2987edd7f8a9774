import type { ScopeRef } from "./scope.ts";

/** The configuration file, read, checked and with its defaults filled in. Durations in milliseconds. */
export interface Settings {
  readonly constants: Constants;
  readonly groups: readonly GroupSettings[];
}

export interface Constants {
  /** Pause between creations (`pacing: fixed`), or the first back-off after Bitbucket pushed back (`adaptive`). */
  readonly setupSleepMs: number;
  /** The same for deletions. */
  readonly deleteSleepMs: number;
  /** Between passes (`fixed`), or the longest time between passes (`adaptive`). */
  readonly pollingIntervalMs: number;
  /** A runner younger than this is not scaled down. */
  readonly coolDownMs: number;
  readonly pacing: Pacing;
  /** Requests an hour that Bitbucket grants the credential; at most 80 % of them are used. */
  readonly apiRequestsPerHour: number;
}

type Pacing = "adaptive" | "fixed";

export interface GroupSettings extends ScopeRef {
  readonly name: string;
  /** The full set as registered: the user's, `self.hosted`, the platform's, `autoscaler.created`; no duplicates, in that order. */
  readonly labels: readonly string[];
  readonly namespace: string;
  readonly strategy: "percentageRunnersIdle";
  readonly parameters: ScalingParameters;
  readonly resources: Resources;
  readonly architecture: "amd64" | "arm64";
  readonly nodeSelector: Readonly<Record<string, string>>;
}

export interface ScalingParameters {
  readonly min: number;
  readonly max: number;
  /** Above this share of busy runners the group grows. */
  readonly scaleUpThreshold: number;
  /** Below this share of busy runners the group shrinks. */
  readonly scaleDownThreshold: number;
  readonly scaleUpMultiplier: number;
  readonly scaleDownMultiplier: number;
}

/** Kubernetes quantities, as text. */
interface Resources {
  readonly requestsMemory: string;
  readonly requestsCpu: string;
  readonly limitsMemory: string;
  readonly limitsCpu: string;
}

/** The two processes of an installation. */
export type ProcessName = "controller" | "cleaner";

/** What each may use of the requests that an hour's budget holds: the cleaner runs only every few minutes. */
export const BUDGET_SHARES: Readonly<Record<ProcessName, number>> = { controller: 0.85, cleaner: 0.15 };
