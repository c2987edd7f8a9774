import type { Variables } from "../variables.ts";
import { compile } from "./compile.ts";
import { run } from "./run.ts";
import type { Piece, TextPiece } from "./scan.ts";

/** Characters for private use, which no manifest holds. */
const MARK = { open: "\uE000", close: "\uE001" };

interface Origin {
  /** Where a stretch of the template's own text begins in the text that was made. */
  readonly made: number;
  /** Where it stands in the template, and how long it is. */
  readonly at: number;
  readonly length: number;
}

/**
 * Tells for each place in the text that a template makes where it came from. The template is run once more with a mark in front of each
 * line of its own text; what stands between (a variable's value) is put to the text before it. Only done when there is a problem to show.
 */
export function originsOf(pieces: readonly Piece[], variables: Variables): (offset: number) => number | undefined {
  const origins = runMarked(pieces, variables);
  return (offset) => {
    const origin = origins.findLast(({ made }) => made <= offset);
    return origin === undefined ? undefined : origin.at + Math.min(offset - origin.made, origin.length);
  };
}

function runMarked(pieces: readonly Piece[], variables: Variables): readonly Origin[] {
  const program = compile(pieces.map((piece) => (piece.kind === "text" ? marked(piece) : piece)));
  if ("problems" in program) return [];
  const origins: Origin[] = [];
  let made = 0;
  const [before = "", ...stretches] = run(program, variables).split(MARK.open);
  made += before.length;
  for (const stretch of stretches) {
    const [mark = "", text = ""] = stretch.split(MARK.close);
    const [at = 0, length = 0] = mark.split(":").map(Number);
    origins.push({ made, at, length });
    made += text.length;
  }
  return origins;
}

function marked(piece: TextPiece): TextPiece {
  let at = piece.at;
  const lines = piece.text.split(/(?<=\n)/).map((line) => {
    const length = line.replace(/\n$/, "").length;
    const shown = `${MARK.open}${at}:${length}${MARK.close}${line}`;
    at += line.length;
    return shown;
  });
  return { ...piece, text: lines.join("") };
}
