import { agoMs } from "../domain/bitbucket-time.ts";
import type { SecretRecord } from "../domain/cluster-objects.ts";
import type { Drain } from "../domain/drain.ts";
import type { RemovalProof } from "../domain/events.ts";
import {
  bracedUuid,
  EMPTIED_ANNOTATION,
  jobName,
  RUNNER_UUID_LABEL,
  secretName,
  UNREGISTERED_ANNOTATION,
} from "../domain/mark.ts";
import type { RunnerReading } from "../domain/remote-runner.ts";
import type { Runner } from "../domain/runner.ts";
import { scopeName } from "../domain/scope.ts";
import { LONGEST_STEP_MS } from "../domain/times.ts";
import { disableUntilSeen, forgetDisable, lookBeforeDisable, noteDisables } from "../reconcile/ledger-notes.ts";
import { lookAtCluster } from "../reconcile/look-at-cluster.ts";
import { removeJob, removeRunner } from "../reconcile/remove.ts";
import { releaseDrain, swapDrain } from "../reconcile/swap-drain.ts";
import { areAgentsStopped, neverStarted } from "../runners/agents.ts";
import { isDisabled } from "../runners/phase.ts";
import type { DueStep } from "./plan.ts";
import { lastLookAt, mayBeDisabled, showsNoAgent } from "./proof.ts";
import { type ScopePass, tellStep } from "./scope-pass.ts";
import { hasNeverConnected } from "./silence.ts";

/** The outcome of a step. "kept": the last look disagreed, or somebody else was faster; the next pass starts from what is there. */
export type CleanUpOutcome = "removed" | "advanced" | "kept";

/** Carries out one step of the clean-up, each after one more look at what it is about to change. */
export async function takeCleanUpStep(pass: ScopePass, { runner, step }: DueStep): Promise<CleanUpOutcome> {
  const now = pass.deps.clock.now();
  switch (step.kind) {
    case "void-secret":
      return voidSecret(pass, runner);
    case "condemn":
      return condemn(pass, runner, { state: "condemned", cause: step.cause, since: now });
    case "finish":
      return finish(pass, runner);
    case "remove-registration":
      return removeRegistration(pass, runner, step.cause);
    case "disable":
      return disableAsDead(pass, runner);
    case "note-disabled":
      return noteDisabled(pass, runner, pass.snapshot.reading.listing);
    case "hand-over":
      return swap(pass, runner, handedOver(now));
    case "release":
      return release(pass, runner);
    case "note-unregistered":
      return noteUnregistered(pass, runner);
    case "remove-job":
      return removeLoneJob(pass, runner);
  }
}

async function swap(pass: ScopePass, runner: Runner, drain: Drain): Promise<CleanUpOutcome> {
  if (runner.job === undefined) return "kept";
  return (await swapDrain(pass.deps, runner.job, drain)) === undefined ? lostSwap(pass, runner) : "advanced";
}

/** Without its Secret's data no container of the runner can start, and a creator that was only slow finds the name taken. */
async function voidSecret(pass: ScopePass, runner: Runner): Promise<CleanUpOutcome> {
  const { deps, scope } = pass;
  const { bitbucket, cluster, clock, signal } = deps;
  const { job } = runner;
  if (job === undefined) return "kept";
  const { runner: remote } = await bitbucket.get(scope, runner.uuid, signal);
  if (!hasNeverConnected(remote)) return disagreed(pass, runner);
  // The cluster last: what this write may meet is a container that starts.
  const { agents, pods } = await lookAtCluster(deps, runner.uuid, job);
  if (!neverStarted(pods) || agents.unaccounted > 0) return disagreed(pass, runner);

  const annotations = { [EMPTIED_ANNOTATION]: new Date(clock.now()).toISOString() };
  const name = secretName(runner.uuid);
  const secret = await cluster.secret(job.namespace, name, signal);
  if (secret === undefined) {
    const owner = { apiVersion: "batch/v1", kind: "Job", name: job.name, uid: job.uid };
    const labels = job.labels;
    const object = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name, namespace: job.namespace, labels, annotations, ownerReferences: [owner] },
      data: {},
    };
    return (await cluster.createSecret(job.namespace, object, signal)) === "exists"
      ? disagreed(pass, runner)
      : "advanced";
  }
  const emptied = await cluster.emptySecret(secret, { annotations }, signal);
  if (emptied === "immutable") await cluster.deleteSecret(secret, signal);
  return emptied === "conflict" || emptied === "absent" ? disagreed(pass, runner) : "advanced";
}

async function condemn(pass: ScopePass, runner: Runner, drain: Drain): Promise<CleanUpOutcome> {
  if (runner.job === undefined) return "kept";
  const job = await swapDrain(pass.deps, runner.job, drain);
  if (job === undefined) return lostSwap(pass, runner);
  tellStep(pass, runner, { kind: "condemned", cause: drain.cause, proof: proofOf(runner, drain) });
  return finish(pass, { ...runner, job, drain });
}

