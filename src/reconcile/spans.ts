import type { ReadTime } from "../domain/lasting.ts";

/** Since when things have been so, as one process has seen them: a look that does not show one makes it start over. */
export class Spans {
  readonly #since = new Map<string, number>();

  /** @param keys of what is so now. @returns for how long it has certainly been so of one; 0 for others */
  see(keys: readonly string[], { begunAt, endedAt }: ReadTime): (key: string) => number {
    const now = new Set(keys);
    for (const key of this.#since.keys()) if (!now.has(key)) this.#since.delete(key);
    for (const key of now) if (!this.#since.has(key)) this.#since.set(key, endedAt);
    return (key) => Math.max(0, begunAt - (this.#since.get(key) ?? begunAt));
  }
}
