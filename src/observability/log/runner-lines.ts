import type { DrainCause } from "../../domain/drain.ts";
import type { RemovalProof, RunnerEvent, RunnerStep } from "../../domain/events.ts";
import type { LogFields } from "../../support/log.ts";

/** A line of the log. */
export interface Line {
  readonly level: "debug" | "info" | "warn";
  readonly message: string;
  readonly fields: LogFields;
}

/**
 * How a step in a runner's life reads. Each drain, un-drain, removal, adoption and disable is told at info, with runner, group and proof.
 * The lines of a creation are the original's, for which people search their logs.
 */
export function runnerLine({ scope, group, runner, step }: RunnerEvent): Line {
  const { uuid, name } = runner;
  if (step.kind === "registered" || step.kind === "set-up")
    return creationLine(step.kind, { workspace: scope, group, uuid });
  const { level, message, facts } = actLine(step);
  return { level, message, fields: { group, scope, uuid, ...(name !== undefined && { name }), ...facts } };
}

function creationLine(kind: "registered" | "set-up", fields: LogFields): Line {
  const message = kind === "registered" ? "Runner created on Bitbucket workspace" : "Successfully setup runner";
  return { level: "info", message, fields };
}

function actLine(step: Exclude<RunnerStep, { readonly kind: "registered" | "set-up" }>): {
  readonly level: Line["level"];
  readonly message: string;
  readonly facts: LogFields;
} {
  const line = (level: Line["level"], message: string, facts: LogFields = {}) => ({ level, message, facts });
  switch (step.kind) {
    case "job-created":
      return line("debug", "Created a runner's Job", { job: step.job });
    case "taken-back":
      return line("info", "Took back a runner above max before it could start", { max: step.max });
    case "given-up":
      return line("warn", GIVEN_UP[step.why]);
    case "adopted":
      return line("info", "Adopted a runner of the original", { disabled: step.disabled, proof: step.proof });
    case "drain-begun":
      return line("info", "Draining a runner", { cause: step.cause, proof: GROUNDS[step.cause] });
    case "disabled":
      return line("info", "Disabled a runner", { cause: step.cause, proof: GROUNDS[step.cause] });
    case "seen-disabled":
      return line("debug", "Bitbucket shows a runner disabled", { flavour: step.flavour });
    case "condemned":
      return line("info", "Nothing runs on a runner, it can be removed", {
        cause: step.cause,
        proof: proofText(step.proof),
      });
    case "removed":
      return line("info", "Removed a runner", { cause: step.cause, proof: proofText(step.proof) });
    case "undrained":
      return line("info", "Returning a draining runner to service", { proof: step.proof });
    case "back-in-service":
      return line("info", "A runner is back in service", { proof: step.proof });
    case "released":
      return line("info", "Left a draining runner in service", { proof: step.proof });
    case "kept":
      return line(step.why === "swap-conflict" ? "debug" : "info", "Kept a runner", {
        instead: step.instead,
        why: step.why,
      });
    case "clean-up": {
      const facts = { step: step.next, ...(step.cause !== undefined && { cause: step.cause }) };
      return line("info", step.dryRun ? "Would clean up a runner" : "Cleaning up a runner", facts);
    }
  }
}

const GIVEN_UP = {
  "registration-too-slow": "A registration took too long; left to the clean-up",
  "job-name-taken": "Another Job has the runner's name; left alone",
  "secret-exists": "The runner's Secret exists already; left to the clean-up",
} as const;

/** On what grounds a runner is taken out of service; the proof that it may be removed comes later. */
const GROUNDS: Readonly<Record<DrainCause, string>> = {
  surplus: "idle, past its cool-down, one healthy pod",
  unhealthy: "unhealthy and idle, its Docker daemon down, or given up as dead and its pod came back",
  silent: "its agent runs, and Bitbucket has not heard of it for long",
  "group-removed": "idle, and its group left the configuration",
  "adopted-disabled": "disabled by the original before it was adopted",
  "never-connected": "its agent never connected",
  dead: "no pod for long, and not ONLINE",
};

function proofText(proof: RemovalProof): string {
  switch (proof.kind) {
    case "drained":
      return `disabled for ${Math.round(proof.disabledMs / 1_000)} s, ${proof.busy}`;
    case "never-connected":
      return "no agent ever connected or can: none started, and its Secret is empty";
    case "containers-ended":
      return "its Job has ended with its containers";
    case "no-pod":
      return "no pod, not seen ONLINE, and disabled";
    case "nothing-in-cluster":
      return "nothing in the cluster belongs to it";
    case "registration-gone":
      return "its registration is gone, and nothing of it runs";
  }
}
