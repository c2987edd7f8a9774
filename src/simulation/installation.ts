import type { Emit } from "../domain/events.ts";
import type { GroupSettings, ProcessName, Settings } from "../domain/settings.ts";
import type { BitbucketBehaviour } from "../simulator/bitbucket/behaviour.ts";
import { BitbucketWorld } from "../simulator/bitbucket/world.ts";
import { type ChooseFault, firstFault } from "../simulator/faults.ts";
import type { ClusterTimes } from "../simulator/kubernetes/cluster.ts";
import type { NodePool } from "../simulator/kubernetes/nodes/node-pools.ts";
import { type KubernetesEvent, KubernetesWorld } from "../simulator/kubernetes/world.ts";
import { type Leftovers, leftovers } from "../simulator/observer/leftovers.ts";
import { Observer, type WatchedGroup } from "../simulator/observer/observer.ts";
import { VirtualClock } from "../simulator/virtual-clock.ts";
import { type Random, seededRandom } from "../support/random.ts";
import type { JobTemplate } from "../template/port.ts";
import { CONSUMER, CONTROL_NAMESPACE, installationOf } from "./identity.ts";
import { type GroupPlace, makePlaces } from "./places.ts";
import { type Faults, type ProcessOptions, SimulatedProcess } from "./simulated-process.ts";
import { RunnerUsage } from "./usage.ts";

/** What a simulated installation is made with. */
export interface InstallationOptions {
  /** The same seed is the same course, whatever the machine. */
  readonly seed: number;
  readonly settings: Settings;
  readonly template: JobTemplate;
  /** Whose workspaces and repositories there are in Bitbucket; default: those of `settings`. */
  readonly existing?: Settings | undefined;
  readonly behaviour?: Partial<BitbucketBehaviour> | undefined;
  readonly pools?: readonly NodePool[] | undefined;
  /** Besides `default` and Kubernetes' own. */
  readonly namespaces?: readonly string[] | undefined;
  readonly times?: Partial<ClusterTimes> | undefined;
  /** Hears what the processes tell. */
  readonly hear?: Emit | undefined;
  /** Gets every line that the processes log; default: they log nothing. */
  readonly write?: ((line: string) => void) | undefined;
  /** Hears what happens in the cluster, from its first object on. */
  readonly onClusterEvent?: ((event: KubernetesEvent) => void) | undefined;
}

/** When every simulated installation begins: a Monday morning. */
const START = Date.UTC(2026, 5, 1, 8);

/**
 * Both simulated servers under one virtual clock, with what the configuration names in them, an observer that looks after every event, and
 * the unchanged processes, which {@link start} adds. Everything may be changed while time passes: the configuration, the template, what
 * goes wrong.
 */
export class SimulatedInstallation {
  readonly startedAt = START;
  readonly clock = new VirtualClock(START);
  readonly bitbucket: BitbucketWorld;
  readonly cluster: KubernetesWorld;
  /** For each group of the settings that it began with, what Bitbucket has for it. */
  readonly places: readonly GroupPlace[];
  readonly observer: Observer;
  readonly usage = new RunnerUsage();
  template: JobTemplate;
  /** What goes wrong with the requests of all processes, from now on. */
  faults: Faults = {};
  readonly #options: InstallationOptions;
  readonly #random: Random;
  readonly #watched: WatchedGroup[] = [];
  readonly #processes: SimulatedProcess[] = [];
  #settings: Settings;

