/** Base64 of fewer characters would match ordinary words. */
const SHORTEST_BASE64 = 8;

/**
 * The spellings under which a secret can turn up in a text: as it is, with a form's `+` for a space, escaped as in JSON, and in base64
 * (both alphabets), alone or inside something longer such as `id:secret`. Percent codes are resolved in the text itself; the usual ones are
 * spelt out as well, since a stray `%` right before them makes others of them.
 */
export function spellings(secret: string): readonly string[] {
  const base64 = base64Cores(secret);
  return [
    ...new Set([
      secret,
      secret.replaceAll(" ", "+"),
      // By way of bytes: half a surrogate pair cannot be encoded.
      encodeURIComponent(Buffer.from(secret).toString("utf8")),
      new URLSearchParams({ secret }).toString().slice("secret=".length),
      JSON.stringify(secret).slice(1, -1),
      ...base64,
      ...base64.map((core) => core.replaceAll("+", "-").replaceAll("/", "_")),
    ]),
  ];
}

/**
 * The characters of a base64 text that depend on the secret alone, for each of the three positions at which it can begin within a
 * longer text.
 */
function base64Cores(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((offset) => {
    const whole = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
    const core = whole.slice(Math.ceil((8 * offset) / 6), Math.floor((8 * (offset + bytes.length)) / 6));
    return core.length >= SHORTEST_BASE64 ? [core] : [];
  });
}
