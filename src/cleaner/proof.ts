import { agoMs } from "../domain/bitbucket-time.ts";
import type { Drain } from "../domain/drain.ts";
import { EMPTIED_ANNOTATION, secretName } from "../domain/mark.ts";
import type { RemoteRunner, RunnerReading } from "../domain/remote-runner.ts";
import type { Runner } from "../domain/runner.ts";
import { LONGEST_STEP_MS } from "../domain/times.ts";
import type { Dependencies } from "../reconcile/dependencies.ts";
import { type ClusterLook, lookAtCluster } from "../reconcile/look-at-cluster.ts";
import type { LastLook } from "../reconcile/remove.ts";
import { isPodMissing, neverStarted } from "../runners/agents.ts";
import { isDisabled } from "../runners/phase.ts";
import { hasNeverConnected, isHeard, neededSilenceMs, silentStillMs } from "./silence.ts";

type ClusterReads = Pick<Dependencies, "cluster" | "signal">;

/** The last look at a runner that the clean-up condemned. */
export function lastLookAt(deps: ClusterReads, runner: Runner, cause: Drain["cause"]): LastLook {
  return cause === "never-connected" ? neverConnectedStill(deps, runner) : deadStill(deps, runner);
}

/** No agent ever started, none can with its Secret, and Bitbucket has not heard of one. */
function neverConnectedStill(deps: ClusterReads, runner: Runner): LastLook {
  return {
    cluster: async () => {
      const { job } = runner;
      if (job === undefined) return false;
      const secret = await deps.cluster.secret(job.namespace, secretName(runner.uuid), deps.signal);
      if (secret?.annotations[EMPTIED_ANNOTATION] === undefined) return false;
      const { agents, pods, isReplaced } = await lookAtCluster(deps, runner.uuid, job);
      return !isReplaced && neverStarted(pods) && agents.unaccounted === 0;
    },
    bitbucket: ({ runner: remote }) => hasNeverConnected(remote),
  };
}

/**
 * Still no agent to be seen, in contact neither. Where its Job could start another one, Bitbucket still keeps that from steps; where nobody
 * reported the agents' end, its silence has lasted until now, whoever was paused since the proof.
 */
function deadStill(deps: ClusterReads, runner: Runner): LastLook {
  let mayStart = true;
  let isReported = false;
  return {
    cluster: async () => {
      if (runner.job === undefined) return false;
      const look = await lookAtCluster(deps, runner.uuid, runner.job);
      mayStart = look.job?.state === "active";
      isReported = look.agents.possible === 0 && look.agents.everStarted;
      return showsNoAgent(look);
    },
    bitbucket: ({ runner: remote, serverTime }) => {
      if (remote === undefined || isHeard(remote)) return false;
      if (remote.busy === "busy" && !isPastAnyStep(runner, { remote, serverTime })) return false;
      if (isDisabled(remote)) return true;
      return !mayStart && (isReported || isSilentStill(runner, { remote, serverTime }));
    },
  };
}

/** What a later look shows of a registration. */
interface Shown {
  readonly remote: RemoteRunner;
  readonly serverTime: number | undefined;
}

/** No agent is to be seen: each has ended, as was reported, or its pod has vanished. */
export function showsNoAgent({ job, pods, agents, isReplaced }: ClusterLook): boolean {
  return !isReplaced && !isPodMissing(job, pods) && agents.possible === agents.unaccounted;
}

/**
 * Whether the last look before a disable agrees that the runner is dead, and that nobody has disabled it.
 *
 * @param isReported every agent's end was reported: then no silence is needed
 */
export function mayBeDisabled(
  runner: Runner,
  { runner: remote, serverTime }: RunnerReading,
  isReported: boolean,
): boolean {
  if (remote === undefined || isDisabled(remote) || isHeard(remote)) return false;
  const shown = { remote, serverTime };
  return isReported ? remote.busy !== "busy" || isPastAnyStep(runner, shown) : isSilentStill(runner, shown);
}

/** Nothing has been heard of it for as long as it takes, by a look that was begun just now. */
function isSilentStill(runner: Runner, shown: Shown): boolean {
  if (silentStillMs(runner, shown) >= neededSilenceMs(shown.remote)) return true;
  return shown.remote.busy !== "busy" && runner.lasting.podless >= LONGEST_STEP_MS;
}

/** A step that is shown began before the runner was disabled, or fell silent: none can run for so long. */
function isPastAnyStep(runner: Runner, shown: Shown): boolean {
  const { drain, lasting } = runner;
  const disabledMs = Math.max(lasting.disabled, agoMs(drain?.disabledSeen?.serverTime, shown.serverTime));
  return Math.max(isDisabled(shown.remote) ? disabledMs : 0, silentStillMs(runner, shown)) >= LONGEST_STEP_MS;
}
