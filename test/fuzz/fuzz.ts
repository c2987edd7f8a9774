import { seededRandom } from "../../src/support/random.ts";
import { inputFor } from "./inputs.ts";
import type { LimitedChild } from "./limited-child.ts";
import { type FuzzedParser, PARSERS } from "./parsers.ts";

/** An input that a parser does not take as it should. */
export interface Find {
  readonly parser: string;
  readonly round: number;
  readonly text: string;
  readonly fault: string;
}

/** The parser and the input of a round: the same for the same seed. */
export function roundOf(seed: number, round: number): { readonly parser: FuzzedParser; readonly text: string } {
  const parser = PARSERS[round % PARSERS.length];
  if (parser === undefined) throw new Error("no parsers");
  return { parser, text: inputFor(parser, seededRandom(seed * 1_000_003 + round)) };
}

/** Plays one round. */
export async function play(child: LimitedChild, seed: number, round: number): Promise<Find | undefined> {
  const { parser, text } = roundOf(seed, round);
  const { fault } = await child.read({ parser: parser.name, text });
  return fault === undefined ? undefined : { parser: parser.name, round, text, fault };
}

/** A smaller input with which the parser fails, too: pieces are left out while it does. Tries at most some dozen times. */
export async function smaller(child: LimitedChild, { parser, text }: Find): Promise<string> {
  let smallest = text;
  let tries = 40;
  for (let piece = Math.ceil(text.length / 2); piece >= 1 && tries > 0; piece = Math.floor(piece / 2)) {
    for (let at = 0; at < smallest.length && tries > 0; tries -= 1) {
      const less = smallest.slice(0, at) + smallest.slice(at + piece);
      if ((await child.read({ parser, text: less })).fault === undefined) at += piece;
      else smallest = less;
    }
  }
  return smallest;
}
