import type { Registration } from "../bitbucket/port.ts";
import type { JobRecord } from "../domain/cluster-objects.ts";
import type { Limit } from "../domain/decision.ts";
import { jobName, NAME_ANNOTATION, ownSelector, type RunnerMarks, runnerMarks, runnerName } from "../domain/mark.ts";
import type { GroupSettings } from "../domain/settings.ts";
import { CREATOR_GIVES_UP_MS } from "../domain/times.ts";
import type { KubeObject } from "../kubernetes/port.ts";
import { believedJobs } from "../runners/job-of-runner.ts";
import type { GroupPlan } from "../scaling/plan.ts";
import { randomName } from "../support/random.ts";
import type { JobTemplate } from "../template/port.ts";
import { EXAMPLE_RUNNER_UUID, renderExample } from "../template/render-example.ts";
import { type GroupPass, groupOf, tellStep } from "./group-pass.ts";

/** Created side by side at most: a kubelet that finds no Secret tries again only some 12 s later. */
const LARGEST_BATCH = 10;

/** The outcome of a creation. */
export interface Created {
  /** Runners that have everything: registration, Job and Secret. */
  readonly made: number;
  readonly limits: readonly Limit[];
  readonly failures: number;
}

/** A creation that has begun: the pass, and what all of its runners are made from. */
interface Order {
  readonly pass: GroupPass;
  readonly settings: GroupSettings;
  readonly template: JobTemplate;
  /** Uuids of the group's runners by this pass's reads: they keep their place although the list of Jobs that decides may lack them. */
  readonly live: readonly string[];
}

/** One runner that is being created, and how far it has come. Until its Secret is there it is inert: nothing can run on it. */
type Candidate =
  | {
      readonly reached: "registration";
      readonly name: string;
      /** When the attempt began, by this process's monotonic clock. */
      readonly begunAt: number;
      readonly registration: Registration & { readonly kind: "registered" };
    }
  /** Registered, its Job is there. */
  | {
      readonly reached: "job";
      readonly name: string;
      readonly uuid: string;
      readonly job: JobRecord;
      readonly secret: KubeObject;
    }
  /** Registration, Job and Secret. */
  | { readonly reached: "complete" }
  /** Goes no further; whatever is there is left to the clean-up. */
  | { readonly reached: "stopped"; readonly error?: unknown };

const STOPPED: Candidate = { reached: "stopped" };

/**
 * Creates the planned runners in batches, until one goes wrong: the next pass looks at the result first, waits, and tries a single
 * one. With fixed pacing one at a time, with the original's pause between them. Never rejects: what fails is told.
 */
export async function createRunners(pass: GroupPass, { create, live }: GroupPlan): Promise<Created> {
  const { deps, constants, state, capacity, group } = pass;
  const { settings } = group;
  if (create === 0 || settings === undefined) return { made: 0, limits: [], failures: 0 };

  const template = await usableTemplate(pass, settings);
  if (template === undefined) {
    state.backOff.fail(constants.setupSleepMs);
    return { made: 0, limits: ["bad-template"], failures: 1 };
  }
  const order: Order = { pass, settings, template, live };
  if (!(await hasNamespace(order))) return { made: 0, limits: [], failures: 1 };

  let made = 0;
  while (made < create && !deps.stopping.aborted) {
    const size = capacity.take(Math.min(batchSize(pass), create - made));
    if (size === 0) return { made, limits: ["scope-full"], failures: 0 };
    const batch = await createBatch(order, size);
    made += batch.filter(({ reached }) => reached === "complete").length;

    if (batch.some(({ reached }) => reached !== "complete")) {
      state.namespaceReady = false;
      state.backOff.fail(constants.setupSleepMs);
      const errors = batch.flatMap((each) =>
        each.reached === "stopped" && each.error !== undefined ? [each.error] : [],
      );
      for (const error of errors) tellFailure(pass, error);
      return { made, limits: [], failures: errors.length };
    }
    state.backOff.succeed();
    if (constants.pacing === "fixed" && made < create) await deps.clock.pause(constants.setupSleepMs, deps.stopping);
  }
  return { made, limits: [], failures: 0 };
}

