import { undiciSend } from "../../http/undici.ts";
import type { Clock } from "../../support/clock.ts";
import type { Random } from "../../support/random.ts";
import type { LogLine } from "../snapshot.ts";
import { type ChildEnd, type Death, runChild } from "./child.ts";
import { type ProcessState, readProcessState } from "./process-state.ts";

/** One of the program's processes. */
export interface ProcessSpec {
  readonly name: "controller" | "cleaner";
  readonly command: readonly [program: string, ...args: string[]];
  readonly logPath: string;
  /** Where its own HTTP server is. */
  readonly url: string;
}

const LOOK_EVERY_MS = 250;
const LOOK_TIMEOUT_MS = 2_000;
const LOG_LINES_KEPT = 100;

/** Controller and cleaner as processes of their own: kept running, listened to, asked for their state. */
export class Processes {
  readonly deaths: Death[] = [];
  readonly #log: LogLine[] = [];
  readonly #states = new Map<string, ProcessState>();
  readonly #stopping = new AbortController();
  readonly #runs: readonly Promise<{ readonly name: string; readonly end: ChildEnd }>[];
  readonly #looking: Promise<void>;

  constructor(
    specs: readonly ProcessSpec[],
    deps: {
      readonly env: Readonly<Record<string, string>>;
      readonly wall: Clock;
      /** Simulated time. */
      readonly clock: Clock;
      readonly random: Random;
    },
  ) {
    const { env, wall, clock, random } = deps;
    this.#runs = specs.map(async ({ name, command, logPath }) => {
      const onLine = (text: string) => this.#hear({ at: clock.now(), process: name, text });
      const onDeath = (death: Death) => this.deaths.push(death);
      const child = { name, command, env, logPath, wall, random, onLine, onDeath };
      return { name, end: await runChild(child, this.#stopping.signal) };
    });
    this.#looking = this.#look(specs, wall);
  }

  /** What they said last, oldest first. */
  get log(): readonly LogLine[] {
    return this.#log;
  }

  /** What a process said of itself last; undefined before it first did. */
  state(name: ProcessSpec["name"]): ProcessState | undefined {
    return this.#states.get(name);
  }

  /** Ends them as a Deployment would. */
  async stop(): Promise<readonly { readonly name: string; readonly end: ChildEnd }[]> {
    this.#stopping.abort();
    await this.#looking;
    return Promise.all(this.#runs);
  }

  #hear(line: LogLine): void {
    this.#log.push(line);
    if (this.#log.length > LOG_LINES_KEPT) this.#log.shift();
  }

  async #look(specs: readonly ProcessSpec[], wall: Clock): Promise<void> {
    const { signal } = this.#stopping;
    const http = undiciSend({
      connectTimeoutMs: LOOK_TIMEOUT_MS,
      headersTimeoutMs: LOOK_TIMEOUT_MS,
      bodyTimeoutMs: LOOK_TIMEOUT_MS,
      connections: 1,
    });
    while (!signal.aborted) {
      await Promise.all(
        specs.map(async ({ name, url }) => {
          const state = await readProcessState(http.send, url, signal);
          if (state !== undefined) this.#states.set(name, state);
        }),
      );
      await wall.pause(LOOK_EVERY_MS, signal);
    }
    await http.close();
  }
}
