import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import type { Io } from "../../src/cli/io.ts";
import { run } from "../../src/cli/program.ts";

/** What one call of the program came to. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

interface RunOptions {
  readonly env?: Io["env"];
  /** Sees the output as it grows; what it returns true for ends the command, as SIGTERM would. */
  readonly stopWhen?: (out: string) => boolean;
}

/** Runs the program's command line in this process, with an environment of its own, until it ends. */
export async function runCommand(args: readonly string[], { env = {}, stopWhen }: RunOptions = {}): Promise<Ran> {
  const stop = new AbortController();
  let out = "";
  let err = "";
  const io: Io = {
    env,
    out: (text) => {
      out += text;
      if (stopWhen?.(out)) stop.abort(new Error("received SIGTERM"));
    },
    err: (text) => {
      err += text;
    },
    isTerminal: false,
    signal: stop.signal,
    self: ["node", "runners-autoscaler.js"],
    exitCode: 0,
  };
  await run(io, args);
  // Only who asks for details gets where in the program an error arose.
  if (env.DEBUG !== "true" && env.LOG_LEVEL !== "debug") expect(out + err).not.toMatch(STACK_TRACE);
  return { code: io.exitCode, out, err };
}

/** As Node prints it, in a line of its own or escaped in a log line. */
const STACK_TRACE = /(?:^|\\n) +at .+[:(]/m;

/** A folder that the running test may write to. */
export interface Scratch {
  readonly folder: string;
  /** Writes a file, in a folder that is made if need be, and gives its path. */
  readonly write: (name: string, content: string | Uint8Array) => Promise<string>;
}

export async function scratchFolder(): Promise<Scratch> {
  const folder = await mkdtemp(join(tmpdir(), "cli-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return {
    folder,
    async write(name, content) {
      const path = join(folder, name);
      await mkdir(join(path, ".."), { recursive: true });
      await writeFile(path, content);
      return path;
    },
  };
}
