/** What a label shows for values beyond its bound. */
const OTHER = "other";

/** Lets the first `limit` different values through and calls all later ones `other`, so that nobody's input can make series without end. */
export function boundedLabel(limit: number): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (known.has(value)) return value;
    if (known.size >= limit) return OTHER;
    known.add(value);
    return value;
  };
}
