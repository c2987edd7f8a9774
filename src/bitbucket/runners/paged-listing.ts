import type { RunnerListing } from "../../domain/remote-runner.ts";
import { UnexpectedResponse } from "../errors.ts";

/** One reading of a listing. */
export interface PagedListing {
  readonly listing: RunnerListing;
  readonly pages: number;
  /** False: there are fewer different runners in it than its last page promised. */
  readonly addsUp: boolean;
  /** For messages. */
  readonly request: string;
}

/** Readings of one listing before it is given up until the next pass. */
const MOST_READINGS = 4;

/**
 * A listing that can be believed. What fits on one page was read at one moment. Several pages shift when a runner is registered or deleted
 * between them, and one that moved to a page that had been read is missed: they count only when two readings in a row show the same runners.
 * Of those the first one is taken, whose time is the earlier.
 *
 * @throws {UnexpectedResponse} when it changes faster than it can be read.
 */
export async function untilTwoAgree(read: () => Promise<PagedListing>): Promise<RunnerListing> {
  let before: PagedListing | undefined;
  let reading = await read();
  for (let readings = 1; readings < MOST_READINGS; readings += 1) {
    if (reading.pages === 1) return reading.listing;
    if (before?.addsUp && reading.addsUp && areSame(before.listing, reading.listing)) return before.listing;
    before = reading;
    reading = await read();
  }
  if (before?.addsUp && reading.addsUp && areSame(before.listing, reading.listing)) return before.listing;
  throw new UnexpectedResponse(reading.request, "its pages do not add up, it changed while it was read");
}

function areSame(a: RunnerListing, b: RunnerListing): boolean {
  const uuids = new Set(a.runners.map(({ uuid }) => uuid));
  return a.flavour === b.flavour && uuids.size === b.runners.length && b.runners.every(({ uuid }) => uuids.has(uuid));
}
