import type { Failure, ProcessEvent, RequestEnded, RunnerEvent, RunnerStep } from "../../src/domain/events.ts";
import type { CleanReport, GroupReport } from "../../src/domain/report.ts";
import { RemediedError } from "../../src/support/errors.ts";
import { aCleanReport, aGroupReport } from "./reports.ts";

/** Events as processes tell them, with whatever the test changes. */
export function aPassDone(changes: Partial<GroupReport> = {}): ProcessEvent {
  return { type: "group-pass-done", report: aGroupReport(changes) };
}

export function aCleanUpDone(changes: Partial<CleanReport> = {}): ProcessEvent {
  return { type: "clean-up-done", report: aCleanReport(changes) };
}

export function aFailure(about: Failure["about"], message = "no", remedy?: string): Failure {
  const error = remedy === undefined ? new Error(message) : new RemediedError(message, remedy);
  return { type: "failure", operation: "pass", about, error };
}

/** @param problems texts; the configuration is good when there are none */
export function aConfigurationRead(...problems: readonly string[]): ProcessEvent {
  return {
    type: "configuration-read",
    good: problems.length === 0,
    inForce: true,
    changed: true,
    problems: problems.map((message) => ({ severity: "error", at: "runners_config.yaml:3:1", message })),
  };
}

export function aRequestEnded(changes: Partial<RequestEnded> = {}): RequestEnded {
  return {
    type: "request-ended",
    plane: "bitbucket",
    method: "GET",
    route: "/workspaces/{workspace}",
    status: 200,
    durationMs: 250,
    ...changes,
  };
}

const RUNNER = {
  uuid: "{6d1f6a3e-8c5b-4d0a-9b7f-0a1b2c3d4e5f}",
  name: "Runner group 1 [abcdefgh-xyz]",
} as const;

export function aRunnerEvent(step: RunnerStep): RunnerEvent {
  return { type: "runner-event", scope: "woodpeckernew", group: "Runner group 1", runner: RUNNER, step };
}

/** One step of each kind. */
export const EVERY_STEP: readonly RunnerStep[] = Object.values({
  registered: { kind: "registered" },
  "job-created": { kind: "job-created", job: "default/runner-6d1f6a3e" },
  "set-up": { kind: "set-up" },
  "taken-back": { kind: "taken-back", max: 10 },
  "given-up": { kind: "given-up", why: "job-name-taken" },
  adopted: { kind: "adopted", disabled: false, proof: "same labels, its Job in the group's namespace" },
  "drain-begun": { kind: "drain-begun", cause: "surplus" },
  disabled: { kind: "disabled", cause: "surplus" },
  "seen-disabled": { kind: "seen-disabled", flavour: "internal" },
  condemned: { kind: "condemned", cause: "surplus", proof: { kind: "drained", disabledMs: 36_000, busy: "idle" } },
  removed: { kind: "removed", cause: "dead", proof: { kind: "no-pod" } },
  undrained: { kind: "undrained", proof: "needed again" },
  "back-in-service": { kind: "back-in-service", proof: "seen enabled" },
  released: { kind: "released", proof: "enabled by somebody" },
  kept: { kind: "kept", instead: "remove", why: "last-look-disagreed" },
  "clean-up": { kind: "clean-up", next: "condemn", cause: "never-connected", dryRun: false },
} satisfies { readonly [Kind in RunnerStep["kind"]]: RunnerStep & { readonly kind: Kind } });

/** One event of each type, and a runner's of each kind. */
export const EVERY_EVENT: readonly ProcessEvent[] = [
  ...Object.values({
    "process-started": {
      type: "process-started",
      process: "controller",
      version: "1.2.3",
      port: 8080,
      cluster: "gke",
      bitbucket: "https://api.bitbucket.org",
    },
    "installation-identified": {
      type: "installation-identified",
      installation: "abcdefgh",
      controlNamespace: "bitbucket-runner-control-plane",
    },
    "process-stopped": { type: "process-stopped", process: "controller" },
    "configuration-read": aConfigurationRead("no"),
    "loop-alive": { type: "loop-alive", intervalMs: 15_000 },
    "request-ended": aRequestEnded(),
    "decision-made": {
      type: "decision-made",
      scope: "woodpeckernew",
      group: "Runner group 1",
      decision: aGroupReport().decision,
      limits: ["max"],
      isNews: true,
      planned: { create: 1, undrain: 0, drain: 0, adopt: 0 },
      dryRun: false,
    },
    "limit-met": { type: "limit-met", scope: "woodpeckernew", group: "Runner group 1", limit: "budget", desired: 4 },
    "runner-event": aRunnerEvent({ kind: "set-up" }),
    "leftover-left": {
      type: "leftover-left",
      scope: "woodpeckernew",
      group: "Runner group 1",
      runner: RUNNER,
      why: "offline-but-running",
    },
    "job-not-believed": { type: "job-not-believed", scope: "acme", job: "default/copy" },
    "secret-removed": {
      type: "secret-removed",
      scope: "woodpeckernew",
      secret: "default/runner-oauth-credentials-6d1f",
    },
    "group-pass-done": aPassDone(),
    "clean-up-done": aCleanUpDone(),
    retired: { type: "retired", kind: "group", name: "Runner group 1" },
    failure: aFailure({ scope: "woodpeckernew" }, "no reply", "Wait."),
  } satisfies { readonly [Type in ProcessEvent["type"]]: ProcessEvent }),
  ...EVERY_STEP.map(aRunnerEvent),
];
