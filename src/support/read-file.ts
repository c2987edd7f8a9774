/** Reads a whole file; rejects as `node:fs/promises` does, with a `code` such as ENOENT. */
export type ReadFile = (path: string) => Promise<Uint8Array>;

/** The same, as UTF-8 text. */
export type ReadTextFile = (path: string) => Promise<string>;