async function finish(pass: ScopePass, runner: Runner): Promise<CleanUpOutcome> {
  const { deps, scope } = pass;
  const { uuid, job, drain } = runner;
  if (job === undefined || drain === undefined) return "kept";
  const look = lastLookAt(deps, runner, drain.cause);
  let isStillDisabled = runner.remote !== undefined && isDisabled(runner.remote);
  const removal = await removeRunner(
    deps,
    { scope, uuid, job },
    {
      cluster: look.cluster,
      bitbucket: (last) => {
        isStillDisabled = last.runner !== undefined && isDisabled(last.runner);
        return look.bitbucket(last);
      },
    },
  );
  switch (removal) {
    case "removed":
      tellStep(pass, runner, { kind: "removed", cause: drain.cause, proof: proofOf(runner, drain) });
      return "removed";
    case "disagreed": {
      // Disabled by the clean-up itself, as dead: without a word on its Job it would count as held by somebody for good.
      const isOursToDrain = drain.cause === "dead" && job.state === "active" && isStillDisabled;
      await swapDrain(deps, job, isOursToDrain ? handedOver(deps.clock.now()) : undefined);
      return disagreed(pass, runner);
    }
    case "not-yet":
      tellStep(pass, runner, { kind: "kept", instead: "remove", why: "registration-still-there" });
      return "kept";
  }
}

/** Given up as dead, but a pod of it is back: from here on the ordinary drain proves when it may go. */
function handedOver(since: number): Drain {
  return { state: "draining", cause: "unhealthy", since };
}

function proofOf({ job }: Runner, { cause }: Drain): RemovalProof {
  if (cause === "never-connected") return { kind: "never-connected" };
  return job?.state === "active" ? { kind: "no-pod" } : { kind: "containers-ended" };
}

/**
 * Our annotation and the ledger first; then one more look at both sides, so that nobody's own disable is taken for ours, and nobody who is heard
 * again is disabled as dead; then the disable.
 */
async function disableAsDead(pass: ScopePass, runner: Runner): Promise<CleanUpOutcome> {
  const { deps, scope, state, snapshot } = pass;
  const { uuid } = runner;
  if (runner.job === undefined) return "kept";
  const where = { scope, memory: state.memory, serverTime: snapshot.reading.listing.serverTime };
  const drain: Drain = { state: "draining", cause: "dead", since: deps.clock.now() };
  const job = await swapDrain(deps, runner.job, drain);
  if (job === undefined) return lostSwap(pass, runner);
  tellStep(pass, runner, { kind: "drain-begun", cause: "dead" });
  await noteDisables(deps, where, [uuid]);

  const { cluster, look } = await lookBeforeDisable(deps, where, uuid, async () => ({
    cluster: await lookAtCluster(deps, uuid, job),
    look: await deps.bitbucket.get(scope, uuid, deps.signal),
  }));
  const isStillDead = showsNoAgent(cluster) && mayBeDisabled(runner, look, cluster.agents.possible === 0);
  if (!isStillDead) {
    await forgetDisable(deps, where, uuid);
    await swapDrain(deps, job, undefined);
    return disagreed(pass, runner);
  }
  const after = await disableUntilSeen(deps, where, look, () =>
    tellStep(pass, runner, { kind: "disabled", cause: "dead" }),
  );
  if (after.runner === undefined || !isDisabled(after.runner)) return "advanced";
  return noteDisabled(pass, { ...runner, job, drain }, after);
}

/** The read that shows it disabled, from which the wait for an agent's poll is counted. */
async function noteDisabled(
  pass: ScopePass,
  runner: Runner,
  { flavour, serverTime }: Pick<RunnerReading, "flavour" | "serverTime">,
): Promise<CleanUpOutcome> {
  if (runner.drain === undefined) return "kept";
  const disabledSeen = { flavour, ...(serverTime !== undefined && { serverTime }) };
  const noted = await swap(pass, runner, { ...runner.drain, disabledSeen });
  if (noted === "advanced") tellStep(pass, runner, { kind: "seen-disabled", flavour });
  return noted;
}

/** A direct read decides whether it is enabled: a listing may be old. */
async function release(pass: ScopePass, runner: Runner): Promise<CleanUpOutcome> {
  const { deps, scope, state } = pass;
  if (runner.job === undefined) return "kept";
  const look = await deps.bitbucket.get(scope, runner.uuid, deps.signal);
  if (look.runner === undefined || isDisabled(look.runner)) return disagreed(pass, runner);
  state.memory.sightings.noteFreed(runner.uuid, deps.clock.monotonic());
  await forgetDisable(deps, { scope, memory: state.memory }, runner.uuid);
  if ((await releaseDrain(deps, runner.job, look)) === undefined) return lostSwap(pass, runner);
  tellStep(pass, runner, { kind: "released", proof: "enabled by somebody" });
  return "advanced";
}

