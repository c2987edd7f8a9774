import { DEEPEST_RUN, LONGEST_LIST, LONGEST_TEXT, MOST_STEPS } from "./limits.ts";

/** Why a template cannot be evaluated. Its message quotes no value. */
export class EvaluationError extends Error {
  override readonly name = "EvaluationError";
  /** The offset of the innermost tag that was being evaluated. */
  at: number | undefined;
}

/** What one run of a template has used. Everything is counted before it is done, so that nothing beyond the limits is ever made. */
export class Meter {
  readonly #allowance: number;
  #steps = 0;
  #depth = 0;

  /** @param allowance how many times the limits of text and steps, for a run that does more than the template asks for */
  constructor(allowance = 1) {
    this.#allowance = allowance;
  }

  get steps(): number {
    return this.#steps;
  }

  /** Counts work. @throws {EvaluationError} when the run takes too long; so do the others below */
  spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > MOST_STEPS * this.#allowance)
      throw new EvaluationError("takes too long: a template is for one Secret and one Job");
  }

  /** Refuses a text that is about to become too long. */
  fits(length: number): void {
    if (length > LONGEST_TEXT * this.#allowance)
      throw new EvaluationError(`makes more than ${LONGEST_TEXT} characters`);
  }

  /** Counts a text that is about to be made or looked through. */
  text(length: number): void {
    this.fits(length);
    this.spend(length / 100);
  }

  /** Counts a list that is about to be made. */
  list(length: number): void {
    if (length > LONGEST_LIST) throw new EvaluationError(`makes a list of more than ${LONGEST_LIST} items`);
    this.spend(length);
  }

  /** Counts a search, which in the worst case compares each character of the text with each of the one that is looked for. */
  search(text: string, wanted: string): void {
    this.spend((text.length * Math.max(wanted.length, 10)) / 1_000);
  }

  /** Does something that may get here again. */
  within<T>(work: () => T): T {
    this.#depth += 1;
    if (this.#depth > DEEPEST_RUN) throw new EvaluationError("is nested too deeply");
    const result = work();
    this.#depth -= 1;
    return result;
  }
}
