import type { Leftovers } from "../simulator/observer/leftovers.ts";

/** Something that is on one side only. */
export interface Leftover {
  readonly kind: "registration" | "job" | "secret";
  readonly name: string;
  /** Simulated time since when it is seen. */
  readonly since: number;
}

/**
 * How long a leftover may stand before it is an orphan: the three minutes and two passes that are promised, with the cleaner's five minutes
 * between passes. Simulated time.
 */
const PATIENCE_MS = 13 * 60_000;

/** Remembers since when each leftover is there: what is half-way at the moment of a look is no orphan. */
export class OrphanWatch {
  #standing: readonly Leftover[] = [];

  look(now: number, { registrations, jobs, secrets }: Leftovers): void {
    const seen = [
      ...registrations.map((name) => ({ kind: "registration", name }) as const),
      ...jobs.map((name) => ({ kind: "job", name }) as const),
      ...secrets.map((name) => ({ kind: "secret", name }) as const),
    ];
    this.#standing = seen.map(({ kind, name }) => ({
      kind,
      name,
      since: this.#standing.find((known) => known.kind === kind && known.name === name)?.since ?? now,
    }));
  }

  /** Those that should be gone. */
  orphans(now: number): readonly Leftover[] {
    return this.#standing.filter(({ since }) => now - since >= PATIENCE_MS);
  }

  /** Those that the program still has time for. */
  halfWay(now: number): readonly Leftover[] {
    return this.#standing.filter(({ since }) => now - since < PATIENCE_MS);
  }
}
