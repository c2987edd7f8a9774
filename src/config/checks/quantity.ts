const UNITS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
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

/** The size of a Kubernetes quantity in bytes or processors: good enough to compare two of them; NaN for anything else. */
export function quantitySize(quantity: string): number {
  if (/[eE][-+]?[0-9]+$/.test(quantity)) return Number(quantity);
  const [, number = "", unit = "?"] = /^\+?([0-9.]+)([A-Za-z]*)$/.exec(quantity) ?? [];
  const scale = UNITS[unit] ?? Number.NaN;
  // Dividing keeps 300m equal to 0.3, which multiplying by 0.001 does not.
  return scale < 1 ? Number(number) / Math.round(1 / scale) : Number(number) * scale;
}
