/** A text with its percent codes resolved, and where each of its characters came from. */
export interface Decoded {
  readonly text: string;
  /** For each character, and for the end, its position in the original text. */
  readonly origin: ArrayLike<number>;
}

/**
 * Resolves a text's percent codes once, whichever characters are encoded: browsers, forms and `encodeURIComponent` all differ.
 * Undefined when there are none.
 */
export function percentDecoded(text: string): Decoded | undefined {
  const codes = /(?:%[0-9a-f]{2})+/gi;
  let decoded = "";
  const origin: number[] = [];
  let done = 0;
  for (let run = codes.exec(text); run !== null; run = codes.exec(text)) {
    for (let i = done; i < run.index; i += 1) origin.push(i);
    decoded += text.slice(done, run.index);
    let at = run.index;
    for (const character of charactersOf(run[0])) {
      for (let i = 0; i < character.text.length; i += 1) origin.push(at);
      decoded += character.text;
      at += 3 * character.bytes;
    }
    done = codes.lastIndex;
  }
  if (done === 0) return undefined;
  for (let i = done; i <= text.length; i += 1) origin.push(i);
  return { text: decoded + text.slice(done), origin };
}

/** What a run of codes spells in UTF-8, or byte by byte when it spells nothing there. */
function charactersOf(run: string): { readonly text: string; readonly bytes: number }[] {
  const bytes = Buffer.from(run.replaceAll("%", ""), "hex");
  const text = bytes.toString("utf8");
  if (text.includes("\ufffd")) return [...bytes].map((byte) => ({ text: String.fromCharCode(byte), bytes: 1 }));
  return [...text].map((character) => ({ text: character, bytes: Buffer.byteLength(character) }));
}
