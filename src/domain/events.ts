import type { CleanUpStepKind, LeaveReason } from "./clean-up.ts";
import type { Decision, Limit } from "./decision.ts";
import type { DrainCause } from "./drain.ts";
import type { Busy, Flavour } from "./remote-runner.ts";
import type { CleanReport, GroupReport } from "./report.ts";
import type { ProcessName } from "./settings.ts";

/**
 * Everything that a process tells, once it is a fact: log, metrics, API, health, tests and the bench subscribe to it, and the code that
 * decides and acts does not know them. Events carry facts and reasons from closed lists, never a secret and never a sentence.
 */
export type ProcessEvent =
  | ProcessStarted
  | InstallationIdentified
  | ProcessStopped
  | ConfigurationRead
  | LoopAlive
  | RequestEnded
  | DecisionMade
  | LimitMet
  | RunnerEvent
  | LeftoverLeft
  | SecretRemoved
  | JobNotBelieved
  | GroupPassDone
  | CleanUpDone
  | Retired
  | Failure;

/** Tells all subscribers an event. Never throws. */
export type Emit = (event: ProcessEvent) => void;

// --- The process -------------------------------------------------------------------------------------------------------------------

interface ProcessStarted {
  readonly type: "process-started";
  readonly process: ProcessName;
  readonly version: string;
  /** Where probes, metrics and the API listen. */
  readonly port: number;
  /** The cluster, for people. */
  readonly cluster: string;
  /** Bitbucket's address. */
  readonly bitbucket: string;
}

interface InstallationIdentified {
  readonly type: "installation-identified";
  /** The installation's mark. */
  readonly installation: string;
  readonly controlNamespace: string;
}

interface ProcessStopped {
  readonly type: "process-stopped";
  readonly process: ProcessName;
}

/** The configuration file was read, as before each pass. */
export interface ConfigurationRead {
  readonly type: "configuration-read";
  /** False: the file is bad now; the last good one, if there was one, stays in force. */
  readonly good: boolean;
  /** Whether settings are in force: the file's, or the last good ones. */
  readonly inForce: boolean;
  /** Whether anything differs from the reading before. */
  readonly changed: boolean;
  readonly problems: readonly ConfigurationProblem[];
}

/** A problem of the configuration file, its place written out. */
interface ConfigurationProblem {
  readonly severity: "error" | "warning";
  /** `file:line:column`. */
  readonly at: string;
  readonly message: string;
  readonly value?: string;
  readonly expected?: string;
  readonly suggestion?: string;
}

/** The process's loop completed a round. */
interface LoopAlive {
  readonly type: "loop-alive";
  /** The longest time until it does so again. */
  readonly intervalMs: number;
}

/** A request to one of the planes ended. */
export interface RequestEnded {
  readonly type: "request-ended";
  readonly plane: "bitbucket" | "kubernetes";
  /** The HTTP method; for Kubernetes the verb, such as list. */
  readonly method: string;
  /** The path with placeholders for names and uuids; for Kubernetes the resource: a bounded set. */
  readonly route: string;
  /** "error" when no complete reply came. */
  readonly status: number | "error";
  readonly durationMs: number;
}

// --- Groups and scopes ---------------------------------------------------------------------------------------------------------------

/** A group, where it is. */
interface AboutGroup {
  /** Slugs: workspace, or workspace/repository. */
  readonly scope: string;
  readonly group: string;
}

/** A pass decided how many runners a group should have. Nothing has been done yet. */
export interface DecisionMade extends AboutGroup {
  readonly type: "decision-made";
  readonly decision: Decision;
  /** What keeps the group from what was decided, as far as it is known before acting. */
  readonly limits: readonly Limit[];
  /** Whether it differs from the decision of the pass before. */
  readonly isNews: boolean;
  /** What the pass is about to do. */
  readonly planned: {
    readonly create: number;
    readonly undrain: number;
    readonly drain: number;
    readonly adopt: number;
  };
  /** The pass changes nothing. */
  readonly dryRun: boolean;
}

/** Something began to keep a group from the runners it should have; told once, until it has been gone for a pass. */
interface LimitMet extends AboutGroup {
  readonly type: "limit-met";
  readonly limit: Limit;
  readonly desired: number;
}

/** A pass over a group is done. */
interface GroupPassDone {
  readonly type: "group-pass-done";
  readonly report: GroupReport;
}

/** A clean-up pass over a scope is done. */
interface CleanUpDone {
  readonly type: "clean-up-done";
  readonly report: CleanReport;
}

/** A group (controller) or a scope (cleaner) left the configuration and nothing of it remains. */
interface Retired {
  readonly type: "retired";
  readonly kind: "group" | "scope";
  readonly name: string;
}

// --- Runners -------------------------------------------------------------------------------------------------------------------------

/** A runner, by what people find it by. */
export interface RunnerRef {
  readonly uuid: string;
  /** Its name in Bitbucket; undefined when there is no registration. */
  readonly name: string | undefined;
}

/** Names a runner: one of the group's, or one that is being made, as far as it is known. */
export function runnerRef({
  uuid,
  remote,
}: {
  readonly uuid: string;
  readonly remote?: { readonly name: string } | undefined;
}): RunnerRef {
  return { uuid, name: remote?.name };
}

