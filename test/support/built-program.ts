import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The program as it is shipped, built anew for one test file, in a folder of its own. */
export interface BuiltProgram {
  /** How to start it. */
  readonly command: readonly [program: string, ...args: string[]];
  readonly folder: string;
  /** Removes the folder. */
  remove(): Promise<void>;
}

export async function buildProgram(): Promise<BuiltProgram> {
  const folder = await mkdtemp(join(tmpdir(), "sandbox-"));
  // Not .js: no package.json in that folder says what kind of module it is.
  const path = join(folder, "runners-autoscaler.mjs");
  await promisify(execFile)(process.execPath, [
    fileURLToPath(new URL("../../scripts/build.mjs", import.meta.url)),
    path,
  ]);
  return { command: [process.execPath, path], folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
