import type { JobRecord, PodRecord, SecretRecord } from "./cluster-objects.ts";
import type { Drain } from "./drain.ts";
import type { RemoteRunner } from "./remote-runner.ts";

/** One runner: its registration in Bitbucket and its objects in Kubernetes, merged by uuid. At least one side is there. */
export interface Runner {
  /** With braces. */
  readonly uuid: string;
  readonly remote: RemoteRunner | undefined;
  readonly job: JobRecord | undefined;
  readonly pods: readonly PodRecord[];
  readonly secret: SecretRecord | undefined;
  readonly ownership: Ownership;
  /** What this program wrote on the Job about taking the runner out of service. */
  readonly drain: Drain | undefined;
  readonly phase: Phase;
}

/**
 * ours: carries this installation's mark. adoptable: the original's, in one of our groups, with no mark yet: becomes ours by a
 * compare-and-swap label. foreign: everybody else's, never touched.
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
 * condemned: proven removable, going. held: disabled by somebody else, left alone. lost: OFFLINE, UNHEALTHY, pod gone.
 * orphan: only one plane left. foreign: not ours.
 */
export type Phase = (typeof PHASES)[number];
