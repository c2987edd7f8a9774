import { inspect } from "node:util";

/**
 * A value that must not be seen. Printing, joining, serialising or inspecting it gives `[redacted]`;
 * only {@link Secret.reveal} gives the text, and only authenticating requests and the runner's Secret object call it.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return "[redacted]";
  }

  toJSON(): string {
    return "[redacted]";
  }

  [inspect.custom](): string {
    return "[redacted]";
  }
}
