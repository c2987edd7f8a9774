import type { GroupSettings } from "../../../src/domain/settings.ts";
import type { SimulatedInstallation } from "../../../src/simulation/installation.ts";
import type { KubeObject } from "../../../src/simulator/kubernetes/objects.ts";
import type { BehaviourName } from "./behaviours.ts";
import { COPY } from "./events.ts";
import { MINUTE } from "./times.ts";

const INSTALLATION_LABEL = "runners-autoscaler/installation";
const DRAIN_ANNOTATION = "runners-autoscaler/drain";
const JOB_PREFIX = "runner-";
const uuidOf = (name: string) => `{${name.slice(JOB_PREFIX.length)}}`;
/** So long may a runner be disabled by the program without a word on its Job. */
const DISABLED_MS = 25 * MINUTE;

/**
 * What is not as it should be, for people; nothing when the world is at rest: nothing is on one side only, no step waits or runs, every
 * group serves with its minimum and no more, nobody is disabled by the program and forgotten.
 *
 * @param unproven how many runners may stay of which nothing can be proven
 * @param behaviour where busy is not told, runners above min are kept
 */
export function remaining(world: SimulatedInstallation, unproven: number, behaviour: BehaviourName): readonly string[] {
  const { bitbucket, clock, cluster, leftovers, observer, settings } = world;
  const jobs = cluster.list("jobs");
  const isOurs = (name: string) =>
    [...jobs, ...cluster.list("secrets")].some(
      ({ metadata }) => metadata.name === name && metadata.labels?.[INSTALLATION_LABEL] !== undefined,
    );
  // An agent runs on although somebody deleted its registration, or nobody reported its end: its Job is left until that is over.
  const waiting = new Set(
    jobs
      .filter((job) => bitbucket.agents.of(uuidOf(job.metadata.name)).length > 0 || lacksPods(job, world))
      .map(({ metadata }) => metadata.name),
  );
  const draining = new Set(
    jobs.flatMap(({ metadata: { name, annotations } }) =>
      annotations?.[DRAIN_ANNOTATION] === undefined ? [] : [name],
    ),
  );
  const nobodys = observer
    .disabledByUsFor(DISABLED_MS, clock.now())
    .filter((uuid) => !draining.has(`${JOB_PREFIX}${uuid.slice(1, -1)}`));
  return [
    // One whose Job somebody deleted while a step was shown on it is left for the longest step.
    ...leftovers.registrations.slice(unproven).map((name) => `registration ${name} has no Job`),
    // A copy that somebody made is reported, and left; so is what the original made and we did not take over.
    ...leftovers.jobs
      .filter((name) => isOurs(name) && !waiting.has(name) && !name.endsWith(COPY))
      .map((name) => `job ${name} has no registration`),
    ...leftovers.secrets.filter(isOurs).map((name) => `secret ${name} has no Job`),
    ...nobodys.map((uuid) => `runner ${uuid} is disabled by us, and nobody knows why`),
    ...bitbucket.pipelines
      .steps()
      .filter((step) => step.outcome === undefined && settings.groups.length > 0)
      .map(({ uuid }) => `step ${uuid} has not ended`),
    ...settings.groups.flatMap((group) =>
      supplyOf(group, world, leftovers.jobs.filter((name) => waiting.has(name)).length, unproven, behaviour),
    ),
  ];
}

/** Whether the Job's status counts pods that are not there any more. */
function lacksPods({ metadata: { uid }, status }: KubeObject, { cluster }: SimulatedInstallation): boolean {
  const { active = 0, succeeded = 0, failed = 0 } = status as Readonly<Record<string, number | undefined>>;
  const listed = cluster.list("pods").filter((pod) => pod.metadata.ownerReferences?.some((owner) => owner.uid === uid));
  return active + succeeded + failed > listed.length;
}

/** Starved, or with more runners than there is any need for. */
function supplyOf(
  { name, labels, parameters: { min, max } }: GroupSettings,
  { bitbucket }: SimulatedInstallation,
  waiting: number,
  unproven: number,
  behaviour: BehaviourName,
): readonly string[] {
  const members = bitbucket
    .glance()
    .filter(
      (runner) => runner.labels.length === labels.length && labels.every((label) => runner.labels.includes(label)),
    );
  const serving = members.filter(({ status, disabled }) => status === "ONLINE" && !disabled).length;
  // Where busy is not told, what drains keeps its place for the longest step.
  const isBlocked = behaviour === "mute" && members.length >= max;
  if (!isBlocked && serving < Math.min(min, max - waiting - unproven))
    return [`${name} serves with ${serving}, its min is ${min}`];
  const most = behaviour === "mute" ? max : min + unproven;
  return members.length > most ? [`${name} has ${members.length} runners, ${most} would do`] : [];
}
