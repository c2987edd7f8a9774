import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

/** How a program that was asked to stop ended. */
export interface Ended {
  readonly code: number | null;
  /** Real time from the asking to the end. */
  readonly afterMs: number;
}

/** A program that runs beside a test, with an environment of its own; what it says can be waited for. It never outlives the test. */
export class Background {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  readonly #kill = () => void this.#child.kill("SIGKILL");
  #output = "";

  constructor(
    name: string,
    [program, ...args]: readonly [program: string, ...args: string[]],
    options: { readonly folder: string; readonly env: Readonly<Record<string, string>> },
  ) {
    this.#name = name;
    const env = { ...options.env };
    this.#child = spawn(program, args, { cwd: options.folder, env, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
      });
    }
    this.#closed = once(this.#child, "close");
    process.once("exit", this.#kill);
  }

  /** Everything that it said, on both streams. */
  get output(): string {
    return this.#output;
  }

  /** Waits until it has said something. @throws {Error} with its last words when it has not in time, or ended before. */
  async said(pattern: RegExp, withinMs = 30_000): Promise<RegExpMatchArray> {
    for (const end = performance.now() + withinMs; ; await sleep(50)) {
      const found = pattern.exec(this.#output);
      if (found !== null) return found;
      if (this.#child.exitCode !== null || this.#child.signalCode !== null || performance.now() > end) {
        const how = this.#child.exitCode ?? this.#child.signalCode ?? "still runs";
        const lastWords = this.#output.split("\n").slice(-15).join("\n");
        throw new Error(`${this.#name} (${how}) did not say ${String(pattern)}:\n${lastWords}`);
      }
    }
  }

  /** SIGTERM, as a pod gets it; a program that has ended already tells its own exit code. */
  async stop(): Promise<Ended> {
    const askedAt = performance.now();
    this.#child.kill("SIGTERM");
    await this.#closed;
    process.removeListener("exit", this.#kill);
    return { code: this.#child.exitCode, afterMs: performance.now() - askedAt };
  }
}
