import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, type WriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { BackOff } from "../../support/back-off.ts";
import type { Clock } from "../../support/clock.ts";
import type { Random } from "../../support/random.ts";

/** One process of the program beside the sandbox. */
export interface ChildOptions {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  /** All of its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Gets everything it says. */
  readonly logPath: string;
  /** Real time. */
  readonly wall: Clock;
  readonly random: Random;
  readonly onLine: (line: string) => void;
  /** It ended although nobody asked it to, and will be started again. */
  readonly onDeath: (death: Death) => void;
}

export interface Death {
  readonly name: string;
  /** Such as `exit code 1` or `SIGKILL`. */
  readonly how: string;
  readonly lastLines: readonly string[];
}

/** How a child ended last. */
export type ChildEnd = "cleanly" | "failed" | "too-late";

/** What a pod gets between SIGTERM and SIGKILL is more; the program promises this. */
const GRACE_MS = 10_000;
/** A terminal's Ctrl-C reaches parent and children at the same moment: only who is still wanted after this has died. */
const DOUBT_MS = 300;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
const LINES_KEPT = 12;

/**
 * Runs a process until `stopping` aborts, as a Deployment would: one that ends before is started again, after longer and longer pauses.
 * Then it gets SIGTERM, and SIGKILL 10 s later.
 */
export async function runChild(options: ChildOptions, stopping: AbortSignal): Promise<ChildEnd> {
  const log = createWriteStream(options.logPath);
  const pauses = new BackOff(options.wall, options.random, LONGEST_PAUSE_MS);
  try {
    for (;;) {
      const lastLines: string[] = [];
      const { how, tooLate } = await runOnce(options, log, lastLines, stopping);
      await options.wall.pause(DOUBT_MS, stopping);
      if (stopping.aborted) return tooLate ? "too-late" : how === undefined ? "cleanly" : "failed";
      options.onDeath({ name: options.name, how: how ?? "exit code 0", lastLines });
      await options.wall.pause(pauses.fail(FIRST_PAUSE_MS), stopping);
      if (stopping.aborted) return "failed";
    }
  } finally {
    await new Promise<void>((resolve) => log.end(resolve));
  }
}

/** `how` is undefined for exit code 0. */
async function runOnce(
  { command, env, wall, onLine }: ChildOptions,
  log: WriteStream,
  lastLines: string[],
  stopping: AbortSignal,
): Promise<{ readonly how: string | undefined; readonly tooLate: boolean }> {
  const [program, ...args] = command;
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new AbortController();
  const end = endOf(child).finally(() => ended.abort());
  const hear = (line: string) => {
    log.write(`${line}\n`);
    lastLines.push(line);
    if (lastLines.length > LINES_KEPT) lastLines.shift();
    onLine(line);
  };
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", hear);

  let tooLate = false;
  const stop = async () => {
    child.kill("SIGTERM");
    await wall.sleep(GRACE_MS, ended.signal);
    tooLate = true;
    child.kill("SIGKILL");
  };
  const onStop = () => void stop().catch(() => undefined);
  if (stopping.aborted) onStop();
  else stopping.addEventListener("abort", onStop, { once: true });
  try {
    return { how: await end, tooLate };
  } finally {
    stopping.removeEventListener("abort", onStop);
  }
}

/** Resolves once it has ended and all that it said was read. */
function endOf(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(`not started: ${error.message}`));
    child.once("close", (code, signal) => resolve(code === 0 ? undefined : (signal ?? `exit code ${code}`)));
  });
}
