import type { Token, TokenType } from "./engine.ts";

/** A token, and where it begins in the template. */
export interface LocatedToken extends Token {
  readonly at: number;
}

const OPERATORS: ReadonlyMap<string, TokenType> = new Map<string, TokenType>([
  ["//", "MultiplicativeBinaryOperator"],
  ["**", "ExponentiationBinaryOperator"],
  ["==", "ComparisonBinaryOperator"],
  ["!=", "ComparisonBinaryOperator"],
  [">=", "ComparisonBinaryOperator"],
  ["<=", "ComparisonBinaryOperator"],
  [">", "ComparisonBinaryOperator"],
  ["<", "ComparisonBinaryOperator"],
  ["+", "AdditiveBinaryOperator"],
  ["-", "AdditiveBinaryOperator"],
  ["~", "AdditiveBinaryOperator"],
  ["*", "MultiplicativeBinaryOperator"],
  ["/", "MultiplicativeBinaryOperator"],
  ["%", "MultiplicativeBinaryOperator"],
  ["(", "OpenParen"],
  [")", "CloseParen"],
  ["[", "OpenSquareBracket"],
  ["]", "CloseSquareBracket"],
  ["{", "OpenCurlyBracket"],
  ["}", "CloseCurlyBracket"],
  ["=", "Equals"],
  [".", "Dot"],
  [",", "Comma"],
  [":", "Colon"],
  ["|", "Pipe"],
]);

const SPACE = /\s+/y;
const FLOAT = /(?<!\.)(?:\d+_)*\d+\.(?:\d+_)*\d+/y;
const INTEGER = /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy;
const NAME = /[\p{L}\p{Nl}_][\p{L}\p{N}\p{M}_]*/uy;
const STRING = /'[^'\\]*(?:\\[\s\S][^'\\]*)*'|"[^"\\]*(?:\\[\s\S][^"\\]*)*"/y;
const OPERATOR = /\/\/|\*\*|[=!<>]=|[-+~*/%()[\]{}<>=.,:|]/y;

/** The token at an offset inside a tag; "space" between tokens; undefined for a character that no token begins with. */
export function tokenAt(
  text: string,
  at: number,
): { readonly token: LocatedToken | "space"; readonly end: number } | undefined {
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  const found = (source: string, type: TokenType, value: string) => ({
    token: { type, value, at },
    end: at + source.length,
  });

  const space = match(SPACE);
  if (space !== undefined) return { token: "space", end: at + space.length };
  const float = match(FLOAT);
  if (float !== undefined) return found(float, "NumericLiteral", float.replaceAll("_", ""));
  const integer = match(INTEGER);
  if (integer !== undefined) return found(integer, "NumericLiteral", String(Number(integer.replaceAll("_", ""))));
  const name = match(NAME);
  if (name !== undefined) return found(name, "Identifier", name);
  const quoted = match(STRING);
  if (quoted !== undefined) return found(quoted, "StringLiteral", unescape(quoted.slice(1, -1)));
  const operator = match(OPERATOR);
  const type = operator === undefined ? undefined : OPERATORS.get(operator);
  return operator === undefined || type === undefined ? undefined : found(operator, type, operator);
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  "\n": "",
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** Python's escapes in a string; one that Python does not know stays as it is written. */
function unescape(text: string): string {
  const escape = /\\(?:([0-7]{1,3})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([\s\S]))/g;
  return text.replace(escape, (whole: string, octal?: string, x?: string, u?: string, U?: string, single?: string) => {
    if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
    const hex = x ?? u ?? U;
    if (hex !== undefined) return fromHex(hex) ?? whole;
    return SIMPLE_ESCAPES[single ?? ""] ?? whole;
  });
}

function fromHex(hex: string): string | undefined {
  const code = Number.parseInt(hex, 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}
