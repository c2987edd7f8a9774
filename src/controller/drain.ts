import { agoMs } from "../domain/bitbucket-time.ts";
import type { Drain, DrainCause, Seen } from "../domain/drain.ts";
import type { KeptReason, RemovalProof, RunnerAct } from "../domain/events.ts";
import type { RemoteRunner, RunnerReading } from "../domain/remote-runner.ts";
import type { Agents, Runner } from "../domain/runner.ts";
import { LOOK_MS } from "../domain/times.ts";
import { disableUntilSeen, forgetDisable, lookBeforeDisable } from "../reconcile/ledger-notes.ts";
import { lookAtCluster } from "../reconcile/look-at-cluster.ts";
import { notAfter, removeRunner } from "../reconcile/remove.ts";
import { releaseDrain, swapDrain } from "../reconcile/swap-drain.ts";
import { isDisabled } from "../runners/phase.ts";
import { isDrained } from "../scaling/drain-proof.ts";
import type { DrainStep } from "../scaling/drain-step.ts";
import { type GroupPass, tellStep } from "./group-pass.ts";

/** The outcome of a step; "kept": the runner is as it was, since somebody else was faster or the last look disagreed. */
export type Outcome = "done" | "removed" | "kept";

/**
 * Begins a drain: our annotation on the Job, so that a runner which we disabled is never mistaken for one that somebody else did.
 *
 * @returns the runner as it is then; undefined when it is kept
 */
export async function markDraining(pass: GroupPass, runner: Runner, cause: DrainCause): Promise<Runner | undefined> {
  const { deps } = pass;
  const drain: Drain = { state: "draining", cause, since: deps.clock.now() };
  const job = runner.job && (await swapDrain(deps, runner.job, drain));
  if (job === undefined) {
    keep(pass, runner, "drain", "swap-conflict");
    return undefined;
  }
  tellStep(pass, runner, { kind: "drain-begun", cause });
  return { ...runner, job, drain };
}

/**
 * The ledger has been told. One more look, so that a runner which somebody disabled, or which took a step, since it was listed is left alone; then the disable, and a read
 * of what came of it, from which the wait for the proof is counted.
 */
export async function disable(pass: GroupPass, runner: Runner): Promise<Outcome> {
  const { deps, scope, memory, listing } = pass;
  const where = { scope, memory, serverTime: listing.serverTime };
  const { uuid, job, drain } = runner;
  if (job === undefined || drain === undefined) return "kept";
  let look = await lookBeforeDisable(deps, where, uuid, () => deps.bitbucket.get(scope, uuid, deps.signal));
  if (look.runner === undefined || isDisabled(look.runner) || look.runner.busy === "busy") {
    await forgetDisable(deps, where, uuid);
    await swapDrain(deps, job, undefined);
    return keep(pass, runner, "drain", "last-look-disagreed");
  }
  look = await disableUntilSeen(deps, where, look, () =>
    tellStep(pass, runner, { kind: "disabled", cause: drain.cause }),
  );
  if (look.runner === undefined || !isDisabled(look.runner)) return "done";
  return noteDisabled(pass, runner, look);
}

/** Brings a draining runner back: our annotation first, then Bitbucket; the annotation goes once a read shows it enabled. */
export async function undrain(pass: GroupPass, runner: Runner): Promise<Outcome> {
  const { deps } = pass;
  const { job, drain } = runner;
  if (job === undefined) return "kept";
  const cause = drain?.cause ?? "surplus";
  const enabling: Drain = { state: "enabling", cause, since: deps.clock.now() };
  const swapped = await swapDrain(deps, job, enabling);
  if (swapped === undefined) return keep(pass, runner, "undrain", "swap-conflict");
  return enable(pass, { ...runner, job: swapped, drain: enabling });
}

/** One more look, then the enable: whoever takes the runner out of service by hand while it is enabled is not overruled. */
async function enable(pass: GroupPass, runner: Runner): Promise<Outcome> {
  const { deps, scope } = pass;
  const look = await deps.bitbucket.get(scope, runner.uuid, deps.signal);
  if (look.runner === undefined || !isDisabled(look.runner))
    return keep(pass, runner, "undrain", "last-look-disagreed");
  await deps.bitbucket.enable(scope, look.runner, notAfter(look), deps.signal);
  tellStep(pass, runner, { kind: "undrained", proof: "needed again" });
  return "done";
}

/** Carries out one step of the drain protocol. */
export async function takeDrainStep(
  pass: GroupPass,
  runner: Runner,
  step: Exclude<DrainStep, "wait">,
): Promise<Outcome> {
  const { deps, listing } = pass;
  const { job, drain } = runner;
  if (step === "bring-back") return undrain(pass, runner);
  if (job === undefined || drain === undefined) return "kept";

  switch (step) {
    case "enable":
      return enable(pass, runner);
    case "note-disabled":
      return noteDisabled(pass, runner, listing);
    case "note-step":
      return note(pass, runner, { ...withoutIdle(drain), stepShown: true });
    case "note-idle":
      return note(pass, runner, { ...drain, idleSeen: seenIn(listing) });
    case "settle":
      if ((await swapDrain(deps, job, undefined)) === undefined) return keep(pass, runner, "undrain", "swap-conflict");
      tellStep(pass, runner, { kind: "back-in-service", proof: "seen enabled" });
      return "done";
    case "release":
      return release(pass, runner);
    case "yield":
      await swapDrain(deps, job, undefined);
      return keep(pass, runner, "drain", "last-look-disagreed");
    case "condemn": {
      const condemned: Drain = { ...drain, state: "condemned", since: deps.clock.now() };
      const swapped = await swapDrain(deps, job, condemned);
      if (swapped === undefined) return keep(pass, runner, "condemn", "swap-conflict");
      if (runner.remote !== undefined)
        tellStep(pass, runner, {
          kind: "condemned",
          cause: drain.cause,
          proof: proofOf(drain, runner.remote, listing.serverTime),
        });
      return removeCondemned(pass, { ...runner, job: swapped, drain: condemned });
    }
    case "remove":
      return removeCondemned(pass, runner);
  }
}

