import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { readText, type Send } from "../../src/http/transport.ts";
import { readProcessState } from "../../src/sandbox/processes/process-state.ts";

/** A decision, as the controller's own API tells it. */
export interface Decided {
  /** When it was made. */
  readonly at: number;
  readonly desired: number;
}

/** How to start a process of the program, and where it is to be asked. */
export interface ProgramOptions {
  readonly command: readonly [program: string, ...args: string[]];
  /** All of its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Of its own HTTP server. */
  readonly url: string;
  readonly send: Send;
}

const LINES_KEPT = 10;

/** One of the built program's processes. */
export class Program {
  readonly #child: ChildProcess;
  readonly #url: string;
  readonly #send: Send;
  readonly #ended: Promise<unknown>;
  readonly #said: string[] = [];
  #exit: string | undefined;

  constructor({ command, env, url, send }: ProgramOptions) {
    const [program, ...args] = command;
    this.#url = url;
    this.#send = send;
    const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    this.#ended = once(child, "close");
    child.once("close", (code, signal) => {
      this.#exit = signal ?? `exit code ${code}`;
    });
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on("line", (line) => this.#hear(line));
  }

  /** Whether it says that it does its work: it has passed once, among others. */
  async isReady(): Promise<boolean> {
    try {
      const reply = await this.#send({ method: "GET", url: `${this.#url}/readyz`, headers: {} });
      await readText(reply);
      return reply.status === 200;
    } catch {
      // It does not listen yet.
      return false;
    }
  }

  /** The decisions of passes that are over, for all groups; each group's in order. */
  async decisions(): Promise<readonly Decided[]> {
    const state = await readProcessState(this.#send, this.#url, new AbortController().signal);
    const groups = state?.groups ?? [];
    return groups.flatMap(({ decisions }) =>
      decisions.map(({ since, desired }) => ({ at: Date.parse(since), desired })).toReversed(),
    );
  }

  /** @throws {Error} when it has ended by itself. */
  checkAlive(): void {
    if (this.#exit === undefined) return;
    throw new Error(`the program ended by itself (${this.#exit}); its last lines:\n${this.#said.join("\n")}`);
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
  }
}
