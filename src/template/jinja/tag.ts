import { nearestWord } from "../../diagnostics/nearest-word.ts";
import type { ProblemAt } from "../errors.ts";
import { parse, type Token } from "./engine.ts";
import type { TagPiece } from "./scan.ts";

/** The tags that a template can use, and how each is written. */
export const TAGS: Readonly<Record<string, string>> = {
  if: "{% if CONDITION %}",
  elif: "{% elif CONDITION %}",
  else: "{% else %}",
  endif: "{% endif %}",
  for: "{% for NAME in LIST %}",
  endfor: "{% endfor %}",
  set: "{% set NAME = VALUE %}",
  endset: "{% endset %}",
  filter: "{% filter NAME %}",
  endfilter: "{% endfilter %}",
  macro: "{% macro NAME(PARAMETERS) %}",
  endmacro: "{% endmacro %}",
  raw: "{% raw %}",
  endraw: "{% endraw %}",
};

/** Jinja2 has these; this program does not. */
const NOT_HERE = new Set(
  "autoescape block break call continue debug do extends from import include trans with".split(" "),
);

/** What is wrong with one tag, looked at alone. */
export function checkTag(piece: TagPiece): ProblemAt[] {
  if (piece.kind === "variable") {
    if (piece.tokens.length === 0) return [{ message: '"<%" and "%>" hold nothing to print', offset: piece.at }];
    return syntax(piece, "<% EXPRESSION %>", piece.tokens, "expression");
  }
  const [first, ...rest] = piece.tokens;
  const name = first?.type === "Identifier" ? first.value : "";
  const form = Object.hasOwn(TAGS, name) ? TAGS[name] : undefined;
  if (form === undefined) return [unknownTag(name, piece.at)];
  if (name === "else" || name.startsWith("end")) {
    const extra = rest[0];
    return extra === undefined ? [] : [unexpected(extra.value, extra.at, form)];
  }
  return syntax(piece, form, piece.tokens, "statement");
}

/** Whether `{% set %}` takes its value from what it encloses. */
export function isOpenSet(piece: TagPiece): boolean {
  return piece.tokens[0]?.value === "set" && !piece.tokens.some(({ type }) => type === "Equals");
}

function unknownTag(name: string, offset: number): ProblemAt {
  if (name === "") return { message: `a tag begins with one of ${list(Object.keys(TAGS))}`, offset };
  if (NOT_HERE.has(name)) {
    return { message: `the tag "${name}" is Jinja2's, but cannot be used in a job template`, offset, name };
  }
  const close = nearestWord(name, Object.keys(TAGS));
  return { message: `unknown tag "${name}"`, offset, name, ...(close !== undefined && { nearest: close }) };
}

/** Lets the engine's parser read the tag alone, closed at once, so that a fault is put to the tag that has it. */
function syntax(
  piece: TagPiece,
  form: string,
  tokens: TagPiece["tokens"],
  kind: "expression" | "statement",
): ProblemAt[] {
  const alone = kind === "expression" ? expressionAlone(tokens) : statementAlone(piece);
  try {
    parse(alone);
    return [];
  } catch (error) {
    if (error instanceof RangeError) return [{ message: "is nested too deeply", offset: piece.at }];
    // The first token of `alone` is the opening.
    const blamed = tokens[furthestRead(alone) - 1];
    if (blamed === undefined) return [{ message: `the tag ends too early; it is written ${form}`, offset: piece.at }];
    return [unexpected(blamed.value, blamed.at, form)];
  }
}

/** How far the parser comes in tokens that it cannot read: its errors do not say. */
function furthestRead(tokens: readonly Token[]): number {
  let furthest = 0;
  const watched = new Proxy(tokens, {
    get(target, key, receiver): unknown {
      if (typeof key === "string" && /^\d+$/.test(key)) furthest = Math.max(furthest, Number(key));
      return Reflect.get(target, key, receiver);
    },
  });
  try {
    parse(watched);
  } catch {
    // Expected: only how far it came counts.
  }
  return furthest;
}

function unexpected(value: string, offset: number, form: string): ProblemAt {
  return { message: `unexpected "${value}"; the tag is written ${form}`, offset };
}

function expressionAlone(tokens: readonly Token[]): Token[] {
  return [{ type: "OpenExpression", value: "<%" }, ...tokens, { type: "CloseExpression", value: "%>" }];
}

function statementAlone(piece: TagPiece): Token[] {
  const [first, ...rest] = piece.tokens;
  const name = first?.value === "elif" ? "if" : (first?.value ?? "");
  const opening = statement([{ type: "Identifier", value: name }, ...rest]);
  if (name === "set" && !isOpenSet(piece)) return opening;
  return [...opening, ...statement([{ type: "Identifier", value: `end${name}` }])];
}

function statement(tokens: readonly Token[]): Token[] {
  return [{ type: "OpenStatement", value: "{%" }, ...tokens, { type: "CloseStatement", value: "%}" }];
}

function list(names: readonly string[]): string {
  return names.join(", ");
}
