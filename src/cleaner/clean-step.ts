import { agoMs } from "../domain/bitbucket-time.ts";
import type { CleanStep, LeaveReason } from "../domain/clean-up.ts";
import { isDrainProven } from "../domain/drain.ts";
import { EMPTIED_ANNOTATION, UNREGISTERED_ANNOTATION } from "../domain/mark.ts";
import type { RunnerListing } from "../domain/remote-runner.ts";
import type { Runner } from "../domain/runner.ts";
import {
  AGENT_POLL_MS,
  LEFTOVER_AGE_MS,
  LONGEST_STEP_MS,
  REFUSED_PATIENCE_MS,
  SECRET_CACHE_MS,
  SILENCE_MS,
  START_PATIENCE_MS,
} from "../domain/times.ts";
import { areAgentsStopped } from "../runners/agents.ts";
import { isDisabled } from "../runners/phase.ts";

/** The look that the rules are applied to. */
export interface CleanUpView extends Pick<RunnerListing, "flavour" | "serverTime"> {
  /** Whether every namespace where a Job may be was read: otherwise a registration without Job is no proof of anything. */
  readonly sawAllNamespaces: boolean;
}

/** The orphan rules of the clean-up protocol, for one runner. What cannot be proven is left, and the reason says what is missing. */
export function cleanStep(runner: Runner, view: CleanUpView): CleanStep {
  if (runner.ownership !== "ours") return leave("not-ours");
  if (!runner.isMarkUnderstood) return leave("mark-not-understood");
  if (runner.remote === undefined) return withoutRegistration(runner, view);
  if (runner.job === undefined && !view.sawAllNamespaces) return leave("cannot-tell");
  if (runner.phase === "held") return leave("held");
  if (runner.drain?.state === "condemned")
    return isDrainProven(runner.drain.cause) ? leave("draining") : { kind: "finish" };
  if (runner.remote.status === "UNREGISTERED" && !runner.remote.connected) return neverConnected(runner, view);
  return perhapsDead(runner, view);
}

/** An agent without a registration can be given no step: only one that ran before may be at the end of its last. */
function withoutRegistration(runner: Runner, view: CleanUpView): CleanStep {
  const { job, pods, agents, lasting } = runner;
  if (job === undefined) return leave("pod-without-job");
  if (job.deleting) return leave("going");
  const runsNone = agents.unaccounted === 0 && areAgentsStopped(pods);
  if (runner.drain?.state === "condemned" || runsNone) return { kind: "remove-job" };
  const goneAt = Date.parse(job.annotations[UNREGISTERED_ANNOTATION] ?? "");
  if (Number.isNaN(goneAt)) return { kind: "note-unregistered" };
  return Math.max(lasting.unregistered, agoMs(goneAt, view.serverTime)) >= LONGEST_STEP_MS
    ? { kind: "remove-job" }
    : leave("containers-still-running");
}

function neverConnected(runner: Runner, view: CleanUpView): CleanStep {
  const { remote, job, pods, secret, agents, lasting } = runner;
  const oldMs = Math.max(lasting.registered, agoMs(remote?.createdAt, view.serverTime));
  if (oldMs <= LEFTOVER_AGE_MS) return leave("too-young");
  if (job === undefined)
    return pods.length === 0 && secret === undefined
      ? { kind: "remove-registration", cause: "never-connected" }
      : leave("pod-without-job");
  if (agents.everStarted)
    return agents.possible === 0 ? onceDisabled(runner, view) : leave("started-but-never-connected");

  const isVoid = lasting.voided > 0 || isEmptied(runner);
  const isComplete = secret !== undefined && !isVoid;
  if (isComplete && !job.deleting && job.state === "active") {
    const isRefused = pods.length === 0 && job.pods.active === 0;
    if (oldMs <= (isRefused ? REFUSED_PATIENCE_MS : START_PATIENCE_MS))
      return leave(isRefused ? "no-pod-made" : "starting");
  }
  if (!isVoid) return { kind: "void-secret" };
  return lasting.voided >= SECRET_CACHE_MS
    ? { kind: "condemn", cause: "never-connected" }
    : leave("secret-may-be-cached");
}