/** A registration that nothing in the cluster belongs to: Job and pods are asked for in every namespace where they could be. */
async function removeRegistration(
  pass: ScopePass,
  runner: Runner,
  cause: "never-connected" | "dead",
): Promise<CleanUpOutcome> {
  const { deps, scope, snapshot } = pass;
  const { uuid } = runner;
  const { namespaces } = snapshot.reading;
  const isGoneFrom = async (namespace: string) => {
    if ((await deps.cluster.job(namespace, jobName(uuid), deps.signal)) !== undefined) return false;
    const pods = await deps.cluster.pods(namespace, deps.signal);
    return pods.every(({ runnerUuid }) => runnerUuid !== uuid);
  };
  const isStillDead = (remote: Runner["remote"]) =>
    remote !== undefined &&
    remote.status !== "ONLINE" &&
    remote.busy === runner.remote?.busy &&
    remote.stateUpdatedAt === runner.remote?.stateUpdatedAt;
  const holds = cause === "never-connected" ? hasNeverConnected : isStillDead;
  const removal = await removeRunner(
    deps,
    { scope, uuid, job: undefined },
    {
      cluster: async () => (await Promise.all(namespaces.map(isGoneFrom))).every((isGone) => isGone),
      bitbucket: (last) => holds(last.runner),
    },
  );
  if (removal !== "removed") return disagreed(pass, runner);
  tellStep(pass, runner, { kind: "removed", cause, proof: { kind: "nothing-in-cluster" } });
  return "removed";
}

async function isUnregistered({ deps, scope }: ScopePass, uuid: string): Promise<boolean> {
  return (await deps.bitbucket.get(scope, uuid, deps.signal)).runner === undefined;
}

/** Since when, by Bitbucket's clock; where its reply tells no time, the annotation waits for one that does. */
async function noteUnregistered(pass: ScopePass, runner: Runner): Promise<CleanUpOutcome> {
  const { bitbucket, cluster, signal } = pass.deps;
  if (runner.job === undefined) return "kept";
  const { runner: remote, serverTime } = await bitbucket.get(pass.scope, runner.uuid, signal);
  if (remote !== undefined || serverTime === undefined) return disagreed(pass, runner);
  const annotations = { [UNREGISTERED_ANNOTATION]: new Date(serverTime).toISOString() };
  const noted = await cluster.patchJobMetadata(runner.job, { annotations }, signal);
  return noted === "conflict" || noted === "absent" ? lostSwap(pass, runner) : "advanced";
}

async function removeLoneJob(pass: ScopePass, runner: Runner): Promise<CleanUpOutcome> {
  const { deps } = pass;
  const { job, drain, uuid, lasting } = runner;
  if (job === undefined) return "kept";
  const { runner: remote, serverTime } = await deps.bitbucket.get(pass.scope, uuid, deps.signal);
  if (remote !== undefined) return disagreed(pass, runner);
  // The cluster last: a registration that is gone never comes back, while an agent may have started.
  const { agents, pods } = await lookAtCluster(deps, uuid, job);
  const goneMs = Math.max(
    lasting.unregistered,
    agoMs(Date.parse(job.annotations[UNREGISTERED_ANNOTATION] ?? ""), serverTime),
  );
  const runsNone = agents.unaccounted === 0 && areAgentsStopped(pods);
  if (drain?.state !== "condemned" && !runsNone && goneMs < LONGEST_STEP_MS) return disagreed(pass, runner);
  await removeJob(deps, job, uuid);
  const proof: RemovalProof = { kind: "registration-gone" };
  tellStep(pass, runner, { kind: "removed", cause: drain?.cause ?? "registration-gone", proof });
  return "removed";
}

/** A Secret of ours that nothing belongs to any more: its Job and its registration are asked for once more, by name. */
export async function removeOwnerlessSecret(pass: ScopePass, secret: SecretRecord): Promise<CleanUpOutcome> {
  const { cluster, emit, signal } = pass.deps;
  const uuid = uuidOfSecret(secret);
  if (uuid === undefined) return "kept";
  if ((await cluster.job(secret.namespace, jobName(uuid), signal)) !== undefined) return "kept";
  if (!(await isUnregistered(pass, bracedUuid(uuid)))) return "kept";
  if ((await cluster.deleteSecret(secret, signal)) !== "deleted") return "kept";
  emit({ type: "secret-removed", scope: scopeName(pass.scope), secret: `${secret.namespace}/${secret.name}` });
  return "removed";
}

/** By its label where it has one, and by its name; undefined for one that is called otherwise than a runner's Secret. */
function uuidOfSecret({ name, labels }: SecretRecord): string | undefined {
  const uuid = labels[RUNNER_UUID_LABEL] ?? name.slice(secretName("").length);
  return uuid !== "" && name === secretName(uuid) ? uuid : undefined;
}

function disagreed(pass: ScopePass, runner: Runner): CleanUpOutcome {
  tellStep(pass, runner, { kind: "kept", instead: "clean-up", why: "last-look-disagreed" });
  return "kept";
}

function lostSwap(pass: ScopePass, runner: Runner): CleanUpOutcome {
  tellStep(pass, runner, { kind: "kept", instead: "clean-up", why: "swap-conflict" });
  return "kept";
}
