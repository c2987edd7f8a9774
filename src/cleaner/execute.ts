import type { CleanStep } from "../domain/clean-up.ts";
import type { SecretRecord } from "../domain/cluster-objects.ts";
import type { Drain } from "../domain/drain.ts";
import {
  bareUuid,
  bracedUuid,
  EMPTIED_ANNOTATION,
  jobName,
  RUNNER_UUID_LABEL,
  secretName,
  UNREGISTERED_ANNOTATION,
} from "../domain/mark.ts";
import type { Runner } from "../domain/runner.ts";
import { LONGEST_STEP_MS } from "../domain/times.ts";
import type { Worlds } from "../reconcile/dependencies.ts";
import { removeJob, removeRunner } from "../reconcile/remove.ts";
import { swapDrain } from "../reconcile/swap-drain.ts";
import { areAgentsStopped, neverStarted } from "../runners/phase.ts";
import type { CleanReading } from "./observe.ts";
import { hasNeverConnected, podsNow, stillDead, stillNeverConnected } from "./proof.ts";

/** What a step came to. "kept": the last look disagreed, or somebody else was faster: the next pass looks again. */
export type CleanOutcome = "removed" | "advanced" | "kept";

/** Carries out one step of the clean-up, each after one more look at what it is about to change. */
export async function takeCleanStep(
  worlds: Worlds,
  reading: CleanReading,
  runner: Runner,
  step: Exclude<CleanStep, { readonly kind: "leave" }>,
  signal: AbortSignal,
): Promise<CleanOutcome> {
  const now = worlds.clock.now();
  switch (step.kind) {
    case "void-secret":
      return voidSecret(worlds, reading, runner, signal);
    case "condemn":
      return condemn(worlds, reading, runner, { state: "condemned", cause: step.cause, since: now }, signal);
    case "finish":
      return finish(worlds, reading, runner, signal);
    case "remove-registration":
      return removeRegistration(worlds, reading, runner, step.cause, signal);
    case "disable": {
      const marked =
        runner.drain?.cause === "dead" ||
        (await mark(worlds, runner, { state: "draining", cause: "dead", since: now }, signal)) === "advanced";
      if (marked && runner.remote !== undefined) await worlds.bitbucket.disable(reading.scope, runner.remote, signal);
      return marked ? "advanced" : "kept";
    }
    case "note-disabled":
      return runner.drain === undefined
        ? "kept"
        : mark(worlds, runner, { ...runner.drain, disabledSeenAt: now, flavour: reading.listing.flavour }, signal);
    case "hand-over":
      return mark(worlds, runner, { state: "draining", cause: "unhealthy", since: now }, signal);
    case "note-unregistered":
      return noteUnregistered(worlds, reading, runner, signal);
    case "remove-job":
      return removeLoneJob(worlds, reading, runner, signal);
  }
}

async function mark(worlds: Worlds, runner: Runner, drain: Drain, signal: AbortSignal): Promise<CleanOutcome> {
  if (runner.job === undefined) return "kept";
  return (await swapDrain(worlds, runner.job, drain, signal)) === undefined ? "kept" : "advanced";
}

/** Without its Secret's data no container of the runner can start, and a creator that was only slow finds the name taken. */
async function voidSecret(
  worlds: Worlds,
  { scope }: CleanReading,
  runner: Runner,
  signal: AbortSignal,
): Promise<CleanOutcome> {
  const { job } = runner;
  if (job === undefined) return "kept";
  const { runner: remote } = await worlds.bitbucket.get(scope, runner.uuid, signal);
  if (!hasNeverConnected(remote) || !neverStarted(await podsNow(worlds, runner, signal))) return "kept";

  const annotations = { [EMPTIED_ANNOTATION]: new Date(worlds.clock.now()).toISOString() };
  const name = secretName(runner.uuid);
  const secret = await worlds.cluster.secret(job.namespace, name, signal);
  if (secret === undefined) {
    const owner = { apiVersion: "batch/v1", kind: "Job", name: job.name, uid: job.uid };
    const labels = job.labels;
    const object = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name, namespace: job.namespace, labels, annotations, ownerReferences: [owner] },
      data: {},
    };
    return (await worlds.cluster.createSecret(job.namespace, object, signal)) === "exists" ? "kept" : "advanced";
  }
  const emptied = await worlds.cluster.emptySecret(secret, { annotations }, signal);
  if (emptied === "immutable") await worlds.cluster.deleteSecret(secret, signal);
  return emptied === "conflict" || emptied === "absent" ? "kept" : "advanced";
}

