/** Bitbucket's window is an hour: nothing needs to wait longer than that. */
const LONGEST_MS = 3_600_000;

/**
 * What a reply's `Retry-After` asks for, in milliseconds from the reply's own `Date`: seconds, or an HTTP date. 0 when there is none, or
 * none that can be read.
 */
export function retryAfterMs(headers: Readonly<Record<string, string>>): number {
  const asked = headers["retry-after"]?.trim() ?? "";
  if (asked === "") return 0;
  const seconds = Number(asked);
  const waitMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(asked) - Date.parse(headers.date ?? "");
  return Number.isNaN(waitMs) ? 0 : Math.min(Math.max(waitMs, 0), LONGEST_MS);
}
