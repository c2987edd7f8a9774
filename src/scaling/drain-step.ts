import type { Drain } from "../domain/drain.ts";
import { isDrainProven } from "../domain/drain.ts";
import type { Flavour, RemoteRunner } from "../domain/remote-runner.ts";
import type { Runner } from "../domain/runner.ts";
import { AGENT_POLL_MS, LONGEST_STEP_MS } from "../domain/times.ts";
import { isDisabled } from "../runners/phase.ts";
import { hasOneHealthyPod } from "../runners/pods.ts";

/** What to do next about a runner that we drain. */
export type DrainStep =
  /** Send (again) what makes it take no further step. */
  | "disable"
  /** It is seen disabled for the first time (by this flavour): note when. */
  | "note-disabled"
  /** Nothing is proven yet. */
  | "wait"
  /** Proven: swap draining for condemned, then remove. */
  | "condemn"
  /** Condemned: look once more, then remove. */
  | "remove"
  /** Somebody enabled it: look once more, then take our annotation off. */
  | "release"
  /** Needed again, not yet seen enabled: send it (again). */
  | "enable"
  /** Seen enabled: take our annotation off. */
  | "settle";

/**
 * The next step of the drain protocol, or undefined when the annotation is not the drain's.
 *
 * @param read when the listing that `runner` comes from was begun (milliseconds since the epoch), and its flavour.
 */
export function drainStep(
  runner: Runner,
  read: { readonly begunAt: number; readonly flavour: Flavour },
): DrainStep | undefined {
  const { drain, remote } = runner;
  if (drain === undefined || runner.ownership !== "ours" || !isDrainProven(drain.cause)) return undefined;
  if (drain.state === "condemned") return "remove";
  if (remote === undefined || read.begunAt <= drain.since) return "wait";
  if (drain.state === "enabling") return isDisabled(remote) ? "enable" : "settle";

  if (!isDisabled(remote)) return drain.disabledSeenAt === undefined ? "disable" : "release";
  if (drain.disabledSeenAt === undefined || drain.flavour !== read.flavour) return "note-disabled";
  return isDrained(drain, remote, read.begunAt, read.flavour) && hasOneHealthyPod(runner.pods) ? "condemn" : "wait";
}

/**
 * Whether a read proves that no step runs and none can come: disabled since at least one poll of the agent, by the same flavour of API,
 * and not busy; or, where busy is not reported, disabled for longer than any step may run.
 */
export function isDrained(drain: Drain, remote: RemoteRunner, readBegunAt: number, flavour: Flavour): boolean {
  if (!isDisabled(remote) || drain.disabledSeenAt === undefined || drain.flavour !== flavour) return false;
  const disabledMs = readBegunAt - drain.disabledSeenAt;
  switch (remote.busy) {
    case "busy":
      return false;
    case "idle":
      return disabledMs >= AGENT_POLL_MS;
    case "unknown":
      return disabledMs >= LONGEST_STEP_MS;
  }
}
