import type { Registration } from "../bitbucket/port.ts";
import type { JobRecord } from "../domain/cluster-objects.ts";
import {
  GROUP_LABEL,
  INSTALLATION_LABEL,
  jobName,
  NAME_ANNOTATION,
  runnerName,
  SCOPE_ANNOTATION,
  writeScope,
} from "../domain/mark.ts";
import type { Scope } from "../domain/scope.ts";
import { scopeName } from "../domain/scope.ts";
import type { GroupSettings } from "../domain/settings.ts";
import { CREATOR_GIVES_UP_MS } from "../domain/times.ts";
import type { KubeObject } from "../kubernetes/port.ts";
import type { Worlds } from "../reconcile/dependencies.ts";
import { inParallel } from "../support/parallel.ts";
import { randomName } from "../support/random.ts";
import type { JobTemplate } from "../template/port.ts";
import { ownLabels } from "./adopt.ts";

/** One group's creation: where, what for, and with which template. */
export interface Creation {
  readonly worlds: Worlds;
  readonly template: JobTemplate;
  readonly scope: Scope;
  readonly group: GroupSettings;
  readonly key: string;
  /** Runners of the group that have no Job, by this pass's reads: the list of Jobs that decides does not show them. */
  readonly jobless: number;
}

/** What became of a batch. */
export interface BatchResult {
  /** Runners that have everything: registration, Job and Secret. */
  readonly made: number;
  /** Attempts whose registration may exist although no reply said so. */
  readonly lost: readonly { readonly name: string; readonly sentAt: number }[];
  /** What went wrong, one error an attempt. */
  readonly errors: readonly unknown[];
}

interface Attempt {
  readonly name: string;
  readonly begunAt: number;
}

interface Prepared {
  readonly uuid: string;
  readonly job: JobRecord;
  readonly secret: KubeObject;
}

/**
 * Makes a batch of runners: registrations side by side, then their Jobs, then one consistent list of the group's Jobs that decides
 * whether all of them fit under `max`, then the Secrets. Until its Secret is there a runner is inert: whatever stops half-way here is
 * harmless and left to the clean-up. Two creators that do not know of each other are ordered by that list.
 *
 * @param count at most ten: a kubelet that finds no Secret tries again only some 12 s later.
 */
export async function createBatch(creation: Creation, count: number, signal: AbortSignal): Promise<BatchResult> {
  const { worlds, group, scope } = creation;
  const attempts = Array.from({ length: count }, (): Attempt => {
    const name = runnerName(group.name, worlds.installation, randomName(worlds.random, 6));
    return { name, begunAt: worlds.clock.now() };
  });
  const registrations = await Promise.all(
    attempts.map((attempt) => worlds.bitbucket.register(scope, { name: attempt.name, labels: group.labels }, signal)),
  );
  const lost = registrations.flatMap((result, index) => {
    const name = attempts[index]?.name;
    return result.kind === "unresolved" && name !== undefined ? [{ name, sentAt: result.sentAt }] : [];
  });
  const refused = registrations.flatMap((result) => (result.kind === "registered" ? [] : [result.error]));

  const jobs = await inParallel([...registrations.entries()], count, async ([index, result]) => {
    const attempt = attempts[index];
    return attempt === undefined || result.kind !== "registered"
      ? undefined
      : await prepare(creation, attempt, result, signal);
  });
  const prepared = jobs.flatMap((job) => (job.status === "fulfilled" && job.value !== undefined ? [job.value] : []));
  // Without that list nobody knows whether they fit: no Secret is made then, and what was lost above is still remembered.
  const [fitting] = await inParallel([prepared], 1, (batch) => keepWithinMax(creation, batch, signal));
  const { kept, errors } = fitting?.status === "fulfilled" ? fitting.value : { kept: [], errors: [fitting?.reason] };
  const secrets = await inParallel(kept, count, (runner) => credential(creation, runner, signal));

  return {
    made: secrets.filter((secret) => secret.status === "fulfilled" && secret.value).length,
    lost,
    errors: [
      ...refused,
      ...errors,
      ...[...jobs, ...secrets].flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : [])),
    ],
  };
}

/** Registered → Job. Gives up, leaving an inert registration to the clean-up, when the attempt is too old for a Job to follow safely. */
async function prepare(
  { worlds, template, scope, group, key }: Creation,
  attempt: Attempt,
  registration: Registration & { readonly kind: "registered" },
  signal: AbortSignal,
): Promise<Prepared | undefined> {
  const { uuid } = registration;
  worlds.log.info("Runner created on Bitbucket workspace", { workspace: scopeName(scope), group: group.name, uuid });
  const rendered = template.render({
    group,
    scope,
    runnerUuid: uuid,
    oauthClientId: registration.oauthClientId,
    oauthClientSecret: registration.oauthClientSecret,
    labels: ownLabels(worlds.installation, scope, key, uuid),
    annotations: { [NAME_ANNOTATION]: attempt.name, [SCOPE_ANNOTATION]: writeScope(scope) },
  });
  if (worlds.clock.now() - attempt.begunAt >= CREATOR_GIVES_UP_MS) {
    worlds.log.warn("Registration took too long; left to the clean-up", { group: group.name, uuid });
    return undefined;
  }

  const created = await worlds.cluster.createJob(group.namespace, rendered.job, signal);
  const job = created === "exists" ? await worlds.cluster.job(group.namespace, jobName(uuid), signal) : created;
  if (job === undefined || job.annotations[NAME_ANNOTATION] !== attempt.name) {
    worlds.log.warn("Another Job has the runner's name; left alone", { group: group.name, uuid, job: jobName(uuid) });
    return undefined;
  }
  return { uuid, job, secret: rendered.secretOwnedBy(job.uid) };
}

/** Takes back the excess of this batch, which nobody can have used: its Secrets were never made. */
async function keepWithinMax(
  { worlds, scope, group, key, jobless }: Creation,
  prepared: readonly Prepared[],
  signal: AbortSignal,
): Promise<{ readonly kept: readonly Prepared[]; readonly errors: readonly unknown[] }> {
  if (prepared.length === 0) return { kept: [], errors: [] };
  const selector = `${INSTALLATION_LABEL}=${worlds.installation},${GROUP_LABEL}=${key}`;
  const listed = await worlds.cluster.jobsEverywhere(selector, signal);
  const uids = new Set(listed.map((job) => job.uid));
  const present = prepared.filter((runner) => uids.has(runner.job.uid));
  const excess = Math.min(present.length, Math.max(0, listed.length + jobless - group.parameters.max));
  const kept = present.slice(0, present.length - excess);

  const takenBack = await inParallel(present.slice(kept.length), excess, async (runner) => {
    worlds.log.info("Took back a runner above max before it could start", { group: group.name, uuid: runner.uuid });
    await worlds.bitbucket.remove(scope, runner.uuid, signal);
    await worlds.cluster.deleteJob(runner.job, signal);
  });
  return { kept, errors: takenBack.flatMap((each) => (each.status === "rejected" ? [each.reason as unknown] : [])) };
}

/** Job → Secret: from here on the runner's agent can connect. */
async function credential({ worlds, scope, group }: Creation, runner: Prepared, signal: AbortSignal): Promise<boolean> {
  const result = await worlds.cluster.createSecret(group.namespace, runner.secret, signal);
  if (result === "exists") {
    worlds.log.warn("The runner's Secret exists already; left to the clean-up", {
      group: group.name,
      uuid: runner.uuid,
    });
    return false;
  }
  worlds.log.info("Successfully setup runner", { uuid: runner.uuid, workspace: scopeName(scope), group: group.name });
  return true;
}
