import { type Cells, isOneOf, playNumber } from "../histories/numbered.ts";

/**
 * One worker: plays every `step`-th history from `from` on, and prints one JSON line for each; with `cells`, only those of the matrix after the
 * first `all`. Started by histories.ts and by the gate.
 */
const [from = 0, to = 0, step = 1, seed = 1, all = 0] = process.argv.slice(2, 7).map(Number);
const cells = JSON.parse(process.argv[7] ?? "{}") as Cells;
for (let index = from; index < to; index += step) {
  if (index < all || isOneOf(index, cells) || process.argv[7] === undefined)
    process.stdout.write(`${JSON.stringify(await playNumber(index, seed))}\n`);
}
