import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Io } from "../../src/cli/io.ts";
import { run } from "../../src/cli/program.ts";
import { type Send, textResponse } from "../../src/http/transport.ts";
import { writeFiles } from "../../src/sandbox/files.ts";
import { childEnvironment } from "../../src/sandbox/processes/child-environment.ts";
import { type ServedApi, serve } from "../../src/sandbox/serving/http-server.ts";
import { serveApi } from "../../src/sandbox/serving/serve-api.ts";
import type { AgentHost } from "../../src/simulator/agent-host.ts";
import { KubernetesWorld } from "../../src/simulator/kubernetes/world.ts";
import { ANCHOR_PATH, ANCHOR_VARIABLE, type Anchor, monotonicMs, systemClock } from "../../src/support/clock.ts";
import { seededRandom } from "../../src/support/random.ts";
import { Secret } from "../../src/support/secret.ts";
import { type BuiltProgram, buildProgram } from "../support/built-program.ts";
import { runProgram } from "../support/run-program.ts";

const README = fileURLToPath(new URL("../../README.md", import.meta.url));

let program: BuiltProgram;
beforeAll(async () => {
  program = await buildProgram();
});
afterAll(() => program.remove());

function sandbox(args: readonly string[], options: { interruptAt?: string; env?: Record<string, string> } = {}) {
  const { folder, command } = program;
  return runProgram([...command, "sandbox", "--port", "0", ...args], { folder, ...options });
}

describe("runners-autoscaler sandbox", () => {
  test("says where everything is, then a line for each change, then what it came to", async () => {
    const { code, out, err } = await sandbox(["--scenario", "idle", "--speed", "60", "--duration", "4s"]);
    expect(err).toBe("");
    expect(out).toMatch(/^ {2}Bitbucket +http:\/\/127\.0\.0\.1:\d+$/m);
    expect(out).toContain("kubectl --kubeconfig .sandbox/kubeconfig get jobs,pods,secrets -A");
    expect(out).toMatch(/^\d\d:\d\d:\d\d queue 0 · 0 running · 0 done · runners 1 \(1 idle\) · decided 1: /m);
    expect(out).toMatch(/^ {2}orphans +0$/m);
    expect(out).toMatch(/All promises kept\.\n$/);
    expect(code).toBe(0);
    for (const name of ["kubeconfig", "runners_config.yaml", "job.yaml.template", "controller.log", "cleaner.log"])
      expect(existsSync(join(program.folder, ".sandbox", name))).toBe(true);
  });

  test("Ctrl-C ends it in order; neither proxies nor other credentials of its environment reach the processes", async () => {
    const { code, out } = await sandbox(["--scenario", "idle", "--speed", "60"], {
      interruptAt: "runners 1 (1 idle)",
      env: { HTTPS_PROXY: "http://127.0.0.1:9", HTTP_PROXY: "http://127.0.0.1:9", BITBUCKET_ACCESS_TOKEN: "another" },
    });
    expect(out).toMatch(/controller +ended cleanly\n {2}cleaner +ended cleanly\n/);
    expect(code).toBe(0);
  });

  test.each([
    [["--speed", "61"], "A speed is a number from 1 to 60."],
    [["--duration", "90"], "A duration is a number with its unit, such as 90s, 5m or 1m30s."],
    [["--scenario", "brust"], "Allowed choices are burst, brief, day, steady, idle, faults."],
    [["--kubeconfig", "file"], "--kubeconfig can only be used with --only bitbucket"],
    [["--only", "bitbucket", "--speed", "2"], "--only bitbucket needs --speed 1"],
    [["--config", "nothing.yaml"], "nothing.yaml: there is no such file"],
    [["--template", README], "what it makes is not valid YAML"],
    [["--template", "nothing.template"], "no such file or directory, stat 'nothing.template'"],
  ])("%j is refused with what to do", async (args, message) => {
    let out = "";
    let err = "";
    const io: Io = {
      env: {},
      out: (text) => void (out += text),
      err: (text) => void (err += text),
      isTerminal: false,
      signal: AbortSignal.abort(),
      self: program.command,
      exitCode: 0,
    };
    await run(io, ["sandbox", "--port", "0", ...args]);
    expect(err).toContain(message);
    expect(err).not.toMatch(/^ +at /m);
    expect(out).toBe("");
    expect(io.exitCode).toBe(2);
  });
});

