import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { CONFIGURATIONS } from "../fuzz/cases.ts";
import { type BuiltProgram, buildProgram } from "../support/built-program.ts";
import { scratchFolder } from "../support/run-command.ts";
import { servedWorlds } from "../support/served-worlds.ts";

let program: BuiltProgram;
beforeAll(async () => {
  program = await buildProgram();
});
afterAll(() => program.remove());

/** A process, what it has logged, and a way to wait for more. */
class Watched {
  readonly child: ChildProcess;
  out = "";
  readonly #waiting = new Set<() => void>();

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.out += text;
      for (const wake of this.#waiting) wake();
    });
  }

  /** Waits until the log, from an offset on, holds a match. */
  async log(pattern: RegExp, from = 0): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.out.slice(from));
      if (match !== null) return match;
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }
}

const WORST = [
  "a long name that does not match",
  "anchors and aliases that lead nowhere",
  "aliases of a long text",
  "unknown keys below a long one",
  "labels",
  "groups of maps",
  "line ends",
  "commas",
];

test("whatever the file becomes, the last good configuration stays in force, and probes are answered", async () => {
  const worlds = await servedWorlds();
  const config = worlds.files[worlds.files.indexOf("--config") + 1] ?? "";
  const good = (await readFile(config, "utf8")).replace(
    /runner_api_polling_interval: \d+/,
    "runner_api_polling_interval: 1\n  pacing: fixed",
  );
  await writeFile(config, good);
  const [command, ...args] = program.command;
  const child = spawn(command, ["--max-old-space-size=200", ...args, "controller", ...worlds.files], {
    env: worlds.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const watched = new Watched(child);
  const [, port] = await watched.log(/^INFO: Started .*port=(\d+)/m);
  await watched.log(/^✔ Successfully setup runner/m);

  const healthy = async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).status;
  const { folder } = await scratchFolder();
  const next = `${folder}/next`;
  const become = async (make: () => Promise<unknown>) => {
    const from = watched.out.length;
    await rm(next, { force: true, recursive: true });
    await make();
    // At once, as kubelets replace what is mounted; a folder does not replace a file.
    await rm(config, { force: true, recursive: true });
    await rename(next, config);
    await watched.log(/^ERROR: Configuration is wrong .*$/m, from);
    expect(await healthy()).toBe(200);
    await watched.log(/^ERROR: The last good configuration stays in force/m, from);
    expect(child.exitCode).toBeNull();
    return watched.out.slice(from);
  };
  for (const name of WORST) await become(() => writeFile(next, CONFIGURATIONS[name] ?? ""));
  expect(await become(() => symlink("/dev/zero", next))).toContain("a device, a pipe or a socket");
  expect(await become(() => mkdir(next))).toContain("this is a folder");
  await become(async () => void execFileSync("mkfifo", [next]));

  for (const line of watched.out.split("\n")) expect(line.length).toBeLessThan(2_000);
  const from = watched.out.length;
  await rm(config, { force: true });
  await writeFile(config, good.replace("Runner group 1", "Renamed group"));
  await watched.log(/^INFO: Left the configuration.*\[Runner group 1\]$/m, from);
  child.kill("SIGTERM");
  const [code] = (await once(child, "exit")) as [number | null];
  expect(code).toBe(0);
}, 120_000);
