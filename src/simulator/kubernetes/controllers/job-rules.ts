import {
  type Condition,
  type JobObject,
  type JobSpec,
  type JobStatus,
  type PodObject,
  setCondition,
  timestamp,
} from "../objects.ts";

/** A Job's pods, sorted; those that ended are only numbers. */
export interface PodCounts {
  /** Neither ended nor being deleted. */
  readonly active: readonly PodObject[];
  readonly terminating: number;
  readonly succeeded: number;
  readonly failed: number;
}

/** The condition that ends a Job for good. */
export function finishedCondition({ conditions }: Pick<JobStatus, "conditions">): Condition | undefined {
  return conditions?.find(({ type, status }) => (type === "Complete" || type === "Failed") && status === "True");
}

/** How many pods should be active now. */
export function podsWanted(spec: JobSpec, { active, succeeded }: PodCounts): number {
  if (spec.completions !== undefined) return Math.min(spec.parallelism, spec.completions - succeeded);
  return succeeded > 0 ? active.length : spec.parallelism;
}

/**
 * The Job's conditions after its pods were counted. The end is announced first (FailureTarget, SuccessCriteriaMet) and declared when no
 * pod is left.
 */
export function nextConditions(job: JobObject, counts: PodCounts, nowMs: number): readonly Condition[] {
  const conditions = job.status.conditions ?? [];
  const at = timestamp(nowMs);
  const outcome = announced(conditions) ?? verdict(job, counts, nowMs);
  if (outcome === undefined) return conditions;
  const { type, reason, message } = outcome;
  const condition = (name: string): Condition => ({
    type: name,
    status: "True",
    lastProbeTime: at,
    lastTransitionTime: at,
    ...(reason !== undefined && { reason }),
    ...(message !== undefined && { message }),
  });
  const next = setCondition(conditions, condition(type));
  if (counts.active.length + counts.terminating > 0) return next;
  return setCondition(next, condition(type === "FailureTarget" ? "Failed" : "Complete"));
}

type Outcome = Pick<Condition, "type" | "reason" | "message">;

function announced(conditions: readonly Condition[]): Outcome | undefined {
  return conditions.find(({ type }) => type === "FailureTarget" || type === "SuccessCriteriaMet");
}

function verdict(job: JobObject, counts: PodCounts, nowMs: number): Outcome | undefined {
  const { spec, status } = job;
  if (counts.failed > spec.backoffLimit || restartsExceed(spec, counts.active)) {
    return {
      type: "FailureTarget",
      reason: "BackoffLimitExceeded",
      message: "Job has reached the specified backoff limit",
    };
  }
  const deadlineMs = (spec.activeDeadlineSeconds ?? Number.POSITIVE_INFINITY) * 1_000;
  if (status.startTime !== undefined && nowMs - Date.parse(status.startTime) >= deadlineMs) {
    return {
      type: "FailureTarget",
      reason: "DeadlineExceeded",
      message: "Job was active longer than specified deadline",
    };
  }
  const { completions } = spec;
  const enough =
    completions === undefined ? counts.succeeded > 0 && counts.active.length === 0 : counts.succeeded >= completions;
  if (!enough) return undefined;
  return {
    type: "SuccessCriteriaMet",
    reason: "CompletionsReached",
    message: "Reached expected number of succeeded pods",
  };
}

/** With `restartPolicy: OnFailure` the restarts of containers count against the limit. */
function restartsExceed(spec: JobSpec, active: readonly PodObject[]): boolean {
  if (spec.template.spec.restartPolicy !== "OnFailure") return false;
  const restarts = active
    .flatMap(({ status }) => [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])])
    .reduce((sum, { restartCount }) => sum + restartCount, 0);
  return spec.backoffLimit === 0 ? restarts > 0 : restarts >= spec.backoffLimit;
}