  constructor(options: InstallationOptions) {
    const { seed, settings, template, existing = settings, behaviour = {}, pools, namespaces = [], times } = options;
    const { clock } = this;
    this.#options = options;
    this.#settings = settings;
    this.template = template;
    // In this order, never another: each takes its share of the seed.
    this.#random = seededRandom(seed);
    this.bitbucket = new BitbucketWorld({ clock, random: this.fork(), behaviour });
    this.places = makePlaces(this.bitbucket, existing);
    this.bitbucket.credentials.addConsumer(CONSUMER);
    this.observer = new Observer({ bitbucket: this.bitbucket, groups: this.#watched });
    this.cluster = new KubernetesWorld({
      clock,
      random: this.fork(),
      agents: this.bitbucket,
      onEvent: (event) => {
        this.observer.seeCluster(event);
        this.usage.see(event);
        options.onClusterEvent?.(event);
      },
      ...(pools && { pools }),
      namespaces: [CONTROL_NAMESPACE, ...namespaces],
      ...(times && { times }),
    });
    for (const group of settings.groups) this.#watch(group, 0);
  }

  /** The configuration as it is now. */
  get settings(): Settings {
    return this.#settings;
  }

  /** The configuration file is edited. */
  set settings(settings: Settings) {
    this.#settings = settings;
    for (const group of settings.groups) this.#watch(group, this.clock.now());
  }

  /** Since the beginning, in milliseconds. */
  get elapsedMs(): number {
    return this.clock.now() - this.startedAt;
  }

  /** What is on one side only, now. */
  get leftovers(): Leftovers {
    const { bitbucket, cluster } = this;
    return leftovers(bitbucket, cluster.list("jobs"), cluster.list("secrets"), installationOf(cluster));
  }

  /**
   * Starts a process.
   *
   * @param options what goes wrong with its requests alone; an installation that it takes itself for another of, and that one's configuration
   */
  start(
    name: ProcessName,
    options: Partial<Pick<ProcessOptions, "installation" | "faults" | "dryRun" | "aheadMs">> & {
      readonly settings?: Settings;
    } = {},
  ): SimulatedProcess {
    const { installation, faults = {}, dryRun = false, aheadMs = 0, settings } = options;
    for (const group of settings?.groups ?? []) this.#watch(group, 0);
    const ofAll =
      (plane: keyof Faults): ChooseFault =>
      (request, index) =>
        this.faults[plane]?.(request, index);
    const either = (plane: keyof Faults) => firstFault(...[faults[plane] ?? []].flat(), ofAll(plane));
    const process = new SimulatedProcess({
      name,
      bitbucket: this.bitbucket,
      cluster: this.cluster,
      clock: this.clock,
      random: this.fork(),
      settings: () => settings ?? this.#settings,
      template: () => this.template,
      faults: { bitbucket: either("bitbucket"), kubernetes: either("kubernetes") },
      write: this.#options.write,
      hear: this.#options.hear,
      dryRun,
      aheadMs,
      number: this.#processes.length,
      onSending: (sending) => this.observer.seeSending(sending),
      onAnswered: (sending) => this.observer.seeAnswer(sending),
      // A replica may be that far behind: the observer gives the process the benefit of the doubt.
      onServing: (serving) =>
        this.observer.seeServing({ ...serving, asOf: serving.asOf - this.bitbucket.behaviour.readLagMs }),
      ...(installation !== undefined && { installation }),
    });
    this.#processes.push(process);
    return process;
  }

  /** Starts the controller and the cleaner. */
  startBoth(): { readonly controller: SimulatedProcess; readonly cleaner: SimulatedProcess } {
    return { controller: this.start("controller"), cleaner: this.start("cleaner") };
  }

  /** Starts so many pipelines of one step now. @param where default: in the first group's repository, asking for its runners */
  queue(count: number, durationMs: number, where: Partial<Pick<GroupPlace, "repository" | "runsOn">> = {}): void {
    const [first] = this.places;
    const { repository = first?.repository, runsOn: labels = first?.runsOn ?? [] } = where;
    if (repository === undefined) throw new RangeError("there is no group whose pipelines could start");
    for (let i = 0; i < count; i += 1) this.bitbucket.pipelines.start(repository, { steps: [{ labels, durationMs }] });
  }

  /** A source of chance of its own, for whatever else acts in this installation; asking for one changes all that follow. */
  fork(): Random {
    return seededRandom(Math.floor(this.#random.next() * 2 ** 32));
  }

  /** Ends the processes and both servers. */
  close(): void {
    for (const process of this.#processes) process.stop();
    this.cluster.stop();
    this.bitbucket.close();
  }

  /** The observer holds a group to its max from then on, and still knows those before. */
  #watch({ name, labels, namespace, parameters, workspace, repository }: GroupSettings, from: number): void {
    const max = { from, value: parameters.max };
    const known = this.#watched.find((group) => group.name === name);
    if (known !== undefined) return void known.max.push(max);
    const { places } = this.bitbucket;
    const inWorkspace = places.workspace(workspace);
    const inRepository =
      inWorkspace === undefined || repository === undefined ? undefined : places.repository(inWorkspace, repository);
    const scopeUuid = repository === undefined ? (inWorkspace?.uuid ?? workspace) : (inRepository?.uuid ?? repository);
    this.#watched.push({ name, labels, namespace, scopeUuid, max: [{ ...max, from: 0 }] });
  }
}
