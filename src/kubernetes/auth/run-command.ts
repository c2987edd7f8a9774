import { execFile } from "node:child_process";

/** How a program ended, as far as that matters to who ran it. */
export type CommandOutcome =
  | { readonly kind: "ended"; readonly exitCode: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: "not-found" }
  | { readonly kind: "timed-out"; readonly afterMs: number };

/** Runs a program to its end. Never rejects for what the program does. */
export type RunCommand = (
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
) => Promise<CommandOutcome>;

/** Real time: longer than a cloud's command line needs to renew a login. */
const LONGEST_RUN_MS = 30_000;
const LARGEST_OUTPUT_BYTES = 1_048_576;

/** {@link RunCommand} on this machine: no shell, no input, at most half a minute. */
export const runOnThisMachine: RunCommand = (command, args, env) =>
  new Promise((resolve) => {
    const options = { env: { ...env }, timeout: LONGEST_RUN_MS, maxBuffer: LARGEST_OUTPUT_BYTES };
    const child = execFile(command, [...args], options, (error, stdout, stderr) => {
      if (error === null) return resolve({ kind: "ended", exitCode: 0, stdout, stderr });
      if (error.code === "ENOENT" || error.code === "EACCES") return resolve({ kind: "not-found" });
      if (error.killed === true && error.signal !== null)
        return resolve({ kind: "timed-out", afterMs: LONGEST_RUN_MS });
      resolve({ kind: "ended", exitCode: typeof error.code === "number" ? error.code : 1, stdout, stderr });
    });
    child.stdin?.end();
  });
