import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { CELLS } from "../histories/micro/cell.ts";
import type { Played } from "../histories/numbered.ts";

/** Which histories to play, and by how many processes. */
export interface Run {
  readonly count: number;
  readonly from: number;
  readonly seed: number;
  readonly workers: number;
}

const WORKER = fileURLToPath(new URL("play.ts", import.meta.url));
/** At least so many short histories must have been played for an empty cell of the matrix to be a fault. */
const WHOLE_ROUND = Math.ceil((CELLS * 20) / 19);

/** Plays them side by side, printing what is wrong as it comes and the counts at the end. @returns the exit code: 1 when anything was wrong */
export async function playAll(run: Run, print: (line: string) => void): Promise<number> {
  const begun = process.hrtime.bigint();
  const rate = () => {
    const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
    return `${seconds.toFixed(0)} s, ${(played / seconds).toFixed(1)} a second`;
  };
  const counts = { short: 0, long: 0 };
  const cells = new Set<string>();
  const forgiven = new Map<string, number>();
  let played = 0;
  let wrong = 0;
  const note = (one: Played) => {
    played += 1;
    counts[one.kind] += 1;
    if (one.cell !== undefined) cells.add(one.cell);
    for (const [why, times] of Object.entries(one.forgiven)) forgiven.set(why, (forgiven.get(why) ?? 0) + times);
    if (one.wrong.length > 0) {
      wrong += 1;
      print(`history ${one.index} (${one.about}): ${one.wrong.join("; ")}`);
      print(`  again: npm run test:deep -- --histories 1 --from ${one.index} --seed ${run.seed}`);
    }
    if (played % 1_000 === 0) print(`${played} of ${run.count} in ${rate()}, ${wrong} with a violation`);
  };
  const workers = Math.min(run.workers, run.count);
  const ends = await Promise.all(Array.from({ length: workers }, (_, i) => work(run, run.from + i, workers, note)));

  print(`${played} histories in ${rate()}, ${wrong} with a violation: ${counts.short} short, ${counts.long} long`);
  print(`combinations of state, fault and event that took place: ${cells.size} of ${CELLS}`);
  for (const [why, times] of forgiven) print(`forgiven: ${why} ${times}`);
  const isEmpty = run.count >= WHOLE_ROUND && cells.size < CELLS;
  if (isEmpty) print("the matrix has empty cells");
  return wrong > 0 || isEmpty || ends.some((code) => code !== 0) || played !== run.count ? 1 : 0;
}

function work({ from, count, seed }: Run, first: number, step: number, note: (one: Played) => void): Promise<number> {
  const args = ["--import", "tsx", WORKER, ...[first, from + count, step, seed].map(String)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  createInterface({ input: child.stdout }).on("line", (line) => note(JSON.parse(line) as Played));
  return new Promise((resolve) => child.on("close", (code) => resolve(code ?? 1)));
}
