import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { EVENTS, FAULTS, STATES } from "../histories/micro/micro.ts";

/**
 * `npm run test:deep -- --histories N --seed S [--workers W] [--from I]`: plays the short histories of the matrix, says how many a second, what
 * was forgiven, and which combinations took place. Without `--histories` the long tests run (vitest.deep.config.ts).
 */
interface Played {
  readonly index: number;
  readonly state: string;
  readonly fault: string;
  readonly event: string;
  readonly position: number;
  readonly isReached: boolean;
  readonly breaches: readonly { readonly what: string }[];
  readonly remains: readonly string[];
  readonly forgiven: Readonly<Record<string, number>>;
}

const { values } = parseArgs({
  options: {
    histories: { type: "string" },
    seed: { type: "string", default: "1" },
    workers: { type: "string", default: "2" },
    from: { type: "string", default: "0" },
  },
});

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
if (values.histories === undefined) {
  const { status } = spawnSync("npx", ["vitest", "run", "--config", here("../../vitest.deep.config.ts")], {
    stdio: "inherit",
  });
  process.exit(status ?? 1);
}
process.exitCode = await playAll(Number(values.histories), Number(values.from));

async function playAll(count: number, from: number): Promise<number> {
  const begun = process.hrtime.bigint();
  const seconds = () => Number(process.hrtime.bigint() - begun) / 1e9;
  const seen = new Map<string, number>();
  const forgiven = new Map<string, number>();
  const bad: Played[] = [];
  let played = 0;
  const note = (one: Played) => {
    played += 1;
    if (one.isReached) add(seen, `${one.state} × ${one.fault} × ${one.event}`, 1);
    for (const [why, times] of Object.entries(one.forgiven)) add(forgiven, why, times);
    if (one.breaches.length + one.remains.length > 0) {
      bad.push(one);
      const what = [...one.breaches.map((breach) => breach.what), ...one.remains].join("; ");
      print(`history ${one.index}: ${one.state}, request ${one.position}: ${one.fault}, ${one.event}: ${what}`);
      print(`  again: npm run test:deep -- --histories 1 --from ${one.index} --seed ${values.seed}`);
    }
    if (played % 1_000 === 0) print(`${played} of ${count}, ${(played / seconds()).toFixed(1)} a second`);
  };
  const workers = Math.max(1, Number(values.workers));
  const ends = await Promise.all(
    Array.from({ length: Math.min(workers, count) }, (_, i) => work(from + i, from + count, workers, note)),
  );
  const cells = STATES.length * FAULTS.length * EVENTS.length;
  print(
    `${played} histories in ${seconds().toFixed(0)} s, ${(played / seconds()).toFixed(1)} a second, ${bad.length} with a violation`,
  );
  print(`combinations of state, fault and event that took place: ${seen.size} of ${cells}`);
  for (const [why, times] of forgiven) print(`forgiven: ${why} ${times}`);
  return bad.length > 0 || ends.some((code) => code !== 0) || played !== count ? 1 : 0;
}

function work(from: number, to: number, step: number, note: (one: Played) => void): Promise<number> {
  const args = ["--import", "tsx", here("play.ts"), ...[from, to, step, Number(values.seed)].map(String)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  createInterface({ input: child.stdout }).on("line", (line) => note(JSON.parse(line) as Played));
  return new Promise((resolve) => child.on("close", (code) => resolve(code ?? 1)));
}

function add(counts: Map<string, number>, key: string, times: number): void {
  counts.set(key, (counts.get(key) ?? 0) + times);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
