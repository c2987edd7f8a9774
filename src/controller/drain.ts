import type { Drain, DrainCause } from "../domain/drain.ts";
import type { RunnerListing } from "../domain/remote-runner.ts";
import type { Runner } from "../domain/runner.ts";
import type { Scope } from "../domain/scope.ts";
import type { Worlds } from "../reconcile/dependencies.ts";
import { removeRunner } from "../reconcile/remove.ts";
import { swapDrain } from "../reconcile/swap-drain.ts";
import { isDisabled } from "../runners/phase.ts";
import { type DrainStep, isDrained } from "../scaling/drain-step.ts";

/** Where a group's runners are, for the steps below. */
export interface Ground {
  readonly worlds: Worlds;
  readonly scope: Scope;
  /** The listing that the runners come from. */
  readonly listing: Pick<RunnerListing, "begunAt" | "flavour">;
}

/** What a step came to; "lost" means that somebody else changed the Job first: the next pass looks again. */
export type Outcome = "done" | "removed" | "lost" | "kept";

/**
 * Begins a drain: our word on the Job first, so that a disabled runner is never mistaken for one that a human holds; then one more look,
 * so that a runner which a human disabled, or which took a step, since it was listed is left alone; then the disable.
 */
export async function beginDrain(
  { worlds, scope }: Ground,
  runner: Runner,
  cause: DrainCause,
  signal: AbortSignal,
): Promise<Outcome> {
  if (runner.job === undefined) return "lost";
  const job = await swapDrain(worlds, runner.job, { state: "draining", cause, since: worlds.clock.now() }, signal);
  if (job === undefined) return "lost";
  const { runner: now } = await worlds.bitbucket.get(scope, runner.uuid, signal);
  if (now === undefined || isDisabled(now) || now.busy === "busy") {
    await swapDrain(worlds, job, undefined, signal);
    return "kept";
  }
  await worlds.bitbucket.disable(scope, now, signal);
  return "done";
}

/** Brings a draining runner back: our word first, then Bitbucket; the mark goes once a read shows it enabled. */
export async function undrain({ worlds, scope }: Ground, runner: Runner, signal: AbortSignal): Promise<Outcome> {
  if (runner.job === undefined || runner.remote === undefined || runner.drain?.state !== "draining") return "lost";
  const mark: Drain = { state: "enabling", cause: runner.drain.cause, since: worlds.clock.now() };
  if ((await swapDrain(worlds, runner.job, mark, signal)) === undefined) return "lost";
  await worlds.bitbucket.enable(scope, runner.remote, signal);
  return "done";
}

/** Carries out one step of the drain protocol. */
export async function takeDrainStep(
  ground: Ground,
  runner: Runner,
  step: Exclude<DrainStep, "wait">,
  signal: AbortSignal,
): Promise<Outcome> {
  const { worlds, scope, listing } = ground;
  const { job, remote, drain } = runner;
  if (job === undefined || drain === undefined) return "lost";
  const swap = async (mark: Drain | undefined): Promise<Outcome> =>
    (await swapDrain(worlds, job, mark, signal)) === undefined ? "lost" : "done";

  switch (step) {
    case "disable":
      if (remote !== undefined) await worlds.bitbucket.disable(scope, remote, signal);
      return "done";
    case "enable":
      if (remote !== undefined) await worlds.bitbucket.enable(scope, remote, signal);
      return "done";
    case "note-disabled":
      return swap({ ...drain, disabledSeenAt: worlds.clock.now(), flavour: listing.flavour });
    case "settle":
      return swap(undefined);
    case "release":
      return release(ground, runner, signal);
    case "condemn": {
      const condemned: Drain = { ...drain, state: "condemned", since: worlds.clock.now() };
      const swapped = await swapDrain(worlds, job, condemned, signal);
      return swapped === undefined
        ? "lost"
        : removeCondemned(ground, { ...runner, job: swapped, drain: condemned }, signal);
    }
    case "remove":
      return removeCondemned(ground, runner, signal);
  }
}

/**
 * One more read, then the end. If that read disagrees: somebody enabled the runner, and our mark goes; else back to draining, whose proof begins
 * anew.
 */
async function removeCondemned({ worlds, scope }: Ground, runner: Runner, signal: AbortSignal): Promise<Outcome> {
  const { job, drain } = runner;
  if (job === undefined || drain === undefined) return "lost";
  let isEnabled = false;
  const removal = await removeRunner(
    worlds,
    scope,
    runner.uuid,
    job,
    (last) => {
      isEnabled = last.runner !== undefined && !isDisabled(last.runner);
      return last.runner !== undefined && isDrained(drain, last.runner, last.begunAt, last.flavour);
    },
    signal,
  );
  if (removal !== "disagreed") return removal === "removed" ? "removed" : "kept";
  const anew: Drain = { state: "draining", cause: drain.cause, since: worlds.clock.now() };
  await swapDrain(worlds, job, isEnabled ? undefined : anew, signal);
  return "kept";
}

/** Somebody enabled a runner that we drain: a direct read decides, since a listing may be old, and a mark taken off wrongly would leave it held for good. */
async function release({ worlds, scope }: Ground, runner: Runner, signal: AbortSignal): Promise<Outcome> {
  if (runner.job === undefined) return "lost";
  const reading = await worlds.bitbucket.get(scope, runner.uuid, signal);
  if (reading.runner === undefined || isDisabled(reading.runner)) return "kept";
  return (await swapDrain(worlds, runner.job, undefined, signal)) === undefined ? "lost" : "done";
}
