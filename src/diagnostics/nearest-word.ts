/**
 * The known word that a misspelt one most likely meant; undefined when none is near. Case, `_` and `-` do not count, so that
 * `scaleUpThreshold` finds `scale_up_threshold`; apart from that, one letter in three may be wrong.
 */
export function nearestWord(word: string, known: Iterable<string>): string | undefined {
  const wanted = folded(word);
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of known) {
    const target = folded(candidate);
    if (Math.abs(target.length - wanted.length) >= bestDistance) continue;
    const distance = editDistance(wanted, target);
    if (distance < bestDistance && distance < target.length) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** The end of a message about a misspelt word: `; did you mean "word"?`; nothing when no known word is near. */
export function nearestHint(nearest: string | undefined): string {
  return nearest === undefined ? "" : `; did you mean "${nearest}"?`;
}

function folded(word: string): string {
  return word.toLowerCase().replaceAll(/[_-]/g, "");
}

/** Insertions, deletions, substitutions and swaps of neighbours that turn one word into the other. */
function editDistance(from: string, to: string): number {
  let older: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      let least = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) least = Math.min(least, (older[column - 2] ?? 0) + 1);
      current.push(least);
    }
    older = previous;
    previous = current;
  }
  return previous[to.length] ?? 0;
}
