import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { anchoredClock, clockOf, monotonicMs } from "../../support/clock.ts";
import { seededRandom } from "../../support/random.ts";
import { type ChildEnd, type Death, runChild } from "./child.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "child-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a script as a child, with pauses and grace a hundred times shorter than in earnest. */
function child(script: string, onLine: (line: string, stop: () => void) => void = () => undefined) {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  const deaths: Death[] = [];
  const logPath = join(folder, `${monotonicMs()}.log`);
  const end: Promise<ChildEnd> = runChild(
    {
      name: "controller",
      command: [process.execPath, "-e", script],
      env: { WORD: "environment" },
      logPath,
      wall: anchoredClock({ epochMs: 0, monotonicMs: monotonicMs(), speed: 100 }),
      random: seededRandom(1),
      onLine: (line) => onLine(line, stop),
      onDeath: (death) => deaths.push(death),
    },
    stopping.signal,
  );
  return { end, stop, deaths, logPath };
}

const UNTIL_STOPPED = "setInterval(() => undefined, 1000); process.once('SIGTERM', () => process.exit(0));";

test("gets its environment and no other; what it says on both streams is heard and kept", async () => {
  const heard: string[] = [];
  const { end, deaths, logPath } = child(
    `${UNTIL_STOPPED} console.log(Object.keys(process.env).join()); console.error(process.env.WORD); console.log('ready');`,
    (line, stop) => {
      heard.push(line);
      if (heard.length === 3) stop();
    },
  );
  expect(await end).toBe("cleanly");
  expect(heard.toSorted()).toEqual(["WORD", "environment", "ready"]);
  expect((await readFile(logPath, "utf8")).split("\n").toSorted()).toEqual(["", "WORD", "environment", "ready"]);
  expect(deaths).toEqual([]);
});

test("one that ends by itself is started again, and its death told with its last lines", async () => {
  let starts = 0;
  const { end, deaths } = child("console.log('started'); process.exitCode = 3;", (_, stop) => {
    starts += 1;
    if (starts === 3) stop();
  });
  expect(await end).toBe("failed");
  expect(deaths).toEqual([
    { name: "controller", how: "exit code 3", lastLines: ["started"] },
    { name: "controller", how: "exit code 3", lastLines: ["started"] },
  ]);
});

test("one that has just ended without fault when the stop comes has not died", async () => {
  const stopping = new AbortController();
  const deaths: Death[] = [];
  const end = await runChild(
    {
      name: "controller",
      command: [process.execPath, "-e", ""],
      env: {},
      logPath: join(folder, "ended.log"),
      // Nobody waits before it has ended.
      wall: clockOf({ now: () => 0, monotonic: () => 0, sleep: async () => stopping.abort() }),
      random: seededRandom(1),
      onLine: () => undefined,
      onDeath: (death) => deaths.push(death),
    },
    stopping.signal,
  );
  expect(end).toBe("cleanly");
  expect(deaths).toEqual([]);
});

test("one that does not heed SIGTERM is killed when its time is over", async () => {
  const { end } = child(
    "setInterval(() => undefined, 1000); process.on('SIGTERM', () => undefined); console.log('ready');",
    (_, stop) => stop(),
  );
  expect(await end).toBe("too-late");
});

test("a program that is not there is a death like any other", async () => {
  const stopping = new AbortController();
  const deaths: Death[] = [];
  const end = runChild(
    {
      name: "cleaner",
      command: [join(folder, "nothing")],
      env: {},
      logPath: join(folder, "nothing.log"),
      wall: anchoredClock({ epochMs: 0, monotonicMs: monotonicMs(), speed: 100 }),
      random: seededRandom(1),
      onLine: () => undefined,
      onDeath: (death) => {
        deaths.push(death);
        stopping.abort();
      },
    },
    stopping.signal,
  );
  expect(await end).toBe("failed");
  expect(deaths.map(({ how }) => how)).toEqual([expect.stringContaining("ENOENT")]);
});
