import type { Random } from "../../support/random.ts";

/** What API servers append to `generateName`: no vowels, no digits that look like letters. */
const SUFFIX_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
const SUFFIX_LENGTH = 5;
const LONGEST_GENERATED_NAME = 63;

/** A version 4 UUID. */
export function newUid(random: Random): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random.next() * 16).toString(16));
  hex[12] = "4";
  hex[16] = (8 + Math.floor(random.next() * 4)).toString(16);
  const text = hex.join("");
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join("-");
}

/** A name from `generateName`: the prefix, shortened to what fits, and five characters. */
export function generatedName(prefix: string, random: Random): string {
  let suffix = "";
  for (let i = 0; i < SUFFIX_LENGTH; i += 1) {
    suffix += SUFFIX_ALPHABET.charAt(Math.floor(random.next() * SUFFIX_ALPHABET.length));
  }
  return prefix.slice(0, LONGEST_GENERATED_NAME - SUFFIX_LENGTH) + suffix;
}
