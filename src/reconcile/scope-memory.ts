import type { ReadTime } from "../domain/lasting.ts";
import { LATE_MS } from "../domain/times.ts";
import { Sightings } from "./sightings.ts";
import { Spans } from "./spans.ts";

/** The little that a process keeps of a scope between its passes. Losing it (a restart) costs time, never safety. */
export class ScopeMemory {
  readonly sightings = new Sightings();
  /** Runners to which this process sent a disable that Bitbucket has not answered: it may still arrive. */
  readonly openDisables = new Set<string>();
  /** When Bitbucket answered the last disable that this process sent to a runner, by the monotonic clock. */
  readonly answeredDisables = new Map<string, number>();
  /** The ledger's runners that are on neither plane. */
  readonly gone = new Spans();
  readonly #empty = new Spans();

  /** Notes whether nothing of ours is in the scope. @returns whether that has been so for as long as a request of ours may be late */
  isLongEmpty(isEmpty: boolean, took: ReadTime): boolean {
    return this.#empty.see(isEmpty ? ["scope"] : [], took)("scope") >= LATE_MS;
  }
}
