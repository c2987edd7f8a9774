import { clockText } from "./text.ts";

/** Writes a line, with the simulated time before it, whenever there is something new to say. */
export class ChangeLines {
  readonly #out: (text: string) => void;
  readonly #problems = new Set<string>();
  #last = "";

  constructor(out: (text: string) => void) {
    this.#out = out;
  }

  /** @param now simulated time. */
  show(now: number, line: string, problems: readonly string[] = []): void {
    if (line !== this.#last) this.say(now, line);
    this.#last = line;
    for (const problem of problems) {
      if (!this.#problems.has(problem)) this.say(now, `problem: ${problem}`);
      this.#problems.add(problem);
    }
  }

  /** Control characters do not get through. */
  say(now: number, text: string): void {
    this.#out(`${clockText(now)} ${text.replace(/\p{Cc}/gu, " ")}\n`);
  }
}
