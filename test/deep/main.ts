import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { tellSimplest } from "../histories/numbered.ts";
import { playAll } from "./histories.ts";

/**
 * `npm run test:deep -- --histories N --seed S [--workers W] [--from I]`: plays histories, says how many a second, what was forgiven, and which
 * combinations took place. A single one that fails is told, as simple as it can be made. Without `--histories` the long tests run
 * (vitest.deep.config.ts).
 */
const { values } = parseArgs({
  options: {
    histories: { type: "string" },
    seed: { type: "string", default: "1" },
    workers: { type: "string", default: "2" },
    from: { type: "string", default: "0" },
  },
});

if (values.histories === undefined) {
  const config = fileURLToPath(new URL("../../vitest.deep.config.ts", import.meta.url));
  const { status } = spawnSync("npx", ["vitest", "run", "--config", config], { stdio: "inherit" });
  process.exitCode = status ?? 1;
} else {
  const [count, seed, from, workers] = [values.histories, values.seed, values.from, values.workers].map(Number);
  if (![count, seed, from, workers].every((number) => Number.isInteger(number) && (number ?? -1) >= 0))
    throw new RangeError("--histories, --seed, --workers and --from take whole numbers");
  const run = { count: count ?? 0, seed: seed ?? 1, from: from ?? 0, workers: Math.max(1, workers ?? 1) };
  process.exitCode = await playAll(run, (line) => void process.stdout.write(`${line}\n`));
  if (run.count === 1) {
    for (const line of await tellSimplest(run.from, run.seed)) process.stdout.write(`  ${line}\n`);
  }
}
