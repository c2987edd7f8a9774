import type { ProblemAt } from "../errors.ts";
import { type LocatedToken, tokenAt } from "./tokens.ts";

/**
 * A template in pieces. Text stands as it is printed, after the trimming of `-`; comments are gone. `variable` is `<% … %>`,
 * `block` is `{% … %}`. Offsets count in the scanned text.
 */
export type Piece = TextPiece | TagPiece;

export interface TextPiece {
  readonly kind: "text";
  readonly at: number;
  readonly text: string;
}

export interface TagPiece {
  readonly kind: "variable" | "block";
  readonly at: number;
  readonly end: number;
  readonly tokens: readonly LocatedToken[];
}

/** A template that cannot even be cut in pieces. */
export class ScanError extends Error {
  readonly problem: ProblemAt;

  constructor(problem: ProblemAt) {
    super(problem.message);
    this.problem = problem;
  }
}

const OPENING = /\{%|\{#|<%/g;
const RAW = /\{%([-+]?)\s*raw\s*(?:-%\}\s*|%\})/y;
const END_RAW = /\{%([-+]?)\s*endraw\s*(?:-%\}\s*|\+?%\})/g;
const COMMENT_END = /-#\}\s*|\+?#\}/g;
const TAG_END = { variable: /-%>\s*|%>/y, block: /-%\}\s*|\+?%\}/y };
const CLOSED_BY: ReadonlyMap<string, string> = new Map([
  ["(", ")"],
  ["[", "]"],
  ["{", "}"],
]);

/**
 * Cuts a template in pieces by Jinja's own rules with `<%` and `%>` for its variables: the first opening wins, a string or an open bracket
 * in a tag hides the tag's end, and everything else, `{{` too, is text. The engine's own tokenizer is not used: it has fixed
 * delimiters and tells no positions.
 *
 * @throws {ScanError}
 */
export function scan(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let position = 0;

  const addText = (from: number, to: number, trimmed: boolean) => {
    const raw = text.slice(from, to);
    const shown = trimmed ? raw.trimEnd() : raw;
    if (shown !== "") pieces.push({ kind: "text", at: from, text: shown });
  };

  while (position < text.length) {
    const opening = find(OPENING, text, position);
    if (opening === undefined) {
      addText(position, text.length, false);
      break;
    }
    const at = opening.index;
    const raw = find(RAW, text, at);
    const sign = raw?.[1] ?? text[at + 2];
    const inside = at + (sign === "-" || sign === "+" ? 3 : 2);
    addText(position, at, sign === "-");

    if (raw !== undefined) {
      const from = at + raw[0].length;
      const end = find(END_RAW, text, from);
      if (end === undefined) throw unclosed("{% raw %}", "{% endraw %}", at);
      addText(from, end.index, end[1] === "-");
      position = end.index + end[0].length;
    } else if (opening[0] === "{#") {
      const end = find(COMMENT_END, text, inside);
      if (end === undefined) throw unclosed("{#", "#}", at);
      position = end.index + end[0].length;
    } else {
      const piece = tag(text, opening[0] === "<%" ? "variable" : "block", at, inside);
      pieces.push(piece);
      position = piece.end;
    }
  }
  return pieces;
}

interface OpenBracket {
  readonly opening: string;
  readonly closing: string;
  readonly at: number;
}

function tag(text: string, kind: TagPiece["kind"], at: number, inside: number): TagPiece {
  const tokens: LocatedToken[] = [];
  const open: OpenBracket[] = [];
  let position = inside;
  while (position < text.length) {
    if (open.length === 0) {
      const end = find(TAG_END[kind], text, position);
      if (end !== undefined) return { kind, at, end: position + end[0].length, tokens };
    }
    const next = tokenAt(text, position);
    if (next === undefined) throw strangeCharacter(text, position, open.at(-1));
    if (next.token !== "space") {
      tokens.push(next.token);
      balance(open, next.token);
    }
    position = next.end;
  }
  const bracket = open.at(-1);
  if (bracket !== undefined) throw unclosed(bracket.opening, bracket.closing, bracket.at);
  throw kind === "variable" ? unclosed("<%", "%>", at) : unclosed("{%", "%}", at);
}

function balance(open: OpenBracket[], { type, value, at }: LocatedToken): void {
  if (type === "StringLiteral") return;
  const closing = CLOSED_BY.get(value);
  if (closing !== undefined) open.push({ opening: value, closing, at });
  else if (value === ")" || value === "]" || value === "}") {
    const bracket = open.pop();
    if (bracket === undefined)
      throw new ScanError({ message: `"${value}" closes a bracket that was never opened`, offset: at });
    if (bracket.closing !== value) throw unclosed(bracket.opening, bracket.closing, bracket.at);
  }
}

function strangeCharacter(text: string, offset: number, bracket: OpenBracket | undefined): ScanError {
  // An open bracket hides the tag's end, so what stands behind is not to blame.
  if (bracket !== undefined) return unclosed(bracket.opening, bracket.closing, bracket.at);
  const character = String.fromCodePoint(text.codePointAt(offset) ?? 0);
  const message =
    character === "'" || character === '"'
      ? `the text that begins with ${character} is never closed`
      : `"${character}" has no meaning inside a tag`;
  return new ScanError({ message, offset });
}

function unclosed(opening: string, closing: string, offset: number): ScanError {
  return new ScanError({ message: `"${opening}" is never closed by "${closing}"`, offset });
}

function find(pattern: RegExp, text: string, from: number): RegExpExecArray | undefined {
  pattern.lastIndex = from;
  return pattern.exec(text) ?? undefined;
}
