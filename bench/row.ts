/** One line of the table. */
export interface Row {
  readonly what: string;
  /** What was measured of the original, or said about it. */
  readonly original: string;
  readonly target: string;
  readonly measured: string;
  /** "no target": shown for orientation. */
  readonly verdict: Verdict;
  /** What the line was made from; units are in the names. */
  readonly figures: Readonly<Record<string, number | readonly number[]>>;
}

type Verdict = "reached" | "MISSED" | "no target";

/** One part of the benchmark. */
export interface Measurement {
  /** What `--only` calls it. */
  readonly name: string;
  /** In a few words, for people who wait. */
  readonly about: string;
  /** @throws {Error} when what is to be measured does not happen at all. */
  measure(): Promise<readonly Row[]>;
}

/** Whether a figure keeps to its target. */
export function verdict(isReached: boolean): Verdict {
  return isReached ? "reached" : "MISSED";
}
