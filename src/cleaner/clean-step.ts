import type { CleanStep, LeaveReason } from "../domain/clean-up.ts";
import { isDrainProven } from "../domain/drain.ts";
import { EMPTIED_ANNOTATION, UNREGISTERED_ANNOTATION } from "../domain/mark.ts";
import type { Runner } from "../domain/runner.ts";
import {
  AGENT_POLL_MS,
  LEFTOVER_AGE_MS,
  LONGEST_STEP_MS,
  OFFLINE_DEAD_MS,
  SECRET_CACHE_MS,
  START_PATIENCE_MS,
} from "../domain/times.ts";
import { isDisabled } from "../runners/phase.ts";
import { areAgentsStopped, areContainersEnded, neverStarted } from "../runners/pods.ts";

/** When the runner was looked at. */
export interface CleanUpView {
  /** When the listing was begun: milliseconds since the epoch. */
  readonly begunAt: number;
  /** Bitbucket's clock at the listing: ages of registrations are counted by it. */
  readonly serverTime: number;
  /** Since when the cleaner has seen the runner without any pod; undefined when it has one. */
  readonly podlessSince: number | undefined;
}

/** The orphan rules of the clean-up protocol, for one runner. What cannot be proven is left, and the reason says what is missing. */
export function cleanStep(runner: Runner, view: CleanUpView): CleanStep {
  if (runner.ownership !== "ours") return leave("not-ours");
  if (runner.phase === "held") return leave("held");
  if (runner.remote === undefined) return withoutRegistration(runner, view);
  if (runner.drain?.state === "condemned")
    return isDrainProven(runner.drain.cause) ? leave("draining") : { kind: "finish" };
  if (runner.remote.status === "UNREGISTERED" && !runner.remote.connected) return neverConnected(runner, view);
  return perhapsDead(runner, view);
}

/** An agent without a registration can be given no step: only one that still runs may be at the end of its last. */
function withoutRegistration(runner: Runner, view: CleanUpView): CleanStep {
  const { job, pods } = runner;
  if (job === undefined) return leave("pod-without-job");
  if (runner.drain?.state === "condemned" || areAgentsStopped(pods)) return { kind: "remove-job" };
  const goneAt = Date.parse(job.annotations[UNREGISTERED_ANNOTATION] ?? "");
  if (Number.isNaN(goneAt)) return { kind: "note-unregistered" };
  return view.begunAt - goneAt >= LONGEST_STEP_MS ? { kind: "remove-job" } : leave("containers-still-running");
}

function neverConnected(runner: Runner, view: CleanUpView): CleanStep {
  const { remote, job, pods, secret } = runner;
  const ageMs = view.serverTime - (remote?.createdAt ?? view.serverTime);
  if (ageMs <= LEFTOVER_AGE_MS) return leave("too-young");
  if (job === undefined)
    return pods.length === 0 && secret === undefined
      ? { kind: "remove-registration", cause: "never-connected" }
      : leave("pod-without-job");
  if (job.state !== "active" && areContainersEnded(pods)) return { kind: "condemn", cause: "dead" };
  if (!neverStarted(pods)) return leave("started-but-never-connected");

  const emptiedAt = Date.parse(secret?.annotations[EMPTIED_ANNOTATION] ?? "");
  const complete = secret !== undefined && Number.isNaN(emptiedAt);
  if (complete && !job.deleting && ageMs <= START_PATIENCE_MS) return leave("starting");
  if (Number.isNaN(emptiedAt)) return { kind: "void-secret" };
  return view.begunAt - emptiedAt >= SECRET_CACHE_MS
    ? { kind: "condemn", cause: "never-connected" }
    : leave("secret-may-be-cached");
}

function perhapsDead(runner: Runner, view: CleanUpView): CleanStep {
  const { remote, job, pods, drain } = runner;
  if (remote === undefined || remote.status === "ONLINE") return leave(drain === undefined ? "healthy" : "draining");
  if (job !== undefined && job.state !== "active")
    return areContainersEnded(pods) ? { kind: "condemn", cause: "dead" } : leave("containers-still-running");
  if (drain?.cause === "dead" && drain.state === "draining") return disabledAsDead(runner, view);
  if (pods.length > 0) return leave(drain === undefined ? "offline-but-running" : "draining");

  const offlineMs = remote.status === "OFFLINE" ? view.serverTime - remote.stateUpdatedAt : 0;
  const podlessMs = view.podlessSince === undefined ? 0 : view.begunAt - view.podlessSince;
  if (offlineMs < OFFLINE_DEAD_MS && podlessMs < LONGEST_STEP_MS) return leave("not-proven-dead");
  return job === undefined ? { kind: "remove-registration", cause: "dead" } : { kind: "disable" };
}

function disabledAsDead(runner: Runner, view: CleanUpView): CleanStep {
  const { remote, drain, pods } = runner;
  if (remote === undefined || drain === undefined || view.begunAt <= drain.since) return leave("waiting-for-disable");
  if (pods.length > 0) return { kind: "hand-over" };
  if (!isDisabled(remote)) return { kind: "disable" };
  if (drain.disabledSeenAt === undefined) return { kind: "note-disabled" };
  return view.begunAt - drain.disabledSeenAt >= AGENT_POLL_MS
    ? { kind: "condemn", cause: "dead" }
    : leave("waiting-for-disable");
}

function leave(why: LeaveReason): CleanStep {
  return { kind: "leave", why };
}
