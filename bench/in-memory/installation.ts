import type { Settings } from "../../src/domain/settings.ts";
import { type GroupPlace, makePlaces } from "../../src/simulation/places.ts";
import { CONSUMER, SimulatedProcess } from "../../src/simulation/simulated-process.ts";
import type { BitbucketBehaviour } from "../../src/simulator/bitbucket/behaviour.ts";
import { BitbucketWorld } from "../../src/simulator/bitbucket/world.ts";
import type { ClusterTimes } from "../../src/simulator/kubernetes/cluster.ts";
import type { NodePool } from "../../src/simulator/kubernetes/nodes/node-pools.ts";
import { KubernetesWorld } from "../../src/simulator/kubernetes/world.ts";
import { VirtualClock } from "../../src/simulator/virtual-clock.ts";
import { seededRandom } from "../../src/support/random.ts";
import { SHIPPED_TEMPLATE } from "../../test/support/seed.ts";

export interface InMemoryOptions {
  readonly seed: number;
  readonly settings: Settings;
  readonly behaviour?: Partial<BitbucketBehaviour>;
  readonly times?: Partial<ClusterTimes>;
}

/** A decision as the controller's log tells it. */
export interface Decided {
  /** World time. */
  readonly at: number;
  readonly desired: number;
  readonly reason: string;
}

const START = Date.UTC(2026, 5, 1, 8);
/** Room for every runner of any measurement. */
const NODES: NodePool = { name: "node", cpu: "128", memory: "512Gi", initial: 3 };

/**
 * The unchanged controller and cleaner over both worlds in memory, under a virtual clock: the same seed is the same run, whatever the machine.
 * Each request takes 20 to 250 ms.
 */
export class InMemoryInstallation {
  readonly clock = new VirtualClock(START);
  readonly bitbucket: BitbucketWorld;
  readonly cluster: KubernetesWorld;
  readonly places: readonly GroupPlace[];
  /** In order; may be changed at any time, as a file that is edited. */
  settings: Settings;
  readonly decisions: Decided[] = [];
  /** World times at which Jobs were made. */
  readonly jobsMadeAt: number[] = [];
  readonly #processes: readonly SimulatedProcess[];

  constructor({ seed, settings, behaviour = {}, times = {} }: InMemoryOptions) {
    const { clock } = this;
    const random = seededRandom(seed);
    const fork = () => seededRandom(Math.floor(random.next() * 2 ** 32));
    this.settings = settings;
    this.bitbucket = new BitbucketWorld({ clock, random: fork(), behaviour });
    this.places = makePlaces(this.bitbucket, settings);
    this.bitbucket.credentials.addConsumer({
      ...CONSUMER,
      privacy: "private",
      callbackUrl: "https://bitbucket.org",
      scopes: ["account", "repository", "pipeline:write", "runner:write"],
      admin: true,
    });
    this.cluster = new KubernetesWorld({
      clock,
      random: fork(),
      agents: this.bitbucket,
      pools: [NODES],
      times,
      onEvent: (event) => {
        if (event.type === "object" && event.resource === "jobs" && event.change === "ADDED")
          this.jobsMadeAt.push(event.at);
      },
    });
    this.#processes = (["controller", "cleaner"] as const).map(
      (name) =>
        new SimulatedProcess({
          name,
          bitbucket: this.bitbucket,
          cluster: this.cluster,
          clock,
          random: fork(),
          settings: () => this.settings,
          template: () => SHIPPED_TEMPLATE,
          faults: {},
          write: (line) => this.#hear(line),
        }),
    );
  }

  /** Lets time pass. */
  run(ms: number): Promise<void> {
    return this.clock.advance(ms);
  }

  /** Lets time pass until `condition` holds. @throws {Error} when it still does not after `withinMs` */
  async until(what: string, condition: () => boolean, withinMs: number): Promise<void> {
    const from = this.clock.now();
    while (!condition()) {
      if (this.clock.now() - from >= withinMs) throw new Error(`${what}: still not so after ${withinMs} ms`);
      await this.run(LOOK_EVERY_MS);
    }
  }

  /** So many pipelines of one step each are started for the first group's runners, now. */
  queue(steps: number, durationMs: number): void {
    const [place] = this.places;
    if (place === undefined) return;
    for (let i = 0; i < steps; i += 1)
      this.bitbucket.pipelines.start(place.repository, { steps: [{ labels: place.runsOn, durationMs }] });
  }

  /** Runners that can take a step. */
  get online(): number {
    return this.bitbucket.glance().filter(({ status, disabled }) => status === "ONLINE" && !disabled).length;
  }

  close(): void {
    for (const process of this.#processes) process.stop();
    this.cluster.stop();
    this.bitbucket.close();
  }

  #hear(line: string): void {
    if (!line.includes('"Decided"')) return;
    const { msg, time, desired, reason } = JSON.parse(line) as Record<string, unknown>;
    if (msg === "Decided")
      this.decisions.push({ at: Date.parse(String(time)), desired: Number(desired), reason: String(reason) });
  }
}

const LOOK_EVERY_MS = 1_000;
