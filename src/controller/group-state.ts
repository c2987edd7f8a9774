import type { Decision, Limit } from "../domain/decision.ts";
import type { RunnerListing } from "../domain/remote-runner.ts";
import type { Runner } from "../domain/runner.ts";
import { ATTEMPT_SETTLES_MS, LEFTOVER_AGE_MS } from "../domain/times.ts";
import { BackOff } from "../support/back-off.ts";
import type { Clock } from "../support/clock.ts";
import type { Random } from "../support/random.ts";

/** The longest wait between creations that keep failing. */
const LONGEST_BACK_OFF_MS = 300_000;
/** Before the next try when a runner was given up without ever having come up, and the longest such wait. */
const FIRST_START_WAIT_MS = 60_000;
const LONGEST_START_WAIT_MS = 3_600_000;

/**
 * The little that a group's passes keep between them. Losing it (a restart) costs time, never safety: the next listing shows what a lost
 * reply left behind.
 */
export class GroupState {
  /** Registration attempts whose reply was lost, by name: when each was sent, and how many listings have lacked it that had to show it. */
  readonly #unresolved = new Map<string, { readonly sentAt: number; lackedBy: number }>();
  /** Runners that have waited long for their first contact, by uuid. */
  readonly #slowStarters = new Set<string>();
  /** Waits out failing creations. */
  readonly backOff: BackOff;
  /** Waits ever longer while runners are made that never come up. */
  readonly #starts: BackOff;
  /** The namespace was seen to exist. */
  namespaceReady = false;
  /** What was decided last, to tell changes from repetitions. */
  decision: Decision | undefined;
  /** What held the group back in the last pass. */
  limits: readonly Limit[] = [];

  constructor(clock: Clock, random: Random) {
    this.backOff = new BackOff(clock, random, LONGEST_BACK_OFF_MS);
    this.#starts = new BackOff(clock, random, LONGEST_START_WAIT_MS);
  }

  /** Before that, by the monotonic clock, no creation is tried. */
  get creationRetryAt(): number {
    return Math.max(this.backOff.until, this.#starts.until);
  }

  /**
   * Notes which runners are slow to come up. One of them that goes without having been ONLINE costs the next one a longer wait: whatever keeps
   * it from coming up would keep the next one, too.
   */
  noteStarts(runners: readonly Runner[]): void {
    const starting = new Map(runners.map((runner) => [runner.uuid, runner]));
    for (const uuid of this.#slowStarters) {
      const runner = starting.get(uuid);
      if (runner !== undefined && runner.phase !== "condemned") continue;
      this.#slowStarters.delete(uuid);
      this.#starts.fail(FIRST_START_WAIT_MS);
    }
    for (const { uuid, phase, remote, lasting } of runners) {
      if (remote?.connected) {
        this.#slowStarters.delete(uuid);
        if (phase === "idle" || phase === "busy") this.#starts.succeed();
      } else if (phase === "starting" && lasting.registered >= LEFTOVER_AGE_MS) this.#slowStarters.add(uuid);
    }
  }

  /** How many attempts nobody knows the outcome of. */
  get unresolved(): number {
    return this.#unresolved.size;
  }

  /** The reply to the attempt of that name was lost. @param sentAt by this process's monotonic clock */
  leaveUnresolved(name: string, sentAt: number): void {
    this.#unresolved.set(name, { sentAt, lackedBy: 0 });
  }

  /**
   * Settles attempts: those that the listing shows exist; those that two listings in a row lack, although they were begun late enough, do not.
   * One listing alone may have missed it.
   */
  settle(listing: Pick<RunnerListing, "runners" | "begunAt">): void {
    const names = new Set(listing.runners.map((runner) => runner.name));
    for (const [name, attempt] of this.#unresolved) {
      if (names.has(name)) this.#unresolved.delete(name);
      else if (listing.begunAt >= attempt.sentAt + ATTEMPT_SETTLES_MS) attempt.lackedBy += 1;
      if (attempt.lackedBy > 1) this.#unresolved.delete(name);
    }
  }
}
