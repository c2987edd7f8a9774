import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import picocolors from "picocolors";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readSettings } from "../../src/config/load.ts";
import { exampleConfig } from "../../src/sandbox/embedded.ts";
import { openSandbox, type Sandbox } from "../../src/sandbox/sandbox.ts";
import type { Snapshot } from "../../src/sandbox/snapshot.ts";
import { plainLine } from "../../src/sandbox/terminal/plain-line.ts";
import { failuresOf, type RunFacts, summaryText } from "../../src/sandbox/terminal/summary.ts";
import { drawView } from "../../src/sandbox/terminal/view.ts";
import { Watcher } from "../../src/sandbox/watcher.ts";
import { monotonicMs } from "../../src/support/clock.ts";
import { type BuiltProgram, buildProgram } from "../support/built-program.ts";
import { findKubectl } from "../support/kube-assets.ts";

const SPEED = 60;
/** Real time; the run ends as soon as it has come to rest. */
const PATIENCE_MS = 40_000;
const LOOK_EVERY_MS = 50;
const kubectl = findKubectl(process.env);

/** The example's configuration, a burst, both processes as they are shipped: what came of it. */
describe("from one runner to ten and back", () => {
  let program: BuiltProgram;
  let sandbox: Sandbox;
  let facts: RunFacts;
  const snapshots: Snapshot[] = [];
  const secrets = new Set<string>();
  const said: string[] = [];
  let listing: { readonly output: string; readonly ages: readonly [least: number, most: number] } | undefined;

  beforeAll(async () => {
    program = await buildProgram();
    const { settings } = readSettings(await exampleConfig(), "example");
    if (settings === undefined) throw new Error("the example's configuration is wrong");
    sandbox = await openSandbox({
      scenario: "burst",
      speed: SPEED,
      durationMs: undefined,
      seed: 1,
      port: 0,
      configPath: undefined,
      templatePath: undefined,
      settings,
      folder: program.folder,
      self: program.command,
      keptEnvironment: { LOG_LEVEL: "debug" },
    });
    secrets.add(sandbox.bitbucket.clientSecret.reveal());
    sandbox.bitbucket.world.onEvent((event) => {
      if (event.type !== "runner-created") return;
      const { runners } = sandbox.bitbucket.world;
      secrets.add(runners.find(event.runner)?.oauthClientSecret.reveal() ?? "");
    });
    const watcher = new Watcher(sandbox);
    const startedAt = monotonicMs();
    while (monotonicMs() - startedAt < PATIENCE_MS && !isOver(snapshots)) {
      const snapshot = watcher.look();
      snapshots.push(snapshot);
      if (kubectl !== undefined && listing === undefined && runnersIn(snapshot) === 10) listing = await list(kubectl);
      await sleep(LOOK_EVERY_MS);
    }
    said.push(...(await Promise.all(["controller", "cleaner"].map((name) => everythingOf(name as "controller")))));
    sandbox.stopWorkload();
    facts = await watcher.conclude();
    for (const name of ["controller", "cleaner"]) said.push(await readFile(sandbox.files.logOf(name), "utf8"));
  }, 2 * PATIENCE_MS);

  afterAll(async () => {
    await sandbox.processes.stop();
    await sandbox.close();
    await program.remove();
  });

  /** kubectl, with the ages that the oldest Job may have by the world's clock. */
  async function list(path: string) {
    const jobs = sandbox.kubernetes.world.list("jobs");
    const madeAt = Math.min(...jobs.map(({ metadata }) => Date.parse(metadata.creationTimestamp)));
    const before = sandbox.clock.now() - madeAt;
    const { stdout } = await promisify(execFile)(
      path,
      ["--kubeconfig", sandbox.files.kubeconfig, "get", "jobs,pods,secrets", "-A"],
      { env: { HOME: program.folder } },
    );
    return { output: stdout, ages: [before / 1_000 - 1, (sandbox.clock.now() - madeAt) / 1_000 + 1] as const };
  }

  async function everythingOf(name: "controller" | "cleaner"): Promise<string> {
    const pages = ["/", "/api/v1/state", "/metrics", "/healthz", "/readyz"].map(async (path) =>
      (await fetch(`http://127.0.0.1:${sandbox.ports[name]}${path}`)).text(),
    );
    return (await Promise.all(pages)).join("\n");
  }

  test("runners go from 1 to 10 and back to 1", () => {
    const course = snapshots.map(runnersIn).filter((count, i, all) => count !== all[i - 1]);
    expect(course[course.indexOf(1) - 1] ?? 0).toBe(0);
    expect(Math.max(...course)).toBe(10);
    expect(course.at(-1)).toBe(1);
    expect(facts.mostRunners).toBe(10);
    expect(sandbox.bitbucket.world.glance().map(({ status }) => status)).toEqual(["ONLINE"]);
    expect(sandbox.kubernetes.world.list("jobs")).toHaveLength(1);
    expect(sandbox.kubernetes.world.list("pods")).toHaveLength(1);
    expect(sandbox.kubernetes.world.list("secrets", "default")).toHaveLength(1);
  });

  test("all steps are run, no promise is broken, nothing is left over, both processes end when told to", () => {
    expect(facts.steps).toMatchObject({ done: 14, queued: 0, running: 0, aborted: 0 });
    expect(failuresOf(facts)).toEqual([]);
    expect(facts.halfWay).toBe(0);
    expect(facts.ends.map(({ end }) => end)).toEqual(["cleanly", "cleanly"]);
  });

  test("decisions are shown with their reasons", () => {
    const last = snapshots.at(-1);
    const reasons = new Set(last?.groups.flatMap(({ decisions }) => decisions.map(({ reason }) => reason)));
    expect([...reasons]).toEqual(
      expect.arrayContaining(["below-min", "busy-above-threshold", "at-max", "idle-above-need", "within-thresholds"]),
    );
  });

  test("the lines that users look for are in the controller's log", async () => {
    const log = await readFile(sandbox.files.logOf("controller"), "utf8");
    expect(log).toMatch(/^INFO: Runner created on Bitbucket workspace: woodpeckernew/m);
    expect(log).toMatch(/^✔ Successfully setup runner UUID \{[0-9a-f-]{36}\}/m);
  });

  test("what was written for the processes is the example's configuration, word for word", async () => {
    expect(await readFile(join(program.folder, ".sandbox", "runners_config.yaml"), "utf8")).toBe(await exampleConfig());
  });

  test("no secret is in any output, at the most talkative log level", () => {
    const colours = picocolors.createColors(false);
    const shown = snapshots.flatMap((snapshot) => [
      plainLine(snapshot),
      ...drawView(snapshot, { columns: 400, rows: 100 }, colours),
    ]);
    const output = [...said, ...shown, summaryText(facts, colours)].join("\n");
    expect(output).toContain("DEBUG");
    expect(secrets.size).toBeGreaterThan(10);
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(20);
      for (const spelling of [secret, Buffer.from(secret).toString("base64"), encodeURIComponent(secret)])
        expect(output.includes(spelling)).toBe(false);
    }
  });

  test.skipIf(kubectl === undefined)("kubectl shows the runners, with ages in simulated time", () => {
    const output = listing?.output ?? "";
    const [least, most] = listing?.ages ?? [0, 0];
    for (const kind of ["job.batch/runner-", "pod/runner-", "secret/runner-oauth-credentials-"])
      expect(output.split(kind).length - 1).toBe(10);
    const ages = [...output.matchAll(/^default +job\.batch\/.* (\S+)$/gm)].map(([, age = ""]) => secondsOf(age));
    expect(Math.max(...ages)).toBeGreaterThanOrEqual(least);
    expect(Math.max(...ages)).toBeLessThanOrEqual(most);
  });
});

function runnersIn({ groups }: Snapshot): number {
  const [group] = groups;
  return Object.values(group?.phases ?? {}).reduce((sum, count) => sum + count, 0);
}

/** Everything was run, and the runners are back where they began. */
function isOver(snapshots: readonly Snapshot[]): boolean {
  const last = snapshots.at(-1);
  return last !== undefined && last.steps.done === 14 && runnersIn(last) === 1;
}

/** kubectl's `3m2s`, `91s`. */
function secondsOf(age: string): number {
  const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600 };
  return [...age.matchAll(/(\d+)([smh])/g)].reduce((sum, [, n, unit = ""]) => sum + Number(n) * (units[unit] ?? 0), 0);
}
