/** To the child: an input, in one piece. */
export interface Input {
  readonly parser: string;
  readonly text: string;
}

/** From the child. */
export interface Outcome {
  /** What is wrong with how the parser took the input; undefined when nothing is. */
  readonly fault: string | undefined;
  /** What was told first about it; undefined when nothing was. */
  readonly said?: string | undefined;
}

/** A line of log, and then some. */
export const LONGEST_LINE = 2_000;
/** All that is said of one input. */
export const MOST_TEXT = 1_000_000;
