import { agoMs } from "../domain/bitbucket-time.ts";
import type { CleanStep, LeaveReason } from "../domain/clean-up.ts";
import { isDrainProven } from "../domain/drain.ts";
import { EMPTIED_ANNOTATION, FREED_ANNOTATION, UNREGISTERED_ANNOTATION } from "../domain/mark.ts";
import type { RunnerListing } from "../domain/remote-runner.ts";
import type { Runner } from "../domain/runner.ts";
import {
  AGENT_POLL_MS,
  CONNECT_PATIENCE_MS,
  LEFTOVER_AGE_MS,
  LONGEST_STEP_MS,
  REFUSED_PATIENCE_MS,
  REPLICA_LAG_MS,
  SECRET_CACHE_MS,
  SILENCE_MS,
  START_PATIENCE_MS,
} from "../domain/times.ts";
import { areAgentsStopped, isPodMissing } from "../runners/agents.ts";
import { isDisabled } from "../runners/phase.ts";
import { hasNeverConnected, isHeard, neededSilenceMs, silentMs } from "./silence.ts";

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
  if (runner.drain?.cause === "dead") return givenUp(runner, view);
  if (hasNeverConnected(runner.remote)) return neverConnected(runner, view);
  return perhapsDead(runner, view);
}

/** An agent without a registration can be given no step: only one that ran before may be at the end of its last. */
function withoutRegistration(runner: Runner, view: CleanUpView): CleanStep {
  const { job, pods, agents, lasting } = runner;
  if (job === undefined) return leave("pod-without-job");
  if (job.deleting) return leave("going");
  if (runner.drain?.state === "condemned") return { kind: "remove-job" };
  // A Job is made right after its registration, which a read that is behind does not show.
  if (lasting.unregistered <= REPLICA_LAG_MS) return leave("too-young");
  if (agents.unaccounted === 0 && areAgentsStopped(pods)) return { kind: "remove-job" };
  const goneAt = Date.parse(job.annotations[UNREGISTERED_ANNOTATION] ?? "");
  if (Math.max(lasting.unregistered, agoMs(goneAt, view.serverTime)) >= LONGEST_STEP_MS) return { kind: "remove-job" };
  const canBeNoted = Number.isNaN(goneAt) && view.serverTime !== undefined;
  return canBeNoted ? { kind: "note-unregistered" } : leave("containers-still-running");
}

function neverConnected(runner: Runner, view: CleanUpView): CleanStep {
  const { job, pods, secret, agents, lasting } = runner;
  const oldMs = silentMs(runner, view);
  if (oldMs <= LEFTOVER_AGE_MS) return leave("too-young");
  if (job === undefined)
    return pods.length === 0 && secret === undefined
      ? { kind: "remove-registration", cause: "never-connected" }
      : leave("pod-without-job");
  if (agents.everStarted) {
    // One that nobody sees any more may connect all the same, for as long as any other.
    const isGone = agents.possible === agents.unaccounted && oldMs > CONNECT_PATIENCE_MS;
    return agents.possible === 0 || isGone ? onceDisabled(runner, view) : leave("started-but-never-connected");
  }

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
  if (remote === undefined || isHeard(remote)) return leave(drain === undefined ? "healthy" : "draining");
  if (drain !== undefined) return leave("draining");
  if (job === undefined && pods.length > 0) return leave("pod-without-job");
  if (job === undefined && runner.isDisableOurs && isDisabled(remote)) return disabledWithoutJob(runner, view);

  if (agents.possible === 0 && agents.everStarted) {
    // A step is still shown although its agent's end was reported: Bitbucket is behind, or knows better.
    const stepMs = Math.max(lasting.offline, agoMs(remote.stateUpdatedAt, view.serverTime));
    return remote.busy === "busy" && stepMs < LONGEST_STEP_MS ? leave("not-proven-dead") : onceDisabled(runner, view);
  }
  if (agents.possible > agents.unaccounted) return leave("offline-but-running");
  // No agent is anywhere to be seen, and nobody reported its end: only its silence counts.
  const isGone = remote.busy !== "busy" && lasting.podless >= LONGEST_STEP_MS;
  if (silentMs(runner, view) < neededSilenceMs(remote) && !isGone) return leave("not-proven-dead");
  if (job === undefined) return { kind: "remove-registration", cause: "dead" };
  return onceDisabled(runner, view);
}

