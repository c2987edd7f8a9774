import { DATE_GRAIN_MS } from "./times.ts";

/**
 * How long ago a moment was at least, both ends on Bitbucket's clock: a stamp, or the `Date` of an earlier reply, against the `Date` of a later
 * one, which counts whole seconds. 0 when either is not known: what has no age is never old.
 */
export function agoMs(stamp: number | undefined, serverTime: number | undefined): number {
  if (stamp === undefined || serverTime === undefined || Number.isNaN(stamp)) return 0;
  return Math.max(0, serverTime - stamp - DATE_GRAIN_MS);
}
