import { LATE_MS } from "../domain/times.ts";
import { Sightings } from "./sightings.ts";

/** The little that a process keeps of a scope between its passes. Losing it (a restart) costs time, never safety. */
export class ScopeMemory {
  readonly sightings = new Sightings();
  /** Runners to which this process sent a disable that Bitbucket has not answered: it may still arrive. */
  readonly openDisables = new Set<string>();
  /** When Bitbucket answered the last disable that this process sent to a runner, by the monotonic clock. */
  readonly answeredDisables = new Map<string, number>();
  /** Since when the ledger's runners have been on neither plane, by the monotonic clock. */
  readonly goneSince = new Map<string, number>();
  /** Since when nothing of ours has been in the scope, by the monotonic clock; undefined while something is. */
  #emptySince: number | undefined;

  /** Notes whether nothing of ours is in the scope. @returns whether that has been so for as long as a request of ours may be late */
  isLongEmpty(isEmpty: boolean, at: number): boolean {
    this.#emptySince = isEmpty ? (this.#emptySince ?? at) : undefined;
    return this.#emptySince !== undefined && at - this.#emptySince >= LATE_MS;
  }
}
