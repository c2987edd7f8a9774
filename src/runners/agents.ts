import type { ContainerRecord, JobRecord, PodRecord } from "../domain/cluster-objects.ts";
import type { Agents } from "../domain/runner.ts";

/**
 * The agents behind a Job's pods. A pod has ended its agent only when that is reported and it will not be started again; a pod that the Job's
 * status counts and that is not listed may be running somewhere that the API server does not hear of.
 *
 * @param job undefined when it is gone: then its pods' end was reported to nobody
 * @param pods all that carry the runner's uuid, whoever made them
 */
export function agentsOf(job: Pick<JobRecord, "uid" | "pods"> | undefined, pods: readonly PodRecord[]): Agents {
  const alive = pods.filter((pod) => !hasEndedForGood(pod));
  const unaccounted = job === undefined ? 0 : uncounted(job, pods);
  const [only] = alive;
  return {
    possible: alive.length + unaccounted,
    unaccounted,
    isWell: alive.length === 1 && unaccounted === 0 && only !== undefined && isAgentWell(only),
    everStarted: unaccounted > 0 || pods.some((pod) => agentsIn(pod).some((agent) => agent.everStarted)),
  };
}

/** Pods that the Job's status counts, ended or not, and that the listing, which came later, lacks. */
function uncounted({ uid, pods: counts }: Pick<JobRecord, "uid" | "pods">, pods: readonly PodRecord[]): number {
  const listed = pods.filter((pod) => pod.jobUid === uid).length;
  return Math.max(0, counts.active + counts.succeeded + counts.failed - listed);
}

/**
 * Whether the Job has a pod that lives, by its own status, and the listing, which came later, lacks it: one of the two is not to be believed, or
 * it went just now.
 */
export function isPodMissing(job: JobRecord | undefined, pods: readonly PodRecord[]): boolean {
  return job !== undefined && job.pods.active > pods.filter((pod) => pod.jobUid === job.uid).length;
}

/**
 * Whether no agent of the pod runs or will: each was reported terminated and is not started again, which depends on the pod's restart
 * policy (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy), or never ran in a pod that has ended. A pod
 * that was declared failed while its agent still shows "running" (its node is gone) has not ended.
 */
export function hasEndedForGood(pod: PodRecord): boolean {
  const agents = agentsIn(pod);
  if (isFinished(pod)) return agents.every(({ state }) => state !== "running");
  return agents.length > 0 && agents.every((agent) => isNotRestarted(agent, pod));
}

function isNotRestarted({ state, exitCode }: ContainerRecord, { restartPolicy }: PodRecord): boolean {
  if (state !== "terminated") return false;
  return restartPolicy === "Never" || (restartPolicy === "OnFailure" && exitCode === 0);
}

function isAgentWell(pod: PodRecord): boolean {
  const agents = agentsIn(pod);
  return (
    pod.phase === "Running" &&
    !pod.deleting &&
    agents.length > 0 &&
    agents.every((container) => container.state === "running")
  );
}

/** Reasons of waiting that belong to an ordinary start. */
const STARTING: ReadonlySet<string> = new Set(["ContainerCreating", "PodInitializing"]);

/**
 * The container beside a running agent, such as its Docker daemon, that is down or cannot be made: the agent takes steps that all fail.
 * Undefined where there is none.
 */
export function helperDown(pods: readonly PodRecord[]): ContainerRecord | undefined {
  const [pod, ...others] = pods.filter((each) => !hasEndedForGood(each));
  if (pod === undefined || others.length > 0 || !isAgentWell(pod)) return undefined;
  return pod.containers.find(
    ({ role, state, reason }) =>
      role === "helper" &&
      (state === "terminated" || (state === "waiting" && reason !== undefined && !STARTING.has(reason))),
  );
}

/** No agent of these pods ever ran; containers beside it, which need no credentials, may have. */
export function neverStarted(pods: readonly PodRecord[]): boolean {
  return pods.every((pod) => agentsIn(pod).every((agent) => !agent.everStarted));
}

/** No agent of these pods runs now; one may be about to be started again. */
export function areAgentsStopped(pods: readonly PodRecord[]): boolean {
  return pods.every((pod) => agentsIn(pod).every((agent) => agent.state !== "running"));
}

/** Nothing of the pod runs, as far as was reported, nor will again. */
export function isFinished({ phase }: PodRecord): boolean {
  return phase === "Succeeded" || phase === "Failed";
}

function agentsIn(pod: PodRecord): readonly ContainerRecord[] {
  return pod.containers.filter((container) => container.role === "agent");
}