function perhapsDead(runner: Runner, view: CleanUpView): CleanStep {
  const { remote, job, pods, drain, agents, lasting } = runner;
  if (remote === undefined || remote.status === "ONLINE" || remote.status === "ENABLED")
    return leave(drain === undefined ? "healthy" : "draining");
  if (drain !== undefined && isDrainProven(drain.cause)) return leave("draining");
  if (job === undefined && pods.length > 0) return leave("pod-without-job");
  if (job === undefined && runner.isDisableOurs && isDisabled(remote)) return disabledWithoutJob(runner);
  const isDisabledAsDead = drain?.cause === "dead" && drain.state === "draining";

  if (agents.possible === 0 && agents.everStarted) {
    const stepMs =
      remote.busy === "busy"
        ? Math.max(lasting.offline, agoMs(remote.stateUpdatedAt, view.serverTime))
        : LONGEST_STEP_MS;
    if (stepMs < LONGEST_STEP_MS) return leave("not-proven-dead");
    return onceDisabled(runner, view);
  }
  if (agents.possible > agents.unaccounted) {
    if (isDisabledAsDead) return { kind: "hand-over" };
    return leave(drain === undefined ? "offline-but-running" : "draining");
  }
  if (isDisabledAsDead) return onceDisabled(runner, view);
  // No agent is anywhere to be seen, and nobody reported its end: only its silence counts.
  const silentMs =
    remote.status === "OFFLINE" ? Math.max(lasting.offline, agoMs(remote.stateUpdatedAt, view.serverTime)) : 0;
  const neededMs = remote.busy === "busy" ? LONGEST_STEP_MS : SILENCE_MS;
  if (silentMs < neededMs && (remote.busy === "busy" || lasting.podless < LONGEST_STEP_MS))
    return leave("not-proven-dead");
  if (job === undefined) return { kind: "remove-registration", cause: "dead" };
  return onceDisabled(runner, view);
}

/** Where its Job could start another pod, the runner is kept from steps first, for as long as an agent takes to learn of it. */
function onceDisabled(runner: Runner, { flavour, serverTime }: CleanUpView): CleanStep {
  const { job, remote, drain, lasting } = runner;
  if (job?.state !== "active") return { kind: "condemn", cause: "dead" };
  if (remote === undefined || !isDisabled(remote)) return { kind: "disable" };
  if (drain?.cause !== "dead") return leave("draining");
  if (drain.disabledSeen?.flavour !== flavour) return { kind: "note-disabled" };
  const disabledMs = Math.max(lasting.disabled, agoMs(drain.disabledSeen.serverTime, serverTime));
  if (remote.busy === "busy" && disabledMs < LONGEST_STEP_MS) return leave("not-proven-dead");
  return disabledMs >= AGENT_POLL_MS ? { kind: "condemn", cause: "dead" } : leave("waiting-for-disable");
}

/** We disabled it, and then its Job went, with all that was written on it: nothing of it runs when Bitbucket has shown no step for long. */
function disabledWithoutJob({ remote, lasting }: Runner): CleanStep {
  const neededMs = remote?.busy === "idle" ? SILENCE_MS : LONGEST_STEP_MS;
  const quietMs = Math.min(lasting.jobless, remote?.busy === "idle" ? lasting.disabledAndIdle : lasting.disabled);
  return remote?.busy !== "busy" && quietMs >= neededMs
    ? { kind: "remove-registration", cause: "dead" }
    : leave("not-proven-dead");
}

function isEmptied({ secret }: Runner): boolean {
  return secret?.annotations[EMPTIED_ANNOTATION] !== undefined;
}

function leave(why: LeaveReason): CleanStep {
  return { kind: "leave", why };
}