/** One at a time with fixed pacing, and after a failure, which costs a registration for each that is tried. */
function batchSize({ constants, state }: GroupPass): number {
  return constants.pacing === "fixed" || state.backOff.failing ? 1 : LARGEST_BATCH;
}

/**
 * The template as it is now; undefined, and told, when it cannot be used. It is rendered for a runner that does not exist: a bad one must
 * not cost a registration.
 */
async function usableTemplate(pass: GroupPass, settings: GroupSettings): Promise<JobTemplate | undefined> {
  try {
    const template = await pass.deps.template();
    renderExample(template, settings, pass.scope, marksFor(pass, EXAMPLE_RUNNER_UUID, settings.name));
    return template;
  } catch (error) {
    tellFailure(pass, error);
    return undefined;
  }
}

/** Makes the group's namespace when it is missing. It is looked for until it was seen, and again after a batch that went wrong. */
async function hasNamespace({ pass, settings }: Order): Promise<boolean> {
  const { deps, state } = pass;
  if (state.namespaceReady) return true;
  try {
    await deps.cluster.ensureNamespace(settings.namespace, deps.signal);
    state.namespaceReady = true;
    return true;
  } catch (error) {
    tellFailure(pass, error);
    return false;
  }
}

/**
 * One batch: each runner's registration and Job; then one consistent list of the group's Jobs that decides whether all of them fit under
 * `max`; then the Secrets. Two creators that do not know of each other are ordered by that list.
 *
 * @param size at most {@link LARGEST_BATCH}
 */
async function createBatch(order: Order, size: number): Promise<readonly Candidate[]> {
  const { installation, random } = order.pass.deps;
  const names = Array.from({ length: size }, () =>
    runnerName(order.settings.name, installation, randomName(random, 6)),
  );
  // No Job before the slowest registration is through: a pod that finds no Secret is what costs time.
  const registered = await Promise.all(names.map((name) => stoppedByError(() => register(order, name))));
  const withJobs = await Promise.all(registered.map((each) => stoppedByError(() => makeJob(order, each))));
  const fitting = await withinMax(order, withJobs);
  return Promise.all(fitting.map((each) => stoppedByError(() => complete(order, each))));
}

async function stoppedByError(task: () => Promise<Candidate>): Promise<Candidate> {
  try {
    return await task();
  } catch (error) {
    return { reached: "stopped", error };
  }
}

/** One POST that is never sent again. */
async function register({ pass, settings }: Order, name: string): Promise<Candidate> {
  const { deps, scope, state } = pass;
  const begunAt = deps.clock.monotonic();
  const registration = await deps.bitbucket.register(scope, { name, labels: settings.labels }, deps.signal);
  if (registration.kind === "unresolved") state.leaveUnresolved(name, registration.sentAt);
  if (registration.kind !== "registered") return { reached: "stopped", error: registration.error };
  tellStep(pass, { uuid: registration.uuid, remote: { name } }, { kind: "registered" });
  return { reached: "registration", name, begunAt, registration };
}

/** Registration → Job, unless the attempt has become too old for a Job to follow safely. */
async function makeJob({ pass, settings, template }: Order, candidate: Candidate): Promise<Candidate> {
  if (candidate.reached !== "registration") return candidate;
  const { deps, scope } = pass;
  const { name, begunAt, registration } = candidate;
  const { uuid } = registration;
  const runner = { uuid, remote: { name } };
  const rendered = template.render({
    group: settings,
    scope,
    runnerUuid: uuid,
    oauthClientId: registration.oauthClientId,
    oauthClientSecret: registration.oauthClientSecret,
    ...marksFor(pass, uuid, name),
  });
  if (deps.clock.monotonic() - begunAt >= CREATOR_GIVES_UP_MS) {
    tellStep(pass, runner, { kind: "given-up", why: "registration-too-slow" });
    return STOPPED;
  }
  const created = await deps.cluster.createJob(settings.namespace, rendered.job, deps.signal);
  const job = created === "exists" ? await deps.cluster.job(settings.namespace, jobName(uuid), deps.signal) : created;
  if (job === undefined || job.annotations[NAME_ANNOTATION] !== name) {
    tellStep(pass, runner, { kind: "given-up", why: "job-name-taken" });
    return STOPPED;
  }
  tellStep(pass, runner, { kind: "job-created", job: `${job.namespace}/${job.name}` });
  return { reached: "job", name, uuid, job, secret: rendered.secretOwnedBy(job.uid) };
}

