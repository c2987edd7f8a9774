import type { Decision, Limit } from "../domain/decision.ts";
import type { RunnerListing } from "../domain/remote-runner.ts";
import { ATTEMPT_SETTLES_MS } from "../domain/times.ts";
import { BackOff } from "../support/back-off.ts";
import type { Clock } from "../support/clock.ts";
import type { Random } from "../support/random.ts";

/** The longest wait between creations that keep failing. */
const LONGEST_BACK_OFF_MS = 300_000;

/**
 * The little that a group's passes keep between them. Losing it (a restart) costs time, never safety: the next listing shows what a lost
 * reply left behind.
 */
export class GroupState {
  /** When each registration attempt whose reply was lost was sent, by its name. */
  readonly #unresolved = new Map<string, number>();
  /** Waits out failing creations. */
  readonly backOff: BackOff;
  /** The namespace was seen to exist. */
  namespaceReady = false;
  /** What was decided last, to tell changes from repetitions. */
  decision: Decision | undefined;
  /** What held the group back in the last pass. */
  limits: readonly Limit[] = [];

  constructor(clock: Clock, random: Random) {
    this.backOff = new BackOff(clock, random, LONGEST_BACK_OFF_MS);
  }

  /** How many attempts nobody knows the outcome of. */
  get unresolved(): number {
    return this.#unresolved.size;
  }

  /** The reply to the attempt of that name was lost. @param sentAt by this process's clock */
  leaveUnresolved(name: string, sentAt: number): void {
    this.#unresolved.set(name, sentAt);
  }

  /** Settles attempts: those that the listing shows exist, those that it lacks although it was begun late enough do not. */
  settle(listing: RunnerListing): void {
    const names = new Set(listing.runners.map((runner) => runner.name));
    for (const [name, sentAt] of this.#unresolved) {
      if (names.has(name) || listing.begunAt >= sentAt + ATTEMPT_SETTLES_MS) this.#unresolved.delete(name);
    }
  }
}
