/** Where something is in a text: both counted from 1, as editors do. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** The lines of a text, to turn offsets into places that a person finds. A line ends with `\n`. */
export class Lines {
  readonly #text: string;
  readonly #starts: readonly number[];

  constructor(text: string) {
    this.#text = text;
    const starts = [0];
    for (let feed = text.indexOf("\n"); feed >= 0; feed = text.indexOf("\n", feed + 1)) starts.push(feed + 1);
    this.#starts = starts;
  }

  /** The place of an offset; of the text's end for one beyond it. */
  placeOf(offset: number): Place {
    const within = Math.min(offset, this.#text.length);
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= within) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: within - (this.#starts[low] ?? 0) + 1 };
  }

  /** A line's text, without its end; empty for a line that does not exist. */
  line(line: number): string {
    const start = this.#starts[line - 1] ?? this.#text.length;
    const next = this.#starts[line];
    return this.#text.slice(start, next === undefined ? undefined : next - 1);
  }
}
