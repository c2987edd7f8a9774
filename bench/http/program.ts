import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";

/** A line of the program's log in its JSON form. */
export interface LogLine {
  /** World time. */
  readonly at: number;
  readonly msg: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const LINES_KEPT = 10;

/** One of the built program's processes. */
export class Program {
  readonly lines: LogLine[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #said: string[] = [];
  #exit: string | undefined;

  constructor(command: readonly [program: string, ...args: string[]], env: Readonly<Record<string, string>>) {
    const [program, ...args] = command;
    const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    this.#ended = once(child, "close");
    child.once("close", (code, signal) => {
      this.#exit = signal ?? `exit code ${code}`;
    });
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on("line", (line) => this.#hear(line));
  }

  /** Decisions that were said, in order. */
  get decisions(): readonly LogLine[] {
    return this.lines.filter(({ msg }) => msg === "Decided");
  }

  /** @throws {Error} when it has ended by itself. */
  checkAlive(): void {
    if (this.#exit === undefined) return;
    throw new Error(`the program ended by itself (${this.#exit}); it said last:\n${this.#said.join("\n")}`);
  }

  /** Resident memory now, and the most that it ever was, as Linux counts it. */
  async memoryBytes(): Promise<{ readonly now: number; readonly peak: number }> {
    const status = await readFile(`/proc/${this.#child.pid}/status`, "utf8");
    const kibibytes = (name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? Number.NaN);
    return { now: kibibytes("VmRSS") * 1024, peak: kibibytes("VmHWM") * 1024 };
  }

  /** Ends it as a Deployment would. */
  async stop(): Promise<void> {
    if (this.#exit === undefined) this.#child.kill("SIGTERM");
    await this.#ended;
  }

  #hear(line: string): void {
    this.#said.push(line);
    if (this.#said.length > LINES_KEPT) this.#said.shift();
    if (!line.startsWith("{")) return;
    const { time, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
    this.lines.push({ at: Date.parse(String(time)), msg: String(msg), fields });
  }
}
