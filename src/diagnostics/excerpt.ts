/** Longest part of a file's line that is shown: somewhat more than a terminal's. */
const LONGEST = 160;
/** Of it, what stands before the place that it is shown for. */
const BEFORE = 60;

/** A part of a file's line around one place in it. */
export interface Excerpt {
  readonly text: string;
  /** Where the place is in this text, from 1. */
  readonly column: number;
}

/**
 * A line as it can be shown below a message: its part around the place, when it is long. A control character is shown by its picture, one
 * for one, so that columns stay what they are; tabs stay.
 */
export function excerptOf(line: string, column: number): Excerpt {
  if (line.length <= LONGEST) return { text: visible(line), column };
  const start = Math.max(0, Math.min(column - 1 - BEFORE, line.length - LONGEST));
  const end = start + LONGEST;
  const before = start > 0 ? "…" : "";
  return {
    text: before + visible(line.slice(start, end)) + (end < line.length ? "…" : ""),
    column: column - start + before.length,
  };
}

function visible(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    const code = character.charCodeAt(0);
    if (character === "\t") return character;
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : "\ufffd";
  });
}
