import { agoMs } from "../domain/bitbucket-time.ts";
import type { Drain } from "../domain/drain.ts";
import { EMPTIED_ANNOTATION, secretName } from "../domain/mark.ts";
import type { RemoteRunner } from "../domain/remote-runner.ts";
import type { Runner } from "../domain/runner.ts";
import { LONGEST_STEP_MS } from "../domain/times.ts";
import type { Dependencies } from "../reconcile/dependencies.ts";
import { lookAtCluster } from "../reconcile/look-at-cluster.ts";
import type { LastLook } from "../reconcile/remove.ts";
import { neverStarted } from "../runners/agents.ts";
import { isDisabled } from "../runners/phase.ts";

type ClusterReads = Pick<Dependencies, "cluster" | "signal">;

/** Bitbucket's side of "never connected". */
export function hasNeverConnected(remote: RemoteRunner | undefined): boolean {
  return remote !== undefined && remote.status === "UNREGISTERED" && !remote.connected;
}

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

/** Still no agent to be seen; and where its Job could start another, Bitbucket still keeps that from steps. It shows no step, and no contact. */
function deadStill(deps: ClusterReads, runner: Runner): LastLook {
  let mayStart = true;
  return {
    cluster: async () => {
      if (runner.job === undefined) return false;
      const look = await lookAtCluster(deps, runner.uuid, runner.job);
      mayStart = look.job?.state === "active";
      return !look.isReplaced && look.agents.possible === look.agents.unaccounted;
    },
    bitbucket: ({ runner: remote, serverTime }) =>
      remote !== undefined &&
      remote.status !== "ONLINE" &&
      remote.status !== "ENABLED" &&
      (remote.busy !== "busy" || isPastAnyStep(runner, serverTime)) &&
      (!mayStart || isDisabled(remote)),
  };
}

/** A step that is shown began before the runner was disabled, or fell silent: none can run for so long. */
function isPastAnyStep({ remote, drain, lasting }: Runner, serverTime: number | undefined): boolean {
  const disabledMs = Math.max(lasting.disabled, agoMs(drain?.disabledSeen?.serverTime, serverTime));
  const offlineMs = remote?.status === "OFFLINE" ? agoMs(remote.stateUpdatedAt, serverTime) : 0;
  return Math.max(disabledMs, offlineMs, lasting.offline) >= LONGEST_STEP_MS;
}
