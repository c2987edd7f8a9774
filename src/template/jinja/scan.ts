import type { ProblemAt } from "../errors.ts";
import { MOST_TOKENS } from "./limits.ts";
import { type Token, tokenAt } from "./tokens.ts";

/** A template in pieces: text as it is printed, and tags: `print` is `<% … %>`, `block` is `{% … %}`. Comments are gone. */
export type Piece = { readonly kind: "text"; readonly at: number; readonly text: string } | Tag;

export interface Tag {
  readonly kind: "print" | "block";
  readonly at: number;
  readonly tokens: readonly Token[];
}

/** Something that is no template. */
export class SyntaxProblem extends Error {
  readonly problem: ProblemAt;

  constructor(problem: ProblemAt) {
    super(problem.message);
    this.problem = problem;
  }
}

/** The original's delimiters. Behind a block's and a comment's sign a `-` takes away white space, a `+` keeps it. */
const KINDS = {
  print: { open: "<%", close: "%>", end: /-%>\s*|%>/y },
  block: { open: "{%", close: "%}", end: /-%\}\s*|\+?%\}/y },
  comment: { open: "{#", close: "#}", end: /-#\}\s*|\+?#\}/g },
};
const OPENING = /\{%|\{#|<%/g;
const RAW = /\{%([-+]?)\s*raw\s*(?:-%\}\s*|%\})/y;
const END_RAW = /\{%([-+]?)\s*endraw\s*(?:-%\}\s*|\+?%\})/g;
const BRACKETS: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/**
 * Cuts a template in pieces by Jinja's own rules: the first opening wins, a text or an open bracket in a tag hides the tag's end, and
 * everything else, `{{` too, is text.
 *
 * @throws {SyntaxProblem}
 */
export function scan(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  const addText = (from: number, to: number, isTrimmed: boolean) => {
    const shown = isTrimmed ? text.slice(from, to).trimEnd() : text.slice(from, to);
    if (shown !== "") pieces.push({ kind: "text", at: from, text: shown });
  };
  let position = 0;
  let count = 0;
  for (let opening = find(OPENING, text, 0); opening !== undefined; opening = find(OPENING, text, position)) {
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
    } else if (opening[0] === KINDS.comment.open) {
      const end = find(KINDS.comment.end, text, inside);
      if (end === undefined) throw unclosed(KINDS.comment.open, KINDS.comment.close, at);
      position = end.index + end[0].length;
    } else {
      const kind = opening[0] === KINDS.print.open ? "print" : "block";
      const { tokens, end } = tokensOf(text, { kind, at, inside, most: MOST_TOKENS - count });
      count += tokens.length;
      pieces.push({ kind, at, tokens });
      position = end;
    }
  }
  addText(position, text.length, false);
  return pieces;
}

/** A tag that begins: where, where its words begin, and how many there may be. */
interface Opened extends Pick<Tag, "kind" | "at"> {
  readonly inside: number;
  readonly most: number;
}

function tokensOf(
  text: string,
  { kind, at, inside, most }: Opened,
): { readonly tokens: readonly Token[]; readonly end: number } {
  const tokens: Token[] = [];
  const open: Token[] = [];
  let position = inside;
  while (position < text.length) {
    const end = open.length === 0 ? find(KINDS[kind].end, text, position) : undefined;
    if (end !== undefined) return { tokens, end: position + end[0].length };
    const next = tokenAt(text, position);
    if (next === undefined) throw open.length > 0 ? unclosedBracket(open) : strangeCharacter(text, position);
    if (next.token !== undefined && tokens.push(next.token) > most)
      throw new SyntaxProblem({
        message: `there are more than ${MOST_TOKENS} words and signs in tags`,
        offset: position,
      });
    if (next.token?.type === "operator") balance(open, next.token);
    position = next.end;
  }
  throw open.length > 0 ? unclosedBracket(open) : unclosed(KINDS[kind].open, KINDS[kind].close, at);
}

function balance(open: Token[], token: Token): void {
  if (token.value in BRACKETS) open.push(token);
  else if (Object.values(BRACKETS).includes(token.value)) {
    const opened = open.at(-1)?.value;
    if (opened === undefined)
      throw new SyntaxProblem({ message: `"${token.value}" closes a bracket that was never opened`, offset: token.at });
    if (BRACKETS[opened] !== token.value) throw unclosedBracket(open);
    open.pop();
  }
}

/** An open bracket hides the tag's end, so what stands behind is not to blame. */
function unclosedBracket(open: readonly Token[]): SyntaxProblem {
  const { value, at } = open.at(-1) ?? { value: "", at: 0 };
  return unclosed(value, BRACKETS[value] ?? "", at);
}

function strangeCharacter(text: string, offset: number): SyntaxProblem {
  const character = String.fromCodePoint(text.codePointAt(offset) ?? 0);
  const isQuote = character === "'" || character === '"';
  return new SyntaxProblem({
    message: isQuote
      ? `the text that begins with ${character} is never closed`
      : `"${character}" has no meaning inside a tag`,
    offset,
  });
}

function unclosed(opening: string, closing: string, offset: number): SyntaxProblem {
  return new SyntaxProblem({ message: `"${opening}" is never closed by "${closing}"`, offset });
}

function find(pattern: RegExp, text: string, from: number): RegExpExecArray | undefined {
  pattern.lastIndex = from;
  return pattern.exec(text) ?? undefined;
}
