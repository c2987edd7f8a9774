const ESC = "\u001b[";
/** Another screen than the one with the shell's lines, and no cursor. */
const ENTER = `${ESC}?1049h${ESC}?25l${ESC}2J`;
const LEAVE = `${ESC}?25h${ESC}?1049l`;
/** Terminals that know these show a frame as a whole; others pass over them. */
const FRAME = [`${ESC}?2026h`, `${ESC}?2026l`] as const;
const HOME = `${ESC}H`;
const CLEAR_LINE_REST = `${ESC}K`;
const CLEAR_BELOW = `${ESC}J`;

/** A terminal's screen that is redrawn in place. `close` gives the shell's screen back. */
export class Screen {
  readonly #write: (text: string) => void;
  #open = false;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  show(lines: readonly string[]): void {
    if (!this.#open) this.#write(ENTER);
    this.#open = true;
    const [begin, end] = FRAME;
    this.#write(begin + HOME + lines.map((line) => line + CLEAR_LINE_REST).join("\r\n") + CLEAR_BELOW + end);
  }

  close(): void {
    if (this.#open) this.#write(LEAVE);
    this.#open = false;
  }
}