/**
 * Takes back the excess of the batch, which nobody can have used: its Secrets were never made. Without the list nobody knows whether they
 * fit, and none of them goes further.
 */
async function withinMax(order: Order, batch: readonly Candidate[]): Promise<readonly Candidate[]> {
  const { settings, live } = order;
  const withJob = batch.filter((each) => each.reached === "job");
  if (withJob.length === 0) return batch;
  let listed: readonly JobRecord[];
  try {
    listed = await decidingList(order);
  } catch (error) {
    return batch.map((each) =>
      each === withJob[0] ? { reached: "stopped", error } : each.reached === "job" ? STOPPED : each,
    );
  }
  const uids = new Set(listed.map((job) => job.uid));
  const present = withJob.filter(({ job }) => uids.has(job.uid));
  const places = new Set([...live, ...listed.flatMap((job) => job.runnerUuid ?? [])]);
  const excess = Math.min(present.length, Math.max(0, places.size - settings.parameters.max));
  const kept = new Set(present.slice(0, present.length - excess));
  const goes = new Set(present.slice(present.length - excess));
  return Promise.all(
    batch.map(async (each) => {
      if (each.reached !== "job" || kept.has(each)) return each;
      return goes.has(each) ? stoppedByError(() => takeBack(order, each)) : STOPPED;
    }),
  );
}

/**
 * The group's Jobs, read anew in every namespace where any creator may have made one: it has written the namespace into the ledger before. A
 * Job counts under its own runner's name only, and not for a runner that is somebody else's: copies and forged ones take no place.
 */
async function decidingList({ pass, settings }: Order): Promise<readonly JobRecord[]> {
  const { deps, group, scope, reading } = pass;
  const { ledgers, cluster, installation, signal } = deps;
  const { namespaces } = await ledgers.of(scope);
  const all = [...new Set([settings.namespace, ...namespaces])].filter((name) => !reading.unreadable.has(name));
  const selector = ownSelector(installation, { groupKey: group.key });
  const jobs = (await Promise.all(all.map((namespace) => cluster.jobs(namespace, signal, selector)))).flat();
  const foreign = new Set(reading.runners.flatMap(({ ownership, uuid }) => (ownership === "foreign" ? [uuid] : [])));
  const believed = [...believedJobs(jobs, new Set(all), installation).byUuid.values()];
  return believed.filter(({ runnerUuid }) => runnerUuid === undefined || !foreign.has(runnerUuid));
}

async function takeBack(
  { pass, settings }: Order,
  { uuid, name, job }: Candidate & { readonly reached: "job" },
): Promise<Candidate> {
  const { deps, scope } = pass;
  tellStep(pass, { uuid, remote: { name } }, { kind: "taken-back", max: settings.parameters.max });
  // Nothing can have changed that: without a Secret, which only this process could have made, no agent ever connects.
  await deps.bitbucket.remove(scope, uuid, Number.POSITIVE_INFINITY, deps.signal);
  const { runner: still } = await deps.bitbucket.get(scope, uuid, deps.signal);
  if (still === undefined) await deps.cluster.deleteJob(job, deps.signal);
  return STOPPED;
}

/** Job → Secret: from here on the runner's agent can connect. */
async function complete({ pass, settings }: Order, candidate: Candidate): Promise<Candidate> {
  if (candidate.reached !== "job") return candidate;
  const { deps } = pass;
  const { uuid, name, secret } = candidate;
  const runner = { uuid, remote: { name } };
  const result = await deps.cluster.createSecret(settings.namespace, secret, deps.signal);
  if (result === "exists") {
    tellStep(pass, runner, { kind: "given-up", why: "secret-exists" });
    return STOPPED;
  }
  tellStep(pass, runner, { kind: "set-up" });
  return { reached: "complete" };
}

function marksFor({ deps, scope, group }: GroupPass, uuid: string, name: string): RunnerMarks {
  return runnerMarks({ installation: deps.installation, scope, groupKey: group.key, uuid, name });
}

function tellFailure(pass: GroupPass, error: unknown): void {
  pass.deps.emit({ type: "failure", operation: "create", about: groupOf(pass), error });
}
