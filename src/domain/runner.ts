import type { JobRecord, PodRecord, SecretRecord } from "./cluster-objects.ts";
import type { Drain } from "./drain.ts";
import type { Lasting } from "./lasting.ts";
import type { RemoteRunner } from "./remote-runner.ts";

/** One runner as both planes show it at one moment, merged by uuid. At least one side is there. */
export interface MergedRunner {
  /** With braces. */
  readonly uuid: string;
  readonly remote: RemoteRunner | undefined;
  /** The Job that speaks for it. */
  readonly job: JobRecord | undefined;
  /** All that carry its uuid, whoever made them. */
  readonly pods: readonly PodRecord[];
  readonly secret: SecretRecord | undefined;
  readonly ownership: Ownership;
  /** What this program wrote on the Job about taking the runner out of service. */
  readonly drain: Drain | undefined;
  /** False: its drain annotation is not this version's. What it means is not known: it is left to its writer. */
  readonly isMarkUnderstood: boolean;
  /** A disable of ours may have reached it: it takes nobody else's hand to explain that it is disabled. */
  readonly isDisableOurs: boolean;
  readonly agents: Agents;
}

/** One runner: its registration in Bitbucket and its objects in Kubernetes, with what follows from how long they have been so. */
export interface Runner extends MergedRunner {
  readonly lasting: Lasting;
  readonly phase: Phase;
}

/**
 * What is known of a runner's agents: which may be alive, and how many. Bitbucket shows one registration, whatever number of agents
 * uses it; only where at most one can be alive does what it shows say something about that one.
 */
export interface Agents {
  /** How many may be alive at most, those that have not started yet included. */
  readonly possible: number;
  /** Of those, the ones whose pod the Job counts and the cluster does not list: nobody reported their containers' end. */
  readonly unaccounted: number;
  /** Exactly one is possible, and its container is reported as running, in a pod that stays. */
  readonly isWell: boolean;
  /** One has run, as far as anything in the cluster still says. */
  readonly everStarted: boolean;
}

/**
 * ours: carries this installation's mark. adoptable: the original's, in one of our groups, whose Job has no mark yet: becomes ours by an entry in
 * the ledger and a compare-and-swap label. foreign: everybody else's, never touched.
 */
export type Ownership = "ours" | "adoptable" | "foreign";

export const PHASES = [
  "starting",
  "idle",
  "busy",
  "unknown",
  "draining",
  "condemned",
  "held",
  "lost",
  "orphan",
  "foreign",
] as const;

/**
 * starting: registered or Job made, not yet ONLINE. unknown: busy or not cannot be told. draining: disabled by us, not yet proven idle.
 * condemned: proven removable, going. held: disabled by somebody else, or marked in a way that is not understood: left alone. lost: serves
 * nobody: OFFLINE, UNHEALTHY, pod gone, agent ended, or its Docker daemon down. orphan: only one plane left. foreign: not ours.
 */
export type Phase = (typeof PHASES)[number];