test("beside a cluster: prints the environment to use, without the secret, and says what came of it", async () => {
  const clock = systemClock();
  const nobody: AgentHost = { start: () => ({ kill: () => undefined }) };
  const cluster = new KubernetesWorld({ clock, random: seededRandom(1), agents: nobody });
  const served = await serve(cluster.send, { host: "127.0.0.1", port: 0 });
  const own = { configPath: undefined, templatePath: undefined };
  const { kubeconfig } = await writeFiles(program.folder, own, served.url);
  const { code, out, err } = await sandbox(["--only", "bitbucket", "--kubeconfig", kubeconfig, "--duration", "1s"]);
  cluster.stop();
  await served.close();
  expect(err).toBe("");
  const environment = new Map(
    [...out.matchAll(/^ {2}export (\w+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]),
  );
  expect([...environment.keys()]).toEqual([
    "BITBUCKET_API_URL",
    "BITBUCKET_OAUTH_TOKEN_URL",
    "BITBUCKET_OAUTH_CLIENT_ID",
    "BITBUCKET_OAUTH_CLIENT_SECRET_FILE",
  ]);
  const secret = await readFile(environment.get("BITBUCKET_OAUTH_CLIENT_SECRET_FILE") ?? "", "utf8");
  expect(secret).toHaveLength(32);
  expect(out).not.toContain(secret);
  expect(out).toMatch(/^\d\d:\d\d:\d\d queue 0 · 0 running · 0 done · runners 0$/m);
  expect(out).toContain("steps run 0 of 0");
  expect(code).toBe(0);
});

describe("a process at another speed than real time", () => {
  const anchor: Anchor = { epochMs: Date.UTC(2026, 5, 1), monotonicMs: monotonicMs(), speed: 20 };
  const another: Anchor = { ...anchor, epochMs: anchor.epochMs + 1 };
  const asked: string[] = [];
  const servers: ServedApi[] = [];
  afterEach(async () => {
    asked.length = 0;
    await Promise.all(servers.splice(0).map((served) => served.close()));
  });

  /** A server that says it runs by `by`, or knows of no anchor at all. */
  async function server(by: Anchor | undefined): Promise<string> {
    const nothing: Send = async ({ method, url }) => {
      asked.push(`${method} ${new URL(url).pathname}`);
      return textResponse(404, {}, "nothing here");
    };
    const served = await (by === undefined
      ? serve(nothing, { host: "127.0.0.1", port: 0 })
      : serveApi(nothing, by, 0, () => undefined));
    servers.push(served);
    return served.url;
  }

  async function controller(bitbucket: string, kubernetes: string, env: Readonly<Record<string, string>> = {}) {
    const { config, kubeconfig, template } = await writeFiles(
      program.folder,
      { configPath: undefined, templatePath: undefined },
      kubernetes,
    );
    return runProgram(
      [...program.command, "controller", "--once", "--http-port", "0", "--config", config, "--template", template],
      {
        folder: program.folder,
        env: {
          ...childEnvironment({
            clientId: "consumer",
            clientSecret: new Secret("consumer-word"),
            bitbucketUrl: bitbucket,
            kubeconfig,
            anchor,
            kept: {},
          }),
          ...env,
        },
      },
    );
  }

  test.each<[what: string, bitbucket: Anchor | undefined, kubernetes: Anchor | undefined]>([
    ["Bitbucket runs by another anchor", another, anchor],
    ["Kubernetes runs by another anchor", anchor, another],
    ["Bitbucket knows of no anchor", undefined, anchor],
    ["Kubernetes knows of no anchor", anchor, undefined],
  ])("does not start when %s, and asks for nothing else", async (_, bitbucket, kubernetes) => {
    const { code, err } = await controller(await server(bitbucket), await server(kubernetes));
    expect(code).toBe(1);
    expect(err).toMatch(/^error: http:\/\/127\.0\.0\.1:\d+\/sandbox\/anchor does not confirm the anchor at speed 20/);
    expect(err).toContain(`Unset ${ANCHOR_VARIABLE}`);
    expect(asked.filter((request) => request !== `GET ${ANCHOR_PATH}`)).toEqual([]);
  });

  test("does not start with a proxy in its environment", async () => {
    const { code, err } = await controller(await server(anchor), await server(anchor), {
      https_proxy: "http://127.0.0.1:9",
    });
    expect(code).toBe(1);
    expect(err).toContain("Servers at speed 20 are never reached through a proxy, and https_proxy is set.");
    expect(asked).toEqual([]);
  });

  test("starts when both confirm its anchor", async () => {
    await controller(await server(anchor), await server(anchor));
    expect(asked).toContain("GET /api/v1/namespaces/kube-system");
  });
});