async function noteDisabled(
  pass: GroupPass,
  runner: Runner,
  read: Pick<RunnerReading, "flavour" | "serverTime">,
): Promise<Outcome> {
  if (runner.drain === undefined) return "kept";
  const outcome = await note(pass, runner, { ...runner.drain, disabledSeen: seenIn(read) });
  if (outcome === "done") tellStep(pass, runner, { kind: "seen-disabled", flavour: read.flavour });
  return outcome;
}

async function note(pass: GroupPass, runner: Runner, drain: Drain): Promise<Outcome> {
  if (runner.job === undefined) return "kept";
  const noted = await swapDrain(pass.deps, runner.job, drain);
  return noted === undefined ? keep(pass, runner, "drain", "swap-conflict") : "done";
}

function withoutIdle({ idleSeen: _, ...drain }: Drain): Drain {
  return drain;
}

function seenIn({ flavour, serverTime }: Pick<RunnerReading, "flavour" | "serverTime">): Seen {
  return { flavour, ...(serverTime !== undefined && { serverTime }) };
}

/**
 * One more look, then the end. If Bitbucket disagrees: somebody enabled the runner, and our annotation goes; else back to draining, whose proof
 * starts over.
 */
async function removeCondemned(pass: GroupPass, runner: Runner): Promise<Outcome> {
  const { deps, scope } = pass;
  const { uuid, job, drain, lasting } = runner;
  if (job === undefined || drain === undefined) return "kept";
  let last: RunnerReading | undefined;
  let agents: Agents | undefined;
  let proof: RemovalProof = { kind: "registration-gone" };
  const removal = await removeRunner(
    deps,
    { scope, uuid, job },
    {
      cluster: async () => {
        agents = await agentsNow(pass, runner);
        return agents !== undefined;
      },
      bitbucket: (reading) => {
        last = reading;
        if (reading.runner === undefined || agents === undefined) return false;
        proof = proofOf(drain, reading.runner, reading.serverTime);
        return isDrained({ agents, lasting }, drain, { ...reading, runner: reading.runner });
      },
    },
  );
  switch (removal) {
    case "removed":
      tellStep(pass, runner, { kind: "removed", cause: drain.cause, proof });
      return "removed";
    case "not-yet":
      return keep(pass, runner, "remove", "registration-still-there");
    case "disagreed":
      await startOver(pass, { ...runner, job, drain }, last);
      return keep(pass, runner, "remove", "last-look-disagreed");
  }
}

/** The agents as of now: as this pass read them when that is not long ago. Undefined when its Job was replaced by another one. */
async function agentsNow({ deps, reading }: GroupPass, { uuid, job, agents }: Runner): Promise<Agents | undefined> {
  if (job === undefined || deps.clock.monotonic() - reading.took.begunAt <= LOOK_MS) return agents;
  const look = await lookAtCluster(deps, uuid, job);
  return look.isReplaced ? undefined : look.agents;
}

async function startOver(
  { deps, memory }: GroupPass,
  { uuid, job, drain }: Runner & { readonly job: NonNullable<Runner["job"]>; readonly drain: Drain },
  last: RunnerReading | undefined,
): Promise<void> {
  const shown = last?.runner;
  const isEnabled = shown !== undefined && !isDisabled(shown);
  const stepShown = drain.stepShown === true || shown?.busy === "busy";
  const restarted: Drain = {
    state: "draining",
    cause: drain.cause,
    since: deps.clock.now(),
    ...(stepShown && { stepShown }),
  };
  if (isEnabled) {
    memory.sightings.noteFreed(uuid, deps.clock.monotonic());
    await releaseDrain(deps, job, last);
  } else await swapDrain(deps, job, restarted);
}

/**
 * Somebody enabled a runner that we drain: a direct read decides, since a listing may be old. It stays in service for a cool-down at least; should
 * that read have been old, too, the ledger still explains why the runner is disabled.
 */
async function release(pass: GroupPass, runner: Runner): Promise<Outcome> {
  const { deps, scope, memory } = pass;
  if (runner.job === undefined) return "kept";
  const reading = await deps.bitbucket.get(scope, runner.uuid, deps.signal);
  if (reading.runner === undefined || isDisabled(reading.runner))
    return keep(pass, runner, "release", "last-look-disagreed");
  memory.sightings.noteFreed(runner.uuid, deps.clock.monotonic());
  await forgetDisable(deps, { scope, memory }, runner.uuid);
  if ((await releaseDrain(deps, runner.job, reading)) === undefined)
    return keep(pass, runner, "release", "swap-conflict");
  tellStep(pass, runner, { kind: "released", proof: "enabled by somebody" });
  return "done";
}

function proofOf(drain: Drain, { busy }: RemoteRunner, serverTime: number | undefined): RemovalProof {
  return { kind: "drained", disabledMs: agoMs(drain.disabledSeen?.serverTime, serverTime), busy };
}

function keep(pass: GroupPass, runner: Runner, instead: RunnerAct, why: KeptReason): Outcome {
  tellStep(pass, runner, { kind: "kept", instead, why });
  return "kept";
}
