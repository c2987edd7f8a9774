import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Send } from "../../src/http/transport.ts";
import { undiciSend } from "../../src/http/undici.ts";
import { type SandboxFiles, writeFiles } from "../../src/sandbox/files.ts";
import { childEnvironment } from "../../src/sandbox/processes/child-environment.ts";
import type { ServedApi } from "../../src/sandbox/serving/http-server.ts";
import { choosePorts } from "../../src/sandbox/serving/ports.ts";
import { HOST, serveApi } from "../../src/sandbox/serving/serve-api.ts";
import { simulateBitbucket } from "../../src/sandbox/simulated/bitbucket.ts";
import { CONTROL_NAMESPACE } from "../../src/simulation/identity.ts";
import type { BitbucketWorld } from "../../src/simulator/bitbucket/world.ts";
import { withFaults } from "../../src/simulator/faults.ts";
import { KubernetesWorld } from "../../src/simulator/kubernetes/world.ts";
import { type Anchor, anchoredClock, type Clock, monotonicMs, systemClock } from "../../src/support/clock.ts";
import { seededRandom, systemRandom } from "../../src/support/random.ts";
import { configurationText, ROOMY_NODES, type Size, settingsFor } from "../configuration.ts";
import { Ledger } from "./ledger.ts";
import { Program } from "./program.ts";

/** How long a reply of each simulated server takes, beside what this machine needs; default: no time. */
export interface Delays {
  readonly bitbucketMs: number;
  readonly kubernetesMs: number;
}

/** Simulated Bitbucket and Kubernetes behind real HTTP on this machine, in real time, for the built program's own processes. */
export interface HttpInstallation {
  readonly clock: Clock;
  readonly bitbucket: BitbucketWorld;
  readonly cluster: KubernetesWorld;
  readonly requests: { readonly bitbucket: Ledger; readonly kubernetes: Ledger };
  /** Starts a process of the built program. */
  start(name: "controller" | "cleaner"): Program;
  /** The configuration file is edited. */
  configure(size: Size): Promise<void>;
  /** Waits until `condition` holds. @throws {Error} when it still does not after `withinMs`, or a process has died. */
  until(what: string, condition: () => boolean | Promise<boolean>, withinMs: number): Promise<void>;
  /** Ends the processes and both servers, and removes what was written. */
  close(): Promise<void>;
}

const PROGRAM = fileURLToPath(new URL("../../dist/runners-autoscaler.js", import.meta.url));
const LOOK_EVERY_MS = 10;
/** For asking a process about itself. */
const ASKING = { connectTimeoutMs: 1_000, headersTimeoutMs: 1_000, bodyTimeoutMs: 1_000, connections: 1 } as const;
const NO_DELAYS: Delays = { bitbucketMs: 0, kubernetesMs: 0 };

/** Opens an installation with that configuration; no process runs yet. */
export async function openHttpInstallation(
  size: Size,
  seed: number,
  delays: Delays = NO_DELAYS,
): Promise<HttpInstallation> {
  const wall = systemClock();
  const anchor: Anchor = { epochMs: wall.now(), monotonicMs: monotonicMs(), speed: 1 };
  const clock = anchoredClock(anchor);
  const random = systemRandom();
  const simulated = simulateBitbucket(settingsFor(size), { clock, seed, random, faults: {} });
  const bitbucket = simulated.world;
  const cluster = new KubernetesWorld({
    clock,
    random: seededRandom(seed),
    agents: bitbucket,
    namespaces: [CONTROL_NAMESPACE],
    pools: [ROOMY_NODES],
  });
  const requests = { bitbucket: new Ledger(simulated.send, clock), kubernetes: new Ledger(cluster.send, clock) };

  const failures: Error[] = [];
  const programs: Program[] = [];
  const served: ServedApi[] = [];
  const serveDelayed = async (send: Send, delayMs: number) => {
    const delayed = delayMs === 0 ? send : withFaults(send, { clock, latencyMs: () => delayMs });
    const api = await serveApi(delayed, anchor, 0, (error) => failures.push(error));
    served.push(api);
    return api.url;
  };
  const folder = await mkdtemp(join(tmpdir(), "runners-autoscaler-bench-"));
  const bitbucketUrl = await serveDelayed(requests.bitbucket.send, delays.bitbucketMs);
  const files = await writeFiles(
    folder,
    { configPath: join(folder, "runners_config.yaml"), templatePath: undefined },
    await serveDelayed(requests.kubernetes.send, delays.kubernetesMs),
  );
  const env = childEnvironment({
    clientId: simulated.clientId,
    clientSecret: simulated.clientSecret,
    bitbucketUrl,
    kubeconfig: files.kubeconfig,
    anchor,
    kept: {},
  });
  const configure = (changed: Size) => writeFile(files.config, configurationText(changed));
  await configure(size);
  const ports = await choosePorts(0, random);
  const http = undiciSend(ASKING);

  return {
    clock,
    bitbucket,
    cluster,
    requests,
    configure,
    start(name) {
      const program = new Program({
        command: [process.execPath, PROGRAM, name, ...processArguments(files, ports[name])],
        env,
        url: `http://${HOST}:${ports[name]}`,
        send: http.send,
      });
      programs.push(program);
      return program;
    },
    async until(what, condition, withinMs) {
      const from = clock.now();
      while (!(await condition())) {
        for (const program of programs) program.checkAlive();
        if (failures.length > 0) throw new Error("a simulated world failed", { cause: failures[0] });
        if (clock.now() - from > withinMs) throw new Error(`${what}: still not so after ${withinMs / 1_000} s`);
        await wall.sleep(LOOK_EVERY_MS);
      }
    },
    async close() {
      await Promise.all(programs.map((program) => program.stop()));
      await http.close();
      cluster.stop();
      bitbucket.close();
      await Promise.all(served.map((api) => api.close()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function processArguments({ config, template }: SandboxFiles, port: number): readonly string[] {
  return ["--config", config, "--template", template, "--http-port", String(port), "--log-format", "json"];
}