/** The clean-up itself took it out of service, or was about to. */
function givenUp(runner: Runner, view: CleanUpView): CleanStep {
  const { remote, agents } = runner;
  if (remote === undefined || !isDisabled(remote)) return { kind: "release" };
  if (isHeard(remote) || agents.possible > agents.unaccounted) return { kind: "hand-over" };
  return onceDisabled(runner, view);
}

/** Where its Job could start another pod, the runner is kept from steps first, for as long as an agent takes to learn of it. */
function onceDisabled(runner: Runner, { flavour, serverTime }: CleanUpView): CleanStep {
  const { job, remote, pods, drain, lasting } = runner;
  if (isPodMissing(job, pods)) return leave("cannot-tell");
  const isStepOpen = drain !== undefined && remote?.busy === "busy";
  if (job?.state !== "active" && !isStepOpen) return { kind: "condemn", cause: "dead" };
  if (remote === undefined || !isDisabled(remote))
    return freedMs(runner, serverTime) < SILENCE_MS ? leave("enabled-by-hand") : { kind: "disable" };
  if (drain?.cause !== "dead") return leave("draining");
  if (drain.disabledSeen?.flavour !== flavour) return { kind: "note-disabled" };
  const disabledMs = Math.max(lasting.disabled, agoMs(drain.disabledSeen.serverTime, serverTime));
  if (remote.busy === "busy" && disabledMs < LONGEST_STEP_MS) return leave("not-proven-dead");
  return disabledMs >= AGENT_POLL_MS ? { kind: "condemn", cause: "dead" } : leave("waiting-for-disable");
}

/** How long ago somebody enabled it by hand: while it drained, or while it was held. Longer than anything when nobody did. */
function freedMs({ job, lasting }: Runner, serverTime: number | undefined): number {
  const freedAt = job?.annotations[FREED_ANNOTATION];
  const stamp = Date.parse(freedAt ?? "");
  const isTimed = !Number.isNaN(stamp) && serverTime !== undefined;
  const drained = isTimed ? agoMs(stamp, serverTime) : lasting.enabled;
  return Math.min(
    freedAt === undefined ? Number.POSITIVE_INFINITY : drained,
    lasting.freed > 0 ? lasting.freed : Number.POSITIVE_INFINITY,
  );
}

/** We disabled it, and then its Job went, with all that was written on it: nothing of it runs when Bitbucket has shown no step for long. */
function disabledWithoutJob({ remote, lasting }: Runner, { serverTime }: CleanUpView): CleanStep {
  const isIdle = remote?.busy === "idle";
  const isTimed = remote?.stateUpdatedAt !== undefined && serverTime !== undefined;
  const quietMs = Math.min(
    lasting.jobless,
    isIdle ? lasting.disabledAndIdle : lasting.disabled,
    // Somebody may have had it in service between two of our looks.
    isTimed ? agoMs(remote.stateUpdatedAt, serverTime) : Number.POSITIVE_INFINITY,
  );
  return remote?.busy !== "busy" && quietMs >= (isIdle ? SILENCE_MS : LONGEST_STEP_MS)
    ? { kind: "remove-registration", cause: "dead" }
    : leave("not-proven-dead");
}

function isEmptied({ secret }: Runner): boolean {
  return secret?.annotations[EMPTIED_ANNOTATION] !== undefined;
}

function leave(why: LeaveReason): CleanStep {
  return { kind: "leave", why };
}
