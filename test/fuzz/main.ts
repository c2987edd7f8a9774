import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { play, smaller } from "./fuzz.ts";
import { LimitedChild } from "./limited-child.ts";

/**
 * `npm run fuzz -- --minutes N --seed S [--from ROUND]`: generated inputs for every parser of text from outside, each read within 2 s and a heap
 * of 200 MB. What a parser does not take as it should is made smaller and kept in `found/`, where `npm test` reads it from then on.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string", default: "1" },
    from: { type: "string", default: "0" },
  },
});

const FOUND = new URL("found/", import.meta.url);
const child = new LimitedChild({ heapMegabytes: 200, timeMs: 2_000 });
const seed = Number(values.seed);
const end = performance.now() + Number(values.minutes) * 60_000;
let round = Number(values.from);
let finds = 0;
let slowest = { ms: 0, round };
for (; performance.now() < end; round += 1) {
  const begun = performance.now();
  const find = await play(child, seed, round);
  const ms = performance.now() - begun;
  if (ms > slowest.ms) slowest = { ms, round };
  if (find === undefined) continue;
  finds += 1;
  const text = await smaller(child, find);
  const name = createHash("sha256").update(text).digest("hex").slice(0, 12);
  const path = new URL(`${find.parser}/${name}.txt`, FOUND);
  mkdirSync(new URL(".", path), { recursive: true });
  writeFileSync(path, text);
  process.stdout.write(
    `round ${round}: ${find.parser}, ${text.length} characters: ${find.fault}\n  kept as ${fileURLToPath(path)}\n  again: npm run fuzz -- --seed ${seed} --from ${round}\n`,
  );
}
child.close();
process.stdout.write(
  `${round - Number(values.from)} inputs, ${finds} that were not taken as they should be; the slowest took ${slowest.ms.toFixed(0)} ms (round ${slowest.round}, seed ${seed})\n`,
);
process.exitCode = finds === 0 ? 0 : 1;
