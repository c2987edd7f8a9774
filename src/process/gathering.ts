import { UsageError, UsageErrors } from "../support/errors.ts";

/** Lets several things be read one after the other, each of which may be wrong, and tells at the end all that is. */
export class Gathering {
  readonly #wrong: UsageError[] = [];

  /** What was read; undefined when it is wrong. */
  async take<T>(read: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this.#wrong.push(...(error instanceof UsageErrors ? error.errors : [error]));
      return undefined;
    }
  }

  get isEmpty(): boolean {
    return this.#wrong.length === 0;
  }

  /** @throws {UsageError} when something was wrong: with all of it. */
  end(): void {
    const [first, ...others] = this.#wrong;
    if (first !== undefined) throw others.length === 0 ? first : new UsageErrors(this.#wrong);
  }
}
