/** A word of what stands in a tag, and where in the template it begins. */
export interface Token {
  readonly type: "float" | "integer" | "name" | "text" | "operator";
  /** A text's content, a number's digits; of the others what is written. */
  readonly value: string;
  readonly at: number;
}

const TOKEN = new RegExp(
  [
    /(?<space>\s+)/,
    /(?<float>(?<!\.)(?:\d+_)*\d+\.(?:\d+_)*\d+)/,
    /(?<integer>0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\da-fA-F])+|[1-9](?:_?\d)*|0(?:_?0)*)/,
    /(?<name>[\p{L}\p{Nl}_][\p{L}\p{N}\p{M}_]*)/u,
    /(?<text>'[^'\\]*(?:\\[\s\S][^'\\]*)*'|"[^"\\]*(?:\\[\s\S][^"\\]*)*")/,
    /(?<operator>\/\/|\*\*|[=!<>]=|[\-+~*\/%\(\)\[\]\{\}<>=.,:\|])/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "uy",
);

/** The token at an offset inside a tag, undefined for white space, and where it ends; undefined for a character that no token begins with. */
export function tokenAt(
  text: string,
  at: number,
): { readonly token: Token | undefined; readonly end: number } | undefined {
  TOKEN.lastIndex = at;
  const groups = TOKEN.exec(text)?.groups;
  const [type, written] = Object.entries(groups ?? {}).find(([, value]) => value !== undefined) ?? [];
  if (type === undefined || written === undefined) return undefined;
  const end = at + written.length;
  if (type === "space") return { token: undefined, end };
  const value =
    type === "text"
      ? unescape(written.slice(1, -1))
      : type === "name" || type === "operator"
        ? written
        : written.replaceAll("_", "");
  return { token: { type: type as Token["type"], value, at }, end };
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  ...{ "\n": "", "\\": "\\", "'": "'", '"': '"', a: "\u0007", b: "\b" },
  ...{ f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" },
};

/** Python's escapes in a text; one that Python does not know stays as it is written. */
function unescape(text: string): string {
  const escape = /\\(?:([0-7]{1,3})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([\s\S]))/g;
  return text.replace(escape, (whole: string, octal?: string, x?: string, u?: string, U?: string, single?: string) => {
    const code = octal === undefined ? Number.parseInt(x ?? u ?? U ?? "", 16) : Number.parseInt(octal, 8);
    if (code <= 0x10ffff) return String.fromCodePoint(code);
    return SIMPLE_ESCAPES[single ?? ""] ?? whole;
  });
}
