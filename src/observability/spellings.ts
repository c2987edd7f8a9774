/** Base64 of fewer characters would match ordinary words. */
const SHORTEST_BASE64 = 8;

/**
 * Every spelling under which a secret can turn up in a text: as it is, percent-encoded (upper or lower case, forms' `+` for a space), escaped as
 * in JSON, and in base64 (both alphabets), alone or inside something longer such as `id:secret`.
 */
export function spellings(secret: string): readonly string[] {
  const percent = percentEncoded(secret);
  const base64 = base64Cores(secret);
  return [
    ...new Set([
      secret,
      percent,
      percent.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
      encodeURIComponent(secret),
      percent.replaceAll("%20", "+"),
      JSON.stringify(secret).slice(1, -1),
      ...base64,
      ...base64.map(percentEncoded),
      ...base64.map((core) => core.replaceAll("+", "-").replaceAll("/", "_")),
    ]),
  ];
}

/** As `encodeURIComponent`, and the five marks that it leaves alone. */
function percentEncoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
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
