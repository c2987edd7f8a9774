import { isDrainProven } from "../domain/drain.ts";
import type { RunnerListing } from "../domain/remote-runner.ts";
import type { Runner } from "../domain/runner.ts";
import { isDisabled } from "../runners/phase.ts";
import { isDrained } from "./drain-proof.ts";

/** What to do next about a runner that we drain. */
export type DrainStep =
  /** It is seen disabled for the first time (by this flavour): note when. */
  | "note-disabled"
  /** A step is shown on it although it is disabled: note that, since its end must be seen now. */
  | "note-step"
  /** That step is not shown any more: note since when. */
  | "note-idle"
  /** Nothing is proven yet. */
  | "wait"
  /** Proven: swap draining for condemned, then remove. */
  | "condemn"
  /** Condemned: look once more, then remove. */
  | "remove"
  /** It is not disabled: nobody knows whether our request was lost or somebody enabled it. Look once more, then take our annotation off. */
  | "release"
  /** It is disabled, and no disable of ours was ever about to be sent: somebody was faster than us. Take our annotation off: it is held. */
  | "yield"
  /** A disable of ours arrived after its drain had ended: bring it back. */
  | "bring-back"
  /** Needed again, not yet seen enabled: look once more, then send it (again). */
  | "enable"
  /** Seen enabled: take our annotation off. */
  | "settle";

/**
 * The next step of the drain protocol, or undefined when the runner is not on its way out, or on the clean-up's.
 *
 * @param read the listing that `runner` comes from; it was begun after the runner's Job had been read
 */
export function drainStep(runner: Runner, read: Pick<RunnerListing, "serverTime" | "flavour">): DrainStep | undefined {
  const { drain, remote } = runner;
  if (runner.ownership !== "ours") return undefined;
  if (drain === undefined) return runner.phase === "draining" && runner.job !== undefined ? "bring-back" : undefined;
  if (!isDrainProven(drain.cause)) return undefined;
  if (drain.state === "condemned") return "remove";
  if (remote === undefined) return "wait";
  if (drain.state === "enabling") return isDisabled(remote) ? "enable" : "settle";

  if (!isDisabled(remote)) return "release";
  if (drain.disabledSeen === undefined && !runner.isDisableOurs && drain.cause !== "adopted-disabled") return "yield";
  if (drain.disabledSeen?.flavour !== read.flavour) return "note-disabled";
  if (remote.busy === "busy") return drain.stepShown && drain.idleSeen === undefined ? "wait" : "note-step";
  if (drain.stepShown && drain.idleSeen === undefined) return "note-idle";
  return isDrained(runner, drain, { ...read, runner: remote }) ? "condemn" : "wait";
}
