import { describe, expect, test } from "vitest";
import { ProcessClock } from "../../simulation/process-clock.ts";
import { VirtualClock } from "../../simulator/virtual-clock.ts";
import type { KubernetesError } from "../errors.ts";
import { type ExecPlugin, execCredentials } from "./exec-plugin.ts";
import { type CommandOutcome, runOnThisMachine } from "./run-command.ts";

const never = new AbortController().signal;

/** Matches a text. */
const like = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const V1 = "client.authentication.k8s.io/v1";
const plugin: ExecPlugin = {
  apiVersion: V1,
  command: "cloud-auth-plugin",
  args: [],
  env: {},
  installHint: undefined,
  interactiveMode: undefined,
  cluster: undefined,
};

const written = (status: unknown, apiVersion = V1): CommandOutcome => ({
  kind: "ended",
  exitCode: 0,
  stdout: JSON.stringify({ apiVersion, kind: "ExecCredential", status }),
  stderr: "",
});

/** A plugin that gives these outcomes, one a run (the last one for ever). */
function running(outcomes: readonly CommandOutcome[], more: Partial<ExecPlugin> = {}) {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  let runs = 0;
  const runCommand = async () => {
    runs += 1;
    await clock.sleep(1_000);
    return outcomes[Math.min(runs, outcomes.length) - 1] ?? { kind: "not-found" as const };
  };
  const credentials = execCredentials({ ...plugin, ...more }, { env: {}, runCommand, clock });
  const current = async () => {
    const credential = credentials.current(never);
    credential.catch(() => {});
    await clock.advance(1_000);
    return credential;
  };
  return { credentials, current, clock, runs: () => runs };
}

describe("what it gives", () => {
  test("a token, kept for ever when it does not expire", async () => {
    const { current, clock, runs } = running([written({ token: "t" })]);
    expect((await current()).token?.reveal()).toBe("t");
    await clock.advance(1e9);
    await current();
    expect(runs()).toBe(1);
  });

  test("a token, kept until it expires", async () => {
    const { current, clock, runs } = running([
      written({ token: "one", expirationTimestamp: "2026-01-01T00:10:00Z" }),
      written({ token: "two", expirationTimestamp: "2026-01-01T01:00:00Z" }),
    ]);
    expect((await current()).token?.reveal()).toBe("one");
    await clock.runUntil(Date.UTC(2026, 0, 1, 0, 9, 58));
    expect((await current()).token?.reveal()).toBe("one");
    await clock.runUntil(Date.UTC(2026, 0, 1, 0, 10, 0));
    expect((await current()).token?.reveal()).toBe("two");
    expect(runs()).toBe(2);
  });

  test("a token, kept no longer when somebody sets the wall clock back", async () => {
    const world = new VirtualClock(Date.UTC(2026, 0, 1));
    const clock = new ProcessClock(world);
    let runs = 0;
    const runCommand = async () => {
      runs += 1;
      return written({ token: "t", expirationTimestamp: "2026-01-01T00:10:00Z" });
    };
    const credentials = execCredentials(plugin, { env: {}, runCommand, clock });
    await credentials.current(never);
    clock.jump(-24 * 3_600_000);
    await world.advance(9 * 60_000);
    await credentials.current(never);
    expect(runs).toBe(1);
    await world.advance(60_000);
    await credentials.current(never);
    expect(runs).toBe(2);
  });

  test("sees of the environment what such programs look at, and nothing of Bitbucket's", async () => {
    const env = {
      PATH: "/bin",
      HTTPS_PROXY: "http://proxy",
      CLOUDSDK_CONFIG: "/config",
      BITBUCKET_OAUTH_CLIENT_SECRET: "hunter2",
      OTHER: "1",
    };
    let seen: Readonly<Record<string, string | undefined>> = {};
    const runCommand = async (_: string, __: readonly string[], given: typeof seen) => {
      seen = given;
      return written({ token: "t" });
    };
    const asked = execCredentials({ ...plugin, env: { MINE: "2" } }, { env, runCommand, clock: new VirtualClock(0) });
    await asked.current(never);
    expect(Object.keys(seen).toSorted()).toEqual([
      "CLOUDSDK_CONFIG",
      "HTTPS_PROXY",
      "KUBERNETES_EXEC_INFO",
      "MINE",
      "PATH",
    ]);
  });

  test("a client certificate", async () => {
    const { current } = running([written({ clientCertificateData: "cert", clientKeyData: "key" })]);
    const { identity } = await current();
    expect([identity?.cert, identity?.key.reveal()]).toEqual(["cert", "key"]);
  });

  test("is asked for once by all who need it", async () => {
    const { credentials, clock, runs } = running([written({ token: "t" })]);
    const all = Promise.all([1, 2, 3].map(() => credentials.current(never)));
    await clock.advance(1_000);
    expect((await all).map(({ token }) => token?.reveal())).toEqual(["t", "t", "t"]);
    expect(runs()).toBe(1);
  });

  test("is asked for anew when the server refused it, and once only", async () => {
    const { credentials, current, runs } = running([written({ token: "old" }), written({ token: "new" })]);
    const old = await current();
    credentials.refused(old);
    expect((await current()).token?.reveal()).toBe("new");
    credentials.refused(old);
    expect((await current()).token?.reveal()).toBe("new");
    expect(runs()).toBe(2);
  });

  test("is not waited for after an abort, while others still get it", async () => {
    const { credentials, clock } = running([written({ token: "t" })]);
    const controller = new AbortController();
    const [impatient, patient] = [credentials.current(controller.signal), credentials.current(never)];
    controller.abort(new Error("enough"));
    await expect(impatient).rejects.toThrow("enough");
    await clock.advance(1_000);
    expect((await patient).token?.reveal()).toBe("t");
  });
});

