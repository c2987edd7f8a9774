/** What the clean-up does next about one runner of ours. Everything but `leave` is looked at again right before it is done. */
export type CleanStep =
  | { readonly kind: "leave"; readonly why: LeaveReason }
  /** Make sure that no container can ever start with its credentials: create its Secret empty, or take the data out. */
  | { readonly kind: "void-secret" }
  /** Swap its Job's annotation to condemned: the proof holds. */
  | { readonly kind: "condemn"; readonly cause: "never-connected" | "dead" }
  /** Condemned by the clean-up: look once more, then remove registration and Job. */
  | { readonly kind: "finish" }
  /** No Job, no pod: look once more, then remove the registration. */
  | { readonly kind: "remove-registration"; readonly cause: "never-connected" | "dead" }
  /** Dead, but its Job could start another pod: keep it from steps first. */
  | { readonly kind: "disable" }
  | { readonly kind: "note-disabled" }
  /** A pod is back, or it is heard, although it was given up as dead: the ordinary drain takes over. */
  | { readonly kind: "hand-over" }
  /** It was given up as dead, and is not disabled: our request was lost, or somebody enabled it. Look once more, then take our word off. */
  | { readonly kind: "release" }
  /** Its registration is gone while containers run: note when that was first seen. */
  | { readonly kind: "note-unregistered" }
  /** Its registration is gone and nothing of it runs. */
  | { readonly kind: "remove-job" };

/** Why the clean-up leaves a runner alone. */
export type LeaveReason =
  | "healthy"
  /** Bitbucket shows it OFFLINE or UNHEALTHY, but its pod is there: its step may still be running. */
  | "offline-but-running"
  /** Younger than any leftover, or its registration may only not be shown yet. */
  | "too-young"
  | "starting"
  /** Its Job has no pod and never had one: quota, LimitRange or an admission rule keeps the cluster from making it. */
  | "no-pod-made"
  /** A container ran, but it never connected: it might connect at any moment. */
  | "started-but-never-connected"
  | "secret-may-be-cached"
  | "draining"
  | "held"
  /** Its drain annotation was written by another version, or by somebody else. */
  | "mark-not-understood"
  /** Its registration is gone, its containers still run: they may be finishing a step. */
  | "containers-still-running"
  /** No pod, but not OFFLINE for long enough. */
  | "not-proven-dead"
  | "waiting-for-disable"
  /** Dead by all signs, but somebody enabled it a moment ago. */
  | "enabled-by-hand"
  | "pod-without-job"
  /** Its Job is being deleted already. */
  | "going"
  /** Some namespace where its Job may be cannot be read, or its Job counts a living pod that is not listed. */
  | "cannot-tell"
  | "not-ours";

/** What the clean-up can do about a runner. */
export type CleanUpStepKind = Exclude<CleanStep["kind"], "leave">;
