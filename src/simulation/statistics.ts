/** The middle one, by nearest rank. @throws {RangeError} without values */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** By nearest rank: the smallest of the values that at least `share` of all are not above. @throws {RangeError} without values */
export function quantile(values: readonly number[], share: number): number {
  const value = values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * values.length) - 1)];
  if (value === undefined) throw new RangeError("no values were measured");
  return value;
}
