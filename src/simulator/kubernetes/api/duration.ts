const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** A time span as kubectl prints ages: two units while the first one is small, then one. */
export function humanDuration(ms: number): string {
  if (ms < -SECOND) return "<invalid>";
  if (ms < 0) return "0s";
  if (ms < 2 * MINUTE) return `${whole(ms, SECOND)}s`;
  if (ms < 10 * MINUTE) return pair(ms, MINUTE, "m", SECOND, "s");
  if (ms < 3 * HOUR) return `${whole(ms, MINUTE)}m`;
  if (ms < 8 * HOUR) return pair(ms, HOUR, "h", MINUTE, "m");
  if (ms < 2 * DAY) return `${whole(ms, HOUR)}h`;
  if (ms < 8 * DAY) return pair(ms, DAY, "d", HOUR, "h");
  if (ms < 2 * YEAR) return `${whole(ms, DAY)}d`;
  if (ms < 8 * YEAR) return pair(ms, YEAR, "y", DAY, "d");
  return `${whole(ms, YEAR)}y`;
}

function pair(ms: number, unit: number, letter: string, smaller: number, smallerLetter: string): string {
  const rest = whole(ms % unit, smaller);
  return rest === 0 ? `${whole(ms, unit)}${letter}` : `${whole(ms, unit)}${letter}${rest}${smallerLetter}`;
}

function whole(ms: number, unit: number): number {
  return Math.floor(ms / unit);
}
