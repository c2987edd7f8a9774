import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Programs that run beside a test. None of them outlives it: each is ended by its own process id and waited for. */
export class Children {
  readonly #folder: string;
  readonly #running: { readonly name: string; readonly process: ChildProcess; readonly ended: Promise<void> }[] = [];
  readonly #killAll = () => {
    for (const child of this.#running) child.process.kill("SIGKILL");
  };

  /** `folder`: where each program's output goes, as NAME.log. */
  constructor(folder: string) {
    this.#folder = folder;
    process.once("exit", this.#killAll);
  }

  start(name: string, path: string, args: readonly string[]): void {
    const log = openSync(join(this.#folder, `${name}.log`), "w");
    const child = spawn(path, args, { stdio: ["ignore", log, log], cwd: this.#folder, env: {} });
    closeSync(log);
    const ended = new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      child.once("error", () => resolve());
    });
    this.#running.push({ name, process: child, ended });
  }

  /** @throws {Error} with the last lines of its output, when a program has ended by itself. */
  assertAllRun(): void {
    for (const { name, process: child } of this.#running) {
      if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) continue;
      throw new Error(
        `${name} ended by itself (${child.exitCode ?? child.signalCode ?? "never started"}):\n${this.tail(name)}`,
      );
    }
  }

  /** The last lines of what a program said. */
  tail(name: string): string {
    return readFileSync(join(this.#folder, `${name}.log`), "utf8")
      .split("\n")
      .slice(-12)
      .join("\n");
  }

  /** Their state is thrown away, so nobody is asked to finish anything. */
  async stop(): Promise<void> {
    this.#killAll();
    await Promise.all(this.#running.map((child) => child.ended));
    process.removeListener("exit", this.#killAll);
  }
}
