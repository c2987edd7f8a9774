/**
 * Milliseconds since the epoch of one of Bitbucket's stamps, which carry up to nanoseconds (`2026-11-23T10:00:00.123456789Z`) and may come
 * without a zone, then UTC is meant. Undefined when there is none that can be read.
 */
export function parseStamp(stamp: string | null | undefined): number | undefined {
  const parts = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,3})\d*)?(Z|[+-]\d\d:?\d\d)?$/i.exec(stamp ?? "");
  if (parts === null) return undefined;
  const [, date, time, fraction = "0", zone = "Z"] = parts;
  const offset = zone.toUpperCase() === "Z" ? "Z" : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
  const at = Date.parse(`${date}T${time}.${fraction.padEnd(3, "0")}${offset}`);
  return Number.isNaN(at) ? undefined : at;
}
