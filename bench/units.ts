/** Figures as people read them. */
export const MEBIBYTE = 1024 * 1024;
export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;

/** `0.46 s`, `12.3 s`, `724 s`. */
export function secondsText(ms: number): string {
  const seconds = ms / SECOND_MS;
  return `${seconds.toFixed(seconds < 10 ? 2 : seconds < 100 ? 1 : 0)} s`;
}

/** `38 ms`, `4.1 ms`. */
export function millisecondsText(ms: number): string {
  return `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
}

export function mebibytesText(bytes: number): string {
  return `${Math.round(bytes / MEBIBYTE)} MiB`;
}
