import type { Drain, DrainCause } from "../domain/drain.ts";
import type { KeptReason, RemovalProof, RunnerAct } from "../domain/events.ts";
import type { RemoteRunner } from "../domain/remote-runner.ts";
import type { Runner } from "../domain/runner.ts";
import { removeRunner } from "../reconcile/remove.ts";
import { swapDrain } from "../reconcile/swap-drain.ts";
import { isDisabled } from "../runners/phase.ts";
import { type DrainStep, isDrained } from "../scaling/drain-step.ts";
import { type GroupPass, tellStep } from "./group-pass.ts";

/** The outcome of a step; "kept": the runner is as it was, since somebody else was faster or the last look disagreed. */
export type Outcome = "done" | "removed" | "kept";

/**
 * Begins a drain: our annotation on the Job first, so that a runner which we disabled is never mistaken for one that somebody else did;
 * then one more look, so that a runner which somebody disabled, or which took a step, since it was listed is left alone; then the disable.
 */
export async function beginDrain(pass: GroupPass, runner: Runner, cause: DrainCause): Promise<Outcome> {
  const { deps, scope } = pass;
  const { clock, bitbucket, signal } = deps;
  if (runner.job === undefined) return "kept";
  const job = await swapDrain(deps, runner.job, { state: "draining", cause, since: clock.now() });
  if (job === undefined) return keep(pass, runner, "drain", "swap-conflict");
  tellStep(pass, runner, { kind: "drain-begun", cause });

  const { runner: now } = await bitbucket.get(scope, runner.uuid, signal);
  if (now === undefined || isDisabled(now) || now.busy === "busy") {
    await swapDrain(deps, job, undefined);
    return keep(pass, runner, "drain", "last-look-disagreed");
  }
  await bitbucket.disable(scope, now, signal);
  tellStep(pass, runner, { kind: "disabled", cause });
  return "done";
}

/** Brings a draining runner back: our annotation first, then Bitbucket; the annotation goes once a read shows it enabled. */
export async function undrain(pass: GroupPass, runner: Runner): Promise<Outcome> {
  const { deps, scope } = pass;
  const { job, remote, drain } = runner;
  if (job === undefined || remote === undefined || drain?.state !== "draining") return "kept";
  const enabling: Drain = { state: "enabling", cause: drain.cause, since: deps.clock.now() };
  if ((await swapDrain(deps, job, enabling)) === undefined) return keep(pass, runner, "undrain", "swap-conflict");
  await deps.bitbucket.enable(scope, remote, deps.signal);
  tellStep(pass, runner, { kind: "undrained", proof: "needed again" });
  return "done";
}

/** Carries out one step of the drain protocol. */
export async function takeDrainStep(
  pass: GroupPass,
  runner: Runner,
  step: Exclude<DrainStep, "wait">,
): Promise<Outcome> {
  const { deps, scope, listing } = pass;
  const { bitbucket, clock, signal } = deps;
  const { job, remote, drain } = runner;
  if (job === undefined || drain === undefined) return "kept";

  switch (step) {
    case "disable":
      if (remote === undefined) return "kept";
      await bitbucket.disable(scope, remote, signal);
      tellStep(pass, runner, { kind: "disabled", cause: drain.cause });
      return "done";
    case "enable":
      if (remote === undefined) return "kept";
      await bitbucket.enable(scope, remote, signal);
      tellStep(pass, runner, { kind: "undrained", proof: "needed again" });
      return "done";
    case "note-disabled": {
      const { flavour } = listing;
      const noted = await swapDrain(deps, job, { ...drain, disabledSeenAt: clock.now(), flavour });
      if (noted === undefined) return keep(pass, runner, "drain", "swap-conflict");
      tellStep(pass, runner, { kind: "seen-disabled", flavour });
      return "done";
    }
    case "settle":
      if ((await swapDrain(deps, job, undefined)) === undefined) return keep(pass, runner, "undrain", "swap-conflict");
      tellStep(pass, runner, { kind: "back-in-service", proof: "seen enabled" });
      return "done";
    case "release":
      return release(pass, runner);
    case "condemn": {
      const condemned: Drain = { ...drain, state: "condemned", since: clock.now() };
      const swapped = await swapDrain(deps, job, condemned);
      if (swapped === undefined) return keep(pass, runner, "condemn", "swap-conflict");
      if (remote !== undefined)
        tellStep(pass, runner, {
          kind: "condemned",
          cause: drain.cause,
          proof: proofOf(drain, remote, listing.begunAt),
        });
      return removeCondemned(pass, { ...runner, job: swapped, drain: condemned });
    }
    case "remove":
      return removeCondemned(pass, runner);
  }
}

/**
 * One more read, then the end. If that read disagrees: somebody enabled the runner, and our annotation goes; else back to draining, whose
 * proof starts over.
 */
async function removeCondemned(pass: GroupPass, runner: Runner): Promise<Outcome> {
  const { deps, scope } = pass;
  const { uuid, job, drain } = runner;
  if (job === undefined || drain === undefined) return "kept";
  let isEnabled = false;
  let proof: RemovalProof = { kind: "registration-gone" };
  const removal = await removeRunner(deps, { scope, uuid, job }, (last) => {
    if (last.runner === undefined) return false;
    isEnabled = !isDisabled(last.runner);
    proof = proofOf(drain, last.runner, last.begunAt);
    return isDrained(drain, last.runner, last.begunAt, last.flavour);
  });
  switch (removal) {
    case "removed":
      tellStep(pass, runner, { kind: "removed", cause: drain.cause, proof });
      return "removed";
    case "not-yet":
      return keep(pass, runner, "remove", "registration-still-there");
    case "disagreed": {
      const restarted: Drain = { state: "draining", cause: drain.cause, since: deps.clock.now() };
      await swapDrain(deps, job, isEnabled ? undefined : restarted);
      return keep(pass, runner, "remove", "last-look-disagreed");
    }
  }
}

/**
 * Somebody enabled a runner that we drain: a direct read decides, since a listing may be old, and an annotation taken off wrongly would
 * leave it held for good.
 */
async function release(pass: GroupPass, runner: Runner): Promise<Outcome> {
  const { deps, scope } = pass;
  if (runner.job === undefined) return "kept";
  const reading = await deps.bitbucket.get(scope, runner.uuid, deps.signal);
  if (reading.runner === undefined || isDisabled(reading.runner))
    return keep(pass, runner, "release", "last-look-disagreed");
  if ((await swapDrain(deps, runner.job, undefined)) === undefined)
    return keep(pass, runner, "release", "swap-conflict");
  tellStep(pass, runner, { kind: "released", proof: "enabled by somebody" });
  return "done";
}

function proofOf(drain: Drain, { busy }: RemoteRunner, readBegunAt: number): RemovalProof {
  return { kind: "drained", disabledMs: readBegunAt - (drain.disabledSeenAt ?? readBegunAt), busy };
}

function keep(pass: GroupPass, runner: Runner, instead: RunnerAct, why: KeptReason): Outcome {
  tellStep(pass, runner, { kind: "kept", instead, why });
  return "kept";
}
