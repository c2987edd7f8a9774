import { playNumber } from "../histories/numbered.ts";

/** One worker: plays every `step`-th history from `from` on, and prints one JSON line for each. Started by main.ts. */
const [from = 0, to = 0, step = 1, seed = 1] = process.argv.slice(2).map(Number);
for (let index = from; index < to; index += step) {
  process.stdout.write(`${JSON.stringify(await playNumber(index, seed))}\n`);
}