describe("what goes wrong", () => {
  const ended = (exitCode: number, stdout: string, stderr = ""): CommandOutcome => ({
    kind: "ended",
    exitCode,
    stdout,
    stderr,
  });

  test.each<[string, CommandOutcome, RegExp]>([
    ["missing", { kind: "not-found" }, /"cloud-auth-plugin" cannot be run/],
    ["too slow", { kind: "timed-out", afterMs: 30_000 }, /did not end within 30 s/],
    ["failing", ended(3, "hunter2", "ERROR: log in again\n"), /exit code 3: ERROR: log in again$/],
    ["failing without a word", ended(1, ""), /exit code 1$/],
    ["writing something else", ended(0, "token: hunter2"), /no ExecCredential/],
    ["writing no status", written(undefined), /no ExecCredential/],
    ["speaking another version", written({ token: "hunter2" }, `${V1}beta1`), /answered in .*beta1/],
    ["giving nothing", written({}), /neither a token nor a client certificate/],
    ["giving half a certificate", written({ clientCertificateData: "hunter2" }), /neither/],
    ["giving an odd expiry", written({ token: "hunter2", expirationTimestamp: "soon" }), /expirationTimestamp/],
  ])("a plugin that is %s", async (_, outcome, message) => {
    const { current } = running([outcome, written({ token: "t" })]);
    const failure: unknown = await current().catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: "KubernetesError", message: like(message) });
    expect(`${String(failure)} ${(failure as KubernetesError).remedy}`).not.toContain("hunter2");
    expect((await current()).token?.reveal()).toBe("t");
  });

  test("its own hint is the remedy", async () => {
    const { current } = running([{ kind: "not-found" }], { installHint: "\nInstall it: apt-get install x\n" });
    await expect(current()).rejects.toMatchObject({ remedy: "Install it: apt-get install x" });
  });
});

describe("on this machine", () => {
  const node = (script: string, env = {}) => runOnThisMachine(process.execPath, ["-e", script], env);

  test("a program gets its arguments and exactly its environment, and no input", async () => {
    const script = "process.stdin.on('data', () => {}).on('end', () => console.log(JSON.stringify(process.env.A)))";
    expect(await node(script, { A: "1" })).toEqual({ kind: "ended", exitCode: 0, stdout: '"1"\n', stderr: "" });
  });

  test("its exit code and its words are told", async () => {
    const script = "console.log('out'); console.error('err'); process.exitCode = 7";
    expect(await node(script)).toEqual({ kind: "ended", exitCode: 7, stdout: "out\n", stderr: "err\n" });
  });

  test("one that is killed has failed", async () => {
    expect(await node("process.kill(process.pid, 'SIGKILL')")).toMatchObject({ kind: "ended", exitCode: 1 });
  });

  test("one that is not there is told apart", async () => {
    expect(await runOnThisMachine("no-such-credential-plugin", [], {})).toEqual({ kind: "not-found" });
  });
});
