/** World time as the runner API writes it: RFC 3339 with nanoseconds. The digits below a millisecond follow from the time itself. */
export function nanosecondStamp(timeMs: number): string {
  const wholeMs = Math.floor(timeMs);
  const below = ((wholeMs % 1_000_000) * 7_919) % 1_000_000;
  return `${new Date(wholeMs).toISOString().slice(0, -1)}${below.toString().padStart(6, "0")}Z`;
}

/** World time as the other resources have it: microseconds and an offset. */
export function microsecondStamp(timeMs: number): string {
  return `${new Date(Math.floor(timeMs)).toISOString().slice(0, -1)}000+00:00`;
}

/** World time as an HTTP `Date` header: whole seconds. */
export function httpDate(timeMs: number): string {
  return new Date(timeMs).toUTCString();
}
