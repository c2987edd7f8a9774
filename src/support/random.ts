import { BASE32_ALPHABET } from "./base32.ts";

/** Randomness as a parameter: a seed makes a run repeatable. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
}

/** The machine's own randomness. */
export function systemRandom(): Random {
  return { next: () => Math.random() };
}

/** The same seed gives the same numbers (mulberry32: 32 bits of state, good enough for schedules and names in tests). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = state;
      t = Math.imul(t ^ (t >>> 15), t | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    },
  };
}

/** A number drawn evenly from a range. */
export function randomBetween(random: Random, [from, to]: readonly [from: number, to: number]): number {
  return from + random.next() * (to - from);
}

/** `length` characters of lower-case base32 (RFC 4648: without the digits that look like letters). */
export function randomName(random: Random, length: number): string {
  let name = "";
  for (let i = 0; i < length; i += 1) name += BASE32_ALPHABET[Math.floor(random.next() * BASE32_ALPHABET.length)];
  return name;
}