async function condemn(
  worlds: Worlds,
  reading: CleanReading,
  runner: Runner,
  drain: Drain,
  signal: AbortSignal,
): Promise<CleanOutcome> {
  if (runner.job === undefined) return "kept";
  const job = await swapDrain(worlds, runner.job, drain, signal);
  return job === undefined ? "kept" : finish(worlds, reading, { ...runner, job, drain }, signal);
}

async function finish(
  worlds: Worlds,
  { scope }: CleanReading,
  runner: Runner,
  signal: AbortSignal,
): Promise<CleanOutcome> {
  const { job, drain } = runner;
  if (job === undefined || drain === undefined) return "kept";
  const proof = drain.cause === "never-connected" ? stillNeverConnected : stillDead;
  const removal = await removeRunner(
    worlds,
    scope,
    runner.uuid,
    job,
    (last) => proof(worlds, runner, last.runner, signal),
    signal,
  );
  if (removal === "removed") return "removed";
  if (removal === "disagreed") await swapDrain(worlds, job, undefined, signal);
  return "kept";
}

/** A registration that nothing in the cluster belongs to: the Job is asked for by name in every namespace where it could be. */
async function removeRegistration(
  worlds: Worlds,
  { scope, namespaces }: CleanReading,
  runner: Runner,
  cause: "never-connected" | "dead",
  signal: AbortSignal,
): Promise<CleanOutcome> {
  const jobs = await Promise.all(
    namespaces.map((namespace) => worlds.cluster.job(namespace, jobName(runner.uuid), signal)),
  );
  if (jobs.some((job) => job !== undefined)) return "kept";
  const stillDead = (remote: Runner["remote"]) =>
    remote !== undefined && remote.status !== "ONLINE" && remote.stateUpdatedAt === runner.remote?.stateUpdatedAt;
  const agrees = cause === "never-connected" ? hasNeverConnected : stillDead;
  return (await removeRunner(worlds, scope, runner.uuid, undefined, (last) => agrees(last.runner), signal)) ===
    "removed"
    ? "removed"
    : "kept";
}

async function isUnregistered(
  { bitbucket }: Worlds,
  { scope }: CleanReading,
  uuid: string,
  signal: AbortSignal,
): Promise<boolean> {
  return (await bitbucket.get(scope, uuid, signal)).runner === undefined;
}

async function noteUnregistered(
  worlds: Worlds,
  reading: CleanReading,
  runner: Runner,
  signal: AbortSignal,
): Promise<CleanOutcome> {
  if (runner.job === undefined || !(await isUnregistered(worlds, reading, runner.uuid, signal))) return "kept";
  const annotations = { [UNREGISTERED_ANNOTATION]: new Date(worlds.clock.now()).toISOString() };
  const marked = await worlds.cluster.patchJobMetadata(runner.job, { annotations }, signal);
  return marked === "conflict" || marked === "absent" ? "kept" : "advanced";
}

async function removeLoneJob(
  worlds: Worlds,
  reading: CleanReading,
  runner: Runner,
  signal: AbortSignal,
): Promise<CleanOutcome> {
  const { job, drain } = runner;
  if (job === undefined || !(await isUnregistered(worlds, reading, runner.uuid, signal))) return "kept";
  const pods = await podsNow(worlds, runner, signal);
  const goneForMs = worlds.clock.now() - Date.parse(job.annotations[UNREGISTERED_ANNOTATION] ?? "");
  if (drain?.state !== "condemned" && !areAgentsStopped(pods) && !(goneForMs >= LONGEST_STEP_MS)) return "kept";
  await removeJob(worlds, job, runner.uuid, signal);
  return "removed";
}

/** A Secret of ours that nothing belongs to any more: its Job and its registration are asked for once more, by name. */
export async function removeOwnerlessSecret(
  worlds: Worlds,
  reading: CleanReading,
  secret: SecretRecord,
  signal: AbortSignal,
): Promise<CleanOutcome> {
  const uuid = bareUuid(secret.labels[RUNNER_UUID_LABEL] ?? "");
  if (uuid === "" || secret.name !== secretName(uuid)) return "kept";
  if ((await worlds.cluster.job(secret.namespace, jobName(uuid), signal)) !== undefined) return "kept";
  if (!(await isUnregistered(worlds, reading, bracedUuid(uuid), signal))) return "kept";
  return (await worlds.cluster.deleteSecret(secret, signal)) === "deleted" ? "removed" : "kept";
}
