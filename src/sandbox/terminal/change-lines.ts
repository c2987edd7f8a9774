import { clockText } from "./time-text.ts";

/** Writes a line, with the world's time before it, whenever there is something new to say. */
export class ChangeLines {
  readonly #out: (text: string) => void;
  readonly #troubles = new Set<string>();
  #last = "";

  constructor(out: (text: string) => void) {
    this.#out = out;
  }

  /** @param now world time. */
  show(now: number, line: string, troubles: readonly string[] = []): void {
    if (line !== this.#last) this.say(now, line);
    this.#last = line;
    for (const trouble of troubles) {
      if (!this.#troubles.has(trouble)) this.say(now, `trouble: ${trouble}`);
      this.#troubles.add(trouble);
    }
  }

  /** Control characters do not get through. */
  say(now: number, text: string): void {
    this.#out(`${clockText(now)} ${text.replace(/\p{Cc}/gu, " ")}\n`);
  }
}
