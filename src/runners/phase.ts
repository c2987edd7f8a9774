import type { JobRecord, PodRecord } from "../domain/cluster-objects.ts";
import type { Drain } from "../domain/drain.ts";
import type { RemoteRunner } from "../domain/remote-runner.ts";
import type { Ownership, Phase } from "../domain/runner.ts";
import { LEFTOVER_AGE_MS } from "../domain/times.ts";

/** What a phase is told from. */
export interface Sides {
  readonly ownership: Ownership;
  readonly remote: RemoteRunner | undefined;
  readonly job: JobRecord | undefined;
  readonly pods: readonly PodRecord[];
  readonly drain: Drain | undefined;
  /** When the planes were read: milliseconds since the epoch. */
  readonly readAt: number;
}

/**
 * The phase of a runner, from both planes and our own annotation. A runner that is on its way back (`enabling`) counts as starting until a read
 * shows it enabled; so does a Job of ours that is too young to be a leftover although no registration of it is listed: a listing that is
 * behind must not make the group order the same runner again.
 */
export function phaseOf({ ownership, remote, job, pods, drain, readAt }: Sides): Phase {
  if (ownership === "foreign") return "foreign";
  if (drain?.state === "condemned") return "condemned";
  if (remote === undefined) return drain === undefined && isJustMade(job, readAt) ? "starting" : "orphan";
  if (drain?.state === "draining") return "draining";
  if (drain?.state === "enabling" && isDisabled(remote)) return "starting";
  if (isDisabled(remote)) return "held";
  if (job === undefined && pods.length === 0) return "orphan";
  if (job === undefined || job.deleting || job.state !== "active") return "lost";
  return servingPhase(remote, pods);
}

function isJustMade(job: JobRecord | undefined, readAt: number): boolean {
  return job?.state === "active" && !job.deleting && readAt - job.createdAt <= LEFTOVER_AGE_MS;
}

function servingPhase(remote: RemoteRunner, pods: readonly PodRecord[]): Phase {
  switch (remote.status) {
    case "UNREGISTERED":
      return "starting";
    case "ONLINE":
    case "ENABLED":
      return pods.length === 0 ? "lost" : busyPhase(remote);
    case "OFFLINE":
    case "UNHEALTHY":
    case "DISABLED":
      return "lost";
    case "OTHER":
      return "unknown";
  }
}

function busyPhase(remote: RemoteRunner): Phase {
  return remote.busy;
}

/** Kept from new steps, in either of Bitbucket's ways of saying so. */
export function isDisabled(remote: RemoteRunner): boolean {
  return remote.status === "DISABLED" || remote.cordoned;
}
