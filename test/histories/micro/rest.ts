import type { GroupSettings } from "../../../src/domain/settings.ts";
import type { SimulatedInstallation } from "../../../src/simulation/installation.ts";
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
 * @param unreported pods whose end nobody may have reported: their runners are proven by no idleness
 */
export function remaining(world: SimulatedInstallation, unreported: number): readonly string[] {
  const { bitbucket, clock, cluster, leftovers, observer, settings } = world;
  const jobs = cluster.list("jobs");
  const isOurs = (name: string) =>
    [...jobs, ...cluster.list("secrets")].some(
      ({ metadata }) => metadata.name === name && metadata.labels?.[INSTALLATION_LABEL] !== undefined,
    );
  // An agent runs on although somebody deleted its registration: its Job is left until that has ended.
  const waiting = new Set(
    jobs.map(({ metadata }) => metadata.name).filter((name) => bitbucket.agents.of(uuidOf(name)).length > 0),
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
    ...leftovers.registrations.map((name) => `registration ${name} has no Job`),
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
      supplyOf(group, world, leftovers.jobs.filter((name) => waiting.has(name)).length, unreported),
    ),
  ];
}

/** Starved, or with more runners than there is any need for. */
function supplyOf(
  { name, labels, parameters: { min, max } }: GroupSettings,
  { bitbucket }: SimulatedInstallation,
  waiting: number,
  unreported: number,
): readonly string[] {
  const members = bitbucket
    .glance()
    .filter(
      (runner) => runner.labels.length === labels.length && labels.every((label) => runner.labels.includes(label)),
    );
  const serving = members.filter(({ status, disabled }) => status === "ONLINE" && !disabled).length;
  if (serving < Math.min(min, max - waiting - unreported)) return [`${name} serves with ${serving}, its min is ${min}`];
  const most = min + unreported;
  return members.length > most ? [`${name} has ${members.length} runners, ${most} would do`] : [];
}
