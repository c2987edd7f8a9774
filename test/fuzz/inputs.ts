import type { Random } from "../../src/support/random.ts";
import type { FuzzedParser } from "./parsers.ts";

/** Makes one input of a parser: always the same one from the same source of chance. */
export function inputFor(parser: FuzzedParser, random: Random): string {
  const { good, atoms, brackets, longest } = parser;
  const pick = <T>(items: readonly T[]): T => {
    const item = items[below(items.length)];
    if (item === undefined) throw new Error(`${parser.name} has nothing to choose from`);
    return item;
  };
  // Sizes of every order, the longest one often: that is where time and memory go.
  const size = () => (below(3) === 0 ? longest : Math.ceil(longest ** random.next()));
  const words = (most: number) => Array.from({ length: 1 + below(most) }, () => pick(atoms)).join("");
  const repeated = (unit: string, length: number) => unit.repeat(Math.max(1, Math.floor(length / unit.length)));
  const numbered = (unit: string, length: number) =>
    Array.from({ length: Math.max(1, Math.floor(length / (unit.length + 6))) }, (_, i) => `${unit}${i}`).join(
      pick(atoms),
    );

  const shapes = [
    () => words(40),
    () => repeated(words(3), size()),
    () => words(3) + repeated(words(2), size()) + words(3),
    () => numbered(words(2), size()),
    () => {
      const [open, close] = pick(brackets);
      const depth = Math.ceil(size() / (open.length + close.length + 1));
      return words(2) + open.repeat(depth) + words(1) + close.repeat(depth);
    },
    () => pick(good) + repeated(words(3), size()),
    () => repeated(pick(good), size()),
    // A good text in which one place is something else, long or short.
    () => {
      const text = pick(good);
      const [at, gap] = [below(text.length + 1), below(20)];
      const other = below(2) === 0 ? words(4) : repeated(words(2), size());
      return text.slice(0, at) + other + text.slice(at + gap);
    },
  ];
  return pick(shapes)().slice(0, longest);

  function below(count: number): number {
    return Math.floor(random.next() * count);
  }
}
