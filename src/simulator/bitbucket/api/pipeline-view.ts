import type { BitbucketBehaviour } from "../behaviour.ts";
import { maxTimeMs, type Pipeline, type Step, stepsOf } from "../pipelines.ts";
import { repositoryReference } from "./place-routes.ts";
import { microsecondStamp } from "./replies.ts";

/** What `?status=` filters by. */
export type PipelineStatus = "PENDING" | "BUILDING" | "PAUSED" | "HALTED" | "PASSED" | "FAILED";

export const PIPELINE_STATUSES: ReadonlySet<string> = new Set([
  "PARSING",
  "PENDING",
  "PAUSED",
  "HALTED",
  "BUILDING",
  "ERROR",
  "PASSED",
  "FAILED",
  "STOPPED",
  "UNKNOWN",
]);

/** Where a pipeline stands. PAUSED: all that is left to do now is a human's. */
export function pipelineStatus(pipeline: Pipeline): PipelineStatus {
  const steps = stepsOf(pipeline);
  if (pipeline.finishedAt !== undefined) {
    return steps.every(({ outcome }) => outcome === "successful") ? "PASSED" : "FAILED";
  }
  if (pipeline.halted) return "HALTED";
  const open = steps.filter((step) => step.queuedAt !== undefined && step.outcome === undefined);
  if (open.length === 0) return "PAUSED";
  return steps.some(({ startedAt }) => startedAt !== undefined) ? "BUILDING" : "PENDING";
}

/** A pipeline as the API sends it. */
export function pipelineBody(pipeline: Pipeline): Record<string, unknown> {
  return {
    type: "pipeline",
    uuid: pipeline.uuid,
    build_number: pipeline.buildNumber,
    repository: repositoryReference(pipeline.repository),
    target: {
      type: "pipeline_ref_target",
      ref_type: "branch",
      ref_name: pipeline.branch,
      commit: { type: "commit", hash: pipeline.commit },
    },
    trigger: { type: "pipeline_trigger_push", name: "PUSH" },
    state: pipelineState(pipelineStatus(pipeline)),
    created_on: microsecondStamp(pipeline.createdAt),
    ...(pipeline.finishedAt !== undefined && { completed_on: microsecondStamp(pipeline.finishedAt) }),
  };
}

/** A step as the API sends it: it says neither what `runs-on` it has nor which runner has it. */
export function stepBody(step: Step, behaviour: BitbucketBehaviour): Record<string, unknown> {
  return {
    type: "pipeline_step",
    uuid: step.uuid,
    name: step.spec.name ?? "step",
    trigger: { type: step.spec.manual ? "pipeline_step_trigger_manual" : "pipeline_step_trigger_automatic" },
    state: stepState(step, behaviour),
    maxTime: Math.ceil(maxTimeMs(step.spec) / 60_000),
    ...(step.startedAt !== undefined && { started_on: microsecondStamp(step.startedAt) }),
    ...(step.finishedAt !== undefined && { completed_on: microsecondStamp(step.finishedAt) }),
  };
}

/** The file that a pipeline was made from: the only place where `runs-on` can be read. */
export function pipelineFile(pipeline: Pipeline): string {
  const lines = ["pipelines:", "  default:"];
  for (const group of pipeline.groups) {
    const indent = group.length > 1 ? "        " : "    ";
    if (group.length > 1) lines.push("    - parallel:");
    for (const { spec } of group) {
      lines.push(`${indent}- step:`, `${indent}    name: ${JSON.stringify(spec.name ?? "step")}`);
      if (spec.manual) lines.push(`${indent}    trigger: manual`);
      lines.push(`${indent}    runs-on:`, ...spec.labels.map((label) => `${indent}      - ${label}`));
      lines.push(`${indent}    script:`, `${indent}      - sleep ${Math.round(spec.durationMs / 1_000)}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

function pipelineState(status: PipelineStatus): Record<string, unknown> {
  switch (status) {
    case "PENDING":
      return { type: "pipeline_state_pending", name: "PENDING" };
    case "BUILDING":
      return inProgress("running", "RUNNING");
    case "PAUSED":
    case "HALTED":
      return inProgress(status.toLowerCase(), status);
    case "PASSED":
      return completed("pipeline_state", "SUCCESSFUL");
    case "FAILED":
      return completed("pipeline_state", "FAILED");
  }
}

function inProgress(stage: string, name: string): Record<string, unknown> {
  return {
    type: "pipeline_state_in_progress",
    name: "IN_PROGRESS",
    stage: { type: `pipeline_state_in_progress_${stage}`, name },
  };
}

function stepState(step: Step, behaviour: BitbucketBehaviour): Record<string, unknown> {
  switch (step.outcome) {
    case "successful":
      return completed("pipeline_step_state", "SUCCESSFUL");
    case "failed":
    case "killed":
    case "expired":
      return completed("pipeline_step_state", "FAILED");
    case "not-run":
      return completed("pipeline_step_state", "NOT_RUN");
    case undefined:
      if (step.startedAt !== undefined) return { type: "pipeline_step_state_in_progress", name: "IN_PROGRESS" };
      return step.queuedAt !== undefined && !step.pipeline.halted && behaviour.queuedStepShows === "READY"
        ? { type: "pipeline_step_state_ready", name: "READY" }
        : { type: "pipeline_step_state_pending", name: "PENDING" };
  }
}

function completed(prefix: string, name: string): Record<string, unknown> {
  return {
    type: `${prefix}_completed`,
    name: "COMPLETED",
    result: { type: `${prefix}_completed_${name.toLowerCase()}`, name },
  };
}
