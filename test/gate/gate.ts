import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Played, playNumber } from "../histories/numbered.ts";
import { plant } from "./plant.ts";
import { PLANTED_BUGS, type PlantedBug } from "./planted-bugs.ts";

/**
 * `npm run test:gate -- [--most N] [--seed S] [--workers W] [--sample K] [--all A] [BUG...]`: plants each bug in a copy of the program and plays the
 * histories there, in the order of their numbers, until one finds it. To save time only the first A are all played, and of the others those where
 * the bug is likely to show: the number in the table is that of the whole order, at the latest. Exit code 1 when a bug is not found by N.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    most: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
    workers: { type: "string", default: "2" },
    sample: { type: "string", default: "1" },
    all: { type: "string", default: "100" },
  },
});

/** What the histories made of a bug. */
interface Verdict {
  readonly bug: PlantedBug;
  /** After so many histories; undefined: not by any. */
  readonly after: number | undefined;
  readonly by: string;
}

const root = fileURLToPath(new URL("../../", import.meta.url));
const chosen = PLANTED_BUGS.filter(
  ({ name }, i) => positionals.includes(name) || (positionals.length === 0 && i % Number(values.sample) === 0),
);
const verdicts: Verdict[] = [];
const queue = [...chosen];
await Promise.all(Array.from({ length: Number(values.workers) }, workThrough));

const byName = new Map(verdicts.map((verdict) => [verdict.bug, verdict]));
print("| planted bug | found by number | by |\n| --- | ---: | --- |");
for (const bug of chosen) {
  const { after, by } = byName.get(bug) ?? { after: undefined, by: "" };
  print(`| ${bug.what} (\`${bug.name}\`) | ${after ?? `not by ${values.most}`} | ${by} |`);
}
const missed = verdicts.filter(({ after }) => after === undefined);
print(`${chosen.length} planted bugs, ${chosen.length - missed.length} found`);
process.exitCode = missed.length > 0 || chosen.length === 0 ? 1 : 0;

async function workThrough(): Promise<void> {
  for (let bug = queue.shift(); bug !== undefined; bug = queue.shift()) {
    const copy = plant(root, bug);
    const verdict = await hunt(bug, copy);
    rmSync(copy, { recursive: true, force: true });
    verdicts.push(verdict);
    process.stderr.write(`${bug.name}: ${verdict.after ?? "not found"} ${verdict.by}\n`);
  }
}

/** Plays in the copy until a history goes wrong there. */
async function hunt(bug: PlantedBug, copy: string): Promise<Verdict> {
  const range = ["0", values.most, "1", values.seed];
  const only = bug.where === undefined ? [] : [values.all, JSON.stringify(bug.where)];
  const args = ["--import", "tsx", join(copy, "test/deep/play.ts"), ...range, ...only];
  const child = spawn(process.execPath, args, { cwd: copy, stdio: ["ignore", "pipe", "pipe"] });
  let complaint = "";
  child.stderr.on("data", (text: Buffer) => {
    complaint = `${complaint}${text.toString()}`.slice(0, 300);
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    const { index, kind, wrong } = JSON.parse(line) as Played;
    // What goes wrong without the bug, too, says nothing about it.
    if (wrong.length === 0 || (await playNumber(index, Number(values.seed))).wrong.length > 0) continue;
    child.kill();
    await ended;
    return { bug, after: index + 1, by: `a ${kind} one: ${toldShort(wrong[0] ?? "")}` };
  }
  const code = await ended;
  if (code !== 0) throw new Error(`${bug.name}: the histories did not run: ${complaint}`);
  return { bug, after: undefined, by: "" };
}

/** Without what differs from run to run. */
function toldShort(wrong: string): string {
  return wrong
    .replace(/\{?[0-9a-f]{8}-[0-9a-f-]{27}\}?/g, "…")
    .replaceAll("|", "/")
    .slice(0, 100);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
