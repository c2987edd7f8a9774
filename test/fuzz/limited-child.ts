import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Input, Outcome } from "./messages.ts";

/** What a parser may use. */
export interface Limits {
  readonly heapMegabytes: number;
  readonly timeMs: number;
}

/** A process that reads inputs within limits of time and memory; a new one after each that it did not survive. */
export class LimitedChild {
  readonly #limits: Limits;
  #child: ChildProcess | undefined;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** How the parser takes it. */
  async read(input: Input): Promise<Outcome> {
    const child = this.#child ?? (await this.#started());
    const timeout = AbortSignal.timeout(this.#limits.timeMs);
    child.send(input);
    const { died, outcome } = await replyOf(child, timeout);
    if (died) {
      child.kill("SIGKILL");
      this.#child = undefined;
    }
    return outcome;
  }

  close(): void {
    this.#child?.kill("SIGKILL");
    this.#child = undefined;
  }

  async #started(): Promise<ChildProcess> {
    const child = fork(fileURLToPath(new URL("child.ts", import.meta.url)), {
      execArgv: [`--max-old-space-size=${this.#limits.heapMegabytes}`, "--import", "tsx"],
      // Node tells at length how it ran out of memory; that it did is enough.
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      serialization: "advanced",
    });
    this.#child = child;
    await once(child, "message");
    return child;
  }
}

interface Reply {
  readonly died: boolean;
  readonly outcome: Outcome;
}

async function replyOf(child: ChildProcess, timeout: AbortSignal): Promise<Reply> {
  const ended = new AbortController();
  const signal = AbortSignal.any([timeout, ended.signal]);
  const message = once(child, "message", { signal }).then(
    ([outcome]): Reply => ({ died: false, outcome: outcome as Outcome }),
  );
  const exit = once(child, "exit", { signal }).then(
    ([code, name]): Reply => ({ died: true, outcome: { fault: `its process ended: ${String(name ?? code)}` } }),
  );
  const tooLate = (error: unknown): Reply => {
    if (!timeout.aborted) throw error;
    return { died: true, outcome: { fault: "it took too long" } };
  };
  // The one that comes second is of no interest any more.
  for (const each of [message, exit]) each.catch(() => undefined);
  try {
    return await Promise.race([message, exit]).catch(tooLate);
  } finally {
    ended.abort();
  }
}
