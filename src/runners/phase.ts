import type { JobRecord } from "../domain/cluster-objects.ts";
import type { Lasting } from "../domain/lasting.ts";
import type { RemoteRunner } from "../domain/remote-runner.ts";
import type { MergedRunner, Phase } from "../domain/runner.ts";
import { LEFTOVER_AGE_MS } from "../domain/times.ts";
import { helperDown, isFinished } from "./agents.ts";

/**
 * The phase of a runner, from both planes and our own annotation. A runner that is on its way back (`enabling`) counts as starting until a read
 * shows it enabled; so does a Job of ours whose registration has not been listed yet: a listing that is behind must not make the group order
 * the same runner again. One that is disabled without our annotation is somebody's, unless a disable of ours explains it.
 */
export function phaseOf(runner: MergedRunner, lasting: Lasting): Phase {
  const { ownership, remote, job, pods, drain, isMarkUnderstood, isDisableOurs } = runner;
  if (ownership === "foreign") return "foreign";
  if (!isMarkUnderstood) return "held";
  if (drain?.state === "condemned") return "condemned";
  if (remote === undefined) return drain === undefined && isJustMade(job, lasting) ? "starting" : "orphan";
  if (drain?.state === "draining") return "draining";
  if (drain?.state === "enabling" && isDisabled(remote)) return "starting";
  if (isDisabled(remote)) return isDisableOurs ? "draining" : "held";
  if (job === undefined && pods.length === 0) return "orphan";
  if (job === undefined || job.deleting || job.state !== "active") return "lost";
  return servingPhase(runner, remote);
}

/** One whose registration was listed before has lost it; one whose never was may only be new. */
function isJustMade(job: JobRecord | undefined, { everRegistered, unregistered }: Lasting): boolean {
  return job?.state === "active" && !job.deleting && everRegistered === 0 && unregistered <= LEFTOVER_AGE_MS;
}

function servingPhase({ agents, pods }: MergedRunner, remote: RemoteRunner): Phase {
  // A Job makes another pod for one that has ended; not for one whose agent has, while a container beside it runs on.
  const hasEnded = agents.possible === 0 && agents.everStarted && pods.some((pod) => !isFinished(pod));
  switch (remote.status) {
    case "UNREGISTERED":
      return hasEnded ? "lost" : "starting";
    case "ONLINE":
    case "ENABLED":
      if (remote.busy === "busy") return "busy";
      return pods.length === 0 || hasEnded || helperDown(pods) !== undefined ? "lost" : remote.busy;
    case "OFFLINE":
    case "UNHEALTHY":
    case "DISABLED":
      return "lost";
    case "OTHER":
      return "unknown";
  }
}

/** Kept from new steps, in either of Bitbucket's ways of saying so. */
export function isDisabled(remote: RemoteRunner): boolean {
  return remote.status === "DISABLED" || remote.cordoned;
}
