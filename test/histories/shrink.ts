/** Of an input that fails, the simplest that still does, found by taking whatever `simpler` gives for as long as one of them fails. */
export async function shrink<T>(
  input: T,
  simpler: (input: T) => readonly T[],
  fails: (input: T) => Promise<boolean>,
): Promise<T> {
  for (const candidate of simpler(input)) {
    if (await fails(candidate)) return shrink(candidate, simpler, fails);
  }
  return input;
}
