import { spellings } from "./spellings.ts";

/** Shorter texts are ordinary words: masking them would make every line unreadable and hide nothing. */
const SHORTEST_SECRET = 4;

/** A part of a text, from `start` to before `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds known secrets anywhere in a text. Every spelling is filed under its last four characters, so one pass over the text with one
 * look-up a character finds them all, however many are known.
 */
export class SecretIndex {
  /** Oldest first. */
  readonly #spellingsOf = new Map<string, readonly string[]>();
  readonly #byEnding = new Map<number, string[]>();
  readonly #capacity: number;

  /** Beyond `capacity` secrets the oldest is forgotten. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(secret: string): void {
    if (secret.length < SHORTEST_SECRET) return;
    const known = this.#spellingsOf.get(secret);
    if (known !== undefined) {
      this.#spellingsOf.delete(secret);
      this.#spellingsOf.set(secret, known);
      return;
    }
    const added = spellings(secret);
    this.#spellingsOf.set(secret, added);
    for (const spelling of added) this.#file(spelling);
    for (const oldest of this.#spellingsOf.keys()) {
      if (this.#spellingsOf.size <= this.#capacity) break;
      this.#forget(oldest);
    }
  }

  /** Where known secrets stand in the text, in no order; they may overlap. */
  find(text: string): Span[] {
    const found: Span[] = [];
    if (this.#byEnding.size === 0) return found;
    let window = 0;
    for (let i = 0; i < text.length; i += 1) {
      window = slide(window, text.charCodeAt(i));
      for (const spelling of this.#byEnding.get(window) ?? []) {
        const start = i + 1 - spelling.length;
        if (start >= 0 && text.startsWith(spelling, start)) found.push({ start, end: i + 1 });
      }
    }
    return found;
  }

  #file(spelling: string): void {
    const key = ending(spelling);
    const filed = this.#byEnding.get(key);
    if (filed === undefined) this.#byEnding.set(key, [spelling]);
    else filed.push(spelling);
  }

  #forget(secret: string): void {
    for (const spelling of this.#spellingsOf.get(secret) ?? []) {
      const key = ending(spelling);
      const filed = this.#byEnding.get(key) ?? [];
      // One only: another secret may have the same spelling.
      filed.splice(filed.indexOf(spelling), 1);
      if (filed.length === 0) this.#byEnding.delete(key);
    }
    this.#spellingsOf.delete(secret);
  }
}

/** The last four characters as one 32-bit number; what other alphabets lose here, the comparison that follows makes good. */
function slide(window: number, charCode: number): number {
  return (window << 8) | (charCode & 0xff);
}

function ending(spelling: string): number {
  let window = 0;
  for (let i = Math.max(0, spelling.length - SHORTEST_SECRET); i < spelling.length; i += 1) {
    window = slide(window, spelling.charCodeAt(i));
  }
  return window;
}
