import { playMicro } from "../histories/micro/micro.ts";

/** One worker: plays every `step`-th history from `from` on, and prints one JSON line for each. Started by main.ts. */
const [from = 0, to = 0, step = 1, seed = 1] = process.argv.slice(2).map(Number);
for (let index = from; index < to; index += step) {
  const { cell, breaches, remains, forgiven, isReached } = await playMicro(index, seed + index);
  const { state, fault, event, position } = cell;
  const line = {
    index,
    state,
    fault,
    event,
    position,
    isReached,
    breaches,
    remains,
    forgiven: Object.fromEntries(forgiven),
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
