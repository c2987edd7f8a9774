import { spawn } from "node:child_process";
import { once } from "node:events";

/** A program that ran to its end. */
export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Gets SIGINT, as by Ctrl-C, as soon as its output holds this. */
  readonly interruptAt?: string;
}

/** Runs a program with an environment of its own and waits for its end. */
export async function runProgram(
  [program, ...args]: readonly [program: string, ...args: string[]],
  { folder, env = {}, interruptAt }: RunOptions,
): Promise<Ran> {
  const child = spawn(program, args, { cwd: folder, env: { ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let err = "";
  let interrupted = false;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
    if (interruptAt === undefined || interrupted || !out.includes(interruptAt)) return;
    interrupted = true;
    child.kill("SIGINT");
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, out, err };
}
