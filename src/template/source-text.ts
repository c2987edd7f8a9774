import { Lines } from "../support/lines.ts";

/** The template as Jinja reads it: every kind of line end is one `\n`, and one line end at the very end is dropped. Offsets count from here. */
export class SourceText extends Lines {
  readonly text: string;

  constructor(raw: string) {
    const text = raw.replace(/\r\n?/g, "\n").replace(/\n$/, "");
    super(text);
    this.text = text;
  }
}