/** A step in a runner's life, taken by this process. */
export interface RunnerEvent extends AboutGroup {
  readonly type: "runner-event";
  readonly runner: RunnerRef;
  readonly step: RunnerStep;
}

/** What this process did with a runner, or saw of it, with the facts that it acted on. */
export type RunnerStep =
  // Creation.
  | { readonly kind: "registered" }
  /** `namespace/name`. */
  | { readonly kind: "job-created"; readonly job: string }
  /** Its Secret is there: from here on its agent can connect. */
  | { readonly kind: "set-up" }
  /** The deciding list showed that it does not fit under max: it goes before it could start. */
  | { readonly kind: "taken-back"; readonly max: number }
  /** Its creation stopped half-way; the clean-up removes what is there. */
  | { readonly kind: "given-up"; readonly why: "registration-too-slow" | "job-name-taken" | "secret-exists" }
  /** One of the original's became ours. */
  | {
      readonly kind: "adopted";
      readonly disabled: boolean;
      readonly proof: "same labels, its Job in the group's namespace";
    }
  // Removal.
  | { readonly kind: "drain-begun"; readonly cause: DrainCause }
  | { readonly kind: "disabled"; readonly cause: DrainCause }
  | { readonly kind: "seen-disabled"; readonly flavour: Flavour }
  | { readonly kind: "condemned"; readonly cause: DrainCause; readonly proof: RemovalProof }
  | { readonly kind: "removed"; readonly cause: DrainCause | "registration-gone"; readonly proof: RemovalProof }
  // Return to service.
  | { readonly kind: "undrained"; readonly proof: "needed again" }
  | { readonly kind: "back-in-service"; readonly proof: "seen enabled" }
  /** Somebody enabled it while it was draining. */
  | { readonly kind: "released"; readonly proof: "enabled by somebody" }
  /** Left as it is: the last look disagreed with what was planned. */
  | { readonly kind: "kept"; readonly instead: RunnerAct; readonly why: KeptReason }
  /** What the clean-up does next about it. */
  | {
      readonly kind: "clean-up";
      readonly next: CleanUpStepKind;
      readonly cause?: DrainCause;
      readonly dryRun: boolean;
    };

/** What was about to be done to a runner that was kept instead. */
export type RunnerAct = "drain" | "undrain" | "condemn" | "remove" | "release" | "clean-up";

export type KeptReason =
  /** Somebody else changed its Job first. */
  | "swap-conflict"
  /** The last look at it showed something else than the listing. */
  | "last-look-disagreed"
  /** Its registration still shows after the deletion. */
  | "registration-still-there";

/** Why a runner could go: the facts that prove that nothing of it runs, or can. */
export type RemovalProof =
  /** No step runs and none can come: Bitbucket has shown it disabled for so long, and not busy. */
  | { readonly kind: "drained"; readonly disabledMs: number; readonly busy: Busy }
  /** No agent ever connected and none can: no container started, and its Secret is empty. */
  | { readonly kind: "never-connected" }
  /** Its Job has ended, with all its containers. */
  | { readonly kind: "containers-ended" }
  /** It has no pod, Bitbucket has not heard of it, and it is kept from steps. */
  | { readonly kind: "no-pod" }
  /** Nothing in the cluster belongs to the registration. */
  | { readonly kind: "nothing-in-cluster" }
  /** Its registration is gone, and nothing of it runs any more (or longer than any step may). */
  | { readonly kind: "registration-gone" };

/** The clean-up leaves a runner alone; told when the reason changes. */
interface LeftoverLeft extends AboutGroup {
  readonly type: "leftover-left";
  readonly runner: RunnerRef;
  readonly why: LeaveReason;
}

/** A Job carries this installation's mark and is not believed: a copy of a runner's Job, or a forged one. It is left alone. */
interface JobNotBelieved {
  readonly type: "job-not-believed";
  readonly scope: string;
  /** `namespace/name`. */
  readonly job: string;
}

/** The clean-up removed a Secret without an owner. */
interface SecretRemoved {
  readonly type: "secret-removed";
  readonly scope: string;
  /** `namespace/name`. */
  readonly secret: string;
}

// --- Failures ------------------------------------------------------------------------------------------------------------------------

/** What can fail. */
export type Operation =
  | "identify-installation"
  | "read-configuration"
  | "resolve-scope"
  | "find-retired-scopes"
  | "read-namespace"
  | "pass"
  | "tell-groups-apart"
  | "adopt"
  | "drain-step"
  | "undrain"
  | "drain"
  | "create"
  | "clean-up-step"
  | "remove-secret";

/** An operation failed; the next pass starts from what is there. */
export interface Failure {
  readonly type: "failure";
  readonly operation: Operation;
  /** What it was about: a scope or a group by name, or a part of the process (`configuration`, `cluster`). */
  readonly about:
    | { readonly scope: string }
    | { readonly scope: string; readonly group: string }
    | { readonly component: "configuration" | "cluster" };
  /** The runner that it was about, when it was about one. */
  readonly runner?: RunnerRef;
  readonly error: unknown;
}

/** The name of what a failure was about: the group, else the scope, else the part of the process. */
export function aboutName(about: Failure["about"]): string {
  if ("component" in about) return about.component;
  return "group" in about ? about.group : about.scope;
}
