const SYNTAX = /^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$/;

const SUFFIXES: Readonly<Record<string, number>> = {
  "": 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** A Kubernetes quantity (`500m`, `2Gi`, `1e3`) as a number; undefined when it is none. */
export function parseQuantity(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return undefined;
  const [, digits, suffix] = SYNTAX.exec(value) ?? [];
  if (digits === undefined || suffix === undefined) return undefined;
  const amount = Number(digits);
  if (Number.isNaN(amount)) return undefined;
  const factor = SUFFIXES[suffix] ?? (/^[eE][-+]?[0-9]+$/.test(suffix) ? Number(`1${suffix}`) : undefined);
  return factor === undefined ? undefined : amount * factor;
}

/** Of a quantity that was validated when it came in. */
export function quantity(value: string | number | undefined): number {
  return parseQuantity(value) ?? 0;
}
