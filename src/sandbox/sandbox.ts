import type { Settings } from "../domain/settings.ts";
import type { Send } from "../http/transport.ts";
import { planWorkload, runWorkloads, type WorkloadPlan } from "../simulation/workload.ts";
import type { ScenarioName } from "../simulator/workload/scenario.ts";
import { buildScenario } from "../simulator/workload/scenarios.ts";
import { type Anchor, anchoredClock, type Clock, monotonicMs, systemClock } from "../support/clock.ts";
import { errorOf } from "../support/errors.ts";
import { seededRandom, systemRandom } from "../support/random.ts";
import { type SandboxFiles, writeFiles } from "./files.ts";
import { childEnvironment } from "./processes/child-environment.ts";
import { Processes } from "./processes/processes.ts";
import type { ServedApi } from "./serving/http-server.ts";
import { choosePorts, type Ports } from "./serving/ports.ts";
import { HOST, serveApi } from "./serving/serve-api.ts";
import { type SimulatedBitbucket, simulateBitbucket } from "./simulated/bitbucket.ts";
import { type SimulatedCluster, simulateCluster } from "./simulated/cluster.ts";

export interface SandboxOptions {
  readonly scenario: ScenarioName;
  /** Simulated seconds per real second. */
  readonly speed: number;
  /** Real time; undefined: until it is told to end. */
  readonly durationMs: number | undefined;
  readonly seed: number;
  /** The first of four; 0 picks free ones. */
  readonly port: number;
  /** The user's own files, instead of the example's configuration and the shipped template. */
  readonly configPath: string | undefined;
  readonly templatePath: string | undefined;
  /** What the configuration says. */
  readonly settings: Settings;
  /** `.sandbox/` is made in it. */
  readonly folder: string;
  /** How to start this program. */
  readonly self: readonly [program: string, ...args: string[]];
  /** For the processes' environment. */
  readonly keptEnvironment: Readonly<Record<string, string>>;
}

/** A sandbox that runs. */
export interface Sandbox {
  readonly options: SandboxOptions;
  readonly plan: WorkloadPlan;
  /** Simulated time. */
  readonly clock: Clock;
  /** When everything had been started, in simulated time. */
  readonly startedAt: number;
  readonly bitbucket: SimulatedBitbucket;
  readonly kubernetes: SimulatedCluster;
  readonly processes: Processes;
  readonly files: SandboxFiles;
  readonly ports: Ports;
  /** What went wrong inside the simulation. */
  readonly simulationErrors: readonly string[];
  /** No further pipelines. */
  stopWorkload(): void;
  /** Ends both servers; the processes are to be stopped before. */
  close(): Promise<void>;
}

/**
 * Starts a simulated Bitbucket and a simulated cluster behind real HTTP, the unchanged controller and cleaner beside them, and the scenario's pipelines.
 *
 * @throws {PortTaken}
 */
export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { scenario, speed, durationMs, seed, settings } = options;
  const wall = systemClock();
  const random = systemRandom();
  const ports = await choosePorts(options.port, random);
  const anchor: Anchor = { epochMs: wall.now(), monotonicMs: monotonicMs(), speed };
  const clock = anchoredClock(anchor);
  const { faults } = buildScenario(scenario, { labels: [], random: seededRandom(seed) });
  const bitbucket = simulateBitbucket(settings, { clock, seed, random, faults });
  const kubernetes = simulateCluster(bitbucket, { clock, seed });

  const simulationErrors: string[] = [];
  const onError = (error: Error) => simulationErrors.push(error.message);
  const served: ServedApi[] = [];
  const open = async (send: Send, port: number) => {
    const api = await serveApi(send, anchor, port, onError);
    served.push(api);
    return api.url;
  };
  const close = async () => {
    kubernetes.world.stop();
    bitbucket.world.close();
    await Promise.all(served.map((api) => api.close()));
  };
  try {
    const bitbucketUrl = await open(bitbucket.send, ports.bitbucket);
    const kubernetesUrl = await open(kubernetes.world.send, ports.kubernetes);
    const files = await writeFiles(options.folder, options, kubernetesUrl);
    const env = childEnvironment({
      clientId: bitbucket.clientId,
      clientSecret: bitbucket.clientSecret,
      bitbucketUrl,
      kubeconfig: files.kubeconfig,
      anchor,
      kept: options.keptEnvironment,
    });
    const processes = new Processes(
      (["controller", "cleaner"] as const).map((name) => ({
        name,
        command: [...options.self, name, ...processArguments(files, ports[name])],
        logPath: files.logOf(name),
        url: `http://${HOST}:${ports[name]}`,
      })),
      { env, wall, clock, random },
    );
    const plan = planWorkload(scenario, durationMs === undefined ? undefined : durationMs * speed);
    const workload = new AbortController();
    const working = runWorkloads(
      { scenario, plan, places: bitbucket.places, seed },
      { world: bitbucket.world, clock },
      workload.signal,
    ).catch((error: unknown) => onError(errorOf(error)));
    return {
      options,
      plan,
      clock,
      startedAt: clock.now(),
      bitbucket,
      kubernetes,
      processes,
      files,
      ports,
      simulationErrors,
      stopWorkload: () => workload.abort(),
      async close() {
        workload.abort();
        await working;
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function processArguments({ config, template }: SandboxFiles, port: number): readonly string[] {
  return ["--config", config, "--template", template, "--http-port", String(port), "--log-format", "text"];
}
