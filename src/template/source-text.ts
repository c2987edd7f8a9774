/** Where something stands in the template: counted from 1, as editors do. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** The template as Jinja reads it: every kind of line end is one `\n`, and one line end at the very end is dropped. Offsets count from here. */
export class SourceText {
  readonly text: string;
  readonly #lineStarts: readonly number[];

  constructor(raw: string) {
    this.text = raw.replace(/\r\n?/g, "\n").replace(/\n$/, "");
    this.#lineStarts = [0, ...[...this.text.matchAll(/\n/g)].map((match) => match.index + 1)];
  }

  /** The place of an offset. */
  placeOf(offset: number): Place {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#lineStarts[low] ?? 0) + 1 };
  }

  /** The text of a line, without its end. */
  line(line: number): string {
    const start = this.#lineStarts[line - 1] ?? this.text.length;
    const next = this.#lineStarts[line];
    return this.text.slice(start, next === undefined ? undefined : next - 1);
  }
}
