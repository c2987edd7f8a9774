import type { Decision } from "../domain/decision.ts";
import type { RunnerListing } from "../domain/remote-runner.ts";
import { ATTEMPT_SETTLES_MS } from "../domain/times.ts";
import type { BackOff } from "../support/back-off.ts";

/**
 * The little that a group's passes remember between them. Losing it (a restart) costs time, never safety: the next listing shows
 * what a lost reply left behind.
 */
export class GroupMemory {
  /** Registration attempts whose reply was lost, by name. */
  readonly #unresolved = new Map<string, number>();
  /** Waits out failing creations. */
  readonly backOff: BackOff;
  /** The namespace was seen to exist. */
  namespaceReady = false;
  /** What was decided last, to tell changes from repetitions. */
  decision: Decision | undefined;

  constructor(backOff: BackOff) {
    this.backOff = backOff;
  }

  get unresolved(): number {
    return this.#unresolved.size;
  }

  /** A reply was lost for the attempt of that name. @param sentAt world time */
  lost(name: string, sentAt: number): void {
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
