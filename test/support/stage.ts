import { expect, onTestFinished } from "vitest";
import type { Failure, ProcessEvent } from "../../src/domain/events.ts";
import type { CleanReport, GroupReport } from "../../src/domain/report.ts";
import type { GroupSettings, Settings } from "../../src/domain/settings.ts";
import {
  CONSUMER,
  installationOf,
  type ProcessOptions,
  SimulatedProcess,
} from "../../src/simulation/simulated-process.ts";
import type { BitbucketBehaviour } from "../../src/simulator/bitbucket/behaviour.ts";
import type { Repository, Workspace } from "../../src/simulator/bitbucket/places.ts";
import { BitbucketWorld, type RunnerGlance } from "../../src/simulator/bitbucket/world.ts";
import type { ChooseFault } from "../../src/simulator/faults.ts";
import type { NodePool } from "../../src/simulator/kubernetes/nodes/node-pools.ts";
import type { KubeObject } from "../../src/simulator/kubernetes/objects.ts";
import type { ResourceName } from "../../src/simulator/kubernetes/resources.ts";
import { KubernetesWorld } from "../../src/simulator/kubernetes/world.ts";
import type { Breach } from "../../src/simulator/observer/breach.ts";
import { type Leftovers, leftovers } from "../../src/simulator/observer/leftovers.ts";
import { Observer, type WatchedGroup } from "../../src/simulator/observer/observer.ts";
import { VirtualClock } from "../../src/simulator/virtual-clock.ts";
import { type Random, seededRandom } from "../../src/support/random.ts";
import type { JobTemplate } from "../../src/template/port.ts";
import { SEED_SETTINGS, SHIPPED_TEMPLATE } from "./seed.ts";

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

const START = Date.UTC(2026, 5, 1, 8);
/** What the seed's test pipeline asks for. */
const RUNS_ON = ["self.hosted", "gke.runner"];
/** Nothing of ours is one-sided. */
export const NOTHING_LEFT: Leftovers = { registrations: [], jobs: [], secrets: [] };

export interface StageOptions {
  readonly seed?: number;
  readonly behaviour?: Partial<BitbucketBehaviour>;
  /** Default: the seed's. */
  readonly settings?: Settings;
  readonly pools?: readonly NodePool[];
  readonly namespaces?: readonly string[];
}

/** Both worlds with the seed's workspace in them, until the running test ends, which fails if a secret was logged. */
export function openStage(options: StageOptions = {}): Stage {
  const stage = new Stage(options);
  onTestFinished(() => {
    stage.close();
    expect(stage.leaked).toEqual([]);
  });
  return stage;
}

/**
 * Both worlds under one virtual clock, an observer that looks after every event, and the unchanged processes. Everything may be changed while
 * time passes: the configuration, the template, what goes wrong.
 */
export class Stage {
  readonly clock = new VirtualClock(START);
  readonly bitbucket: BitbucketWorld;
  readonly cluster: KubernetesWorld;
  readonly workspace: Workspace;
  readonly repository: Repository;
  readonly observer: Observer;
  template: JobTemplate = SHIPPED_TEMPLATE;
  /** What goes wrong with the requests of all processes, from now on. */
  faults: { readonly bitbucket?: ChooseFault; readonly kubernetes?: ChooseFault } = {};
  /** What the processes told, in order. */
  readonly reports: GroupReport[] = [];
  readonly cleanings: CleanReport[] = [];
  readonly failures: Failure[] = [];
  readonly logs: string[] = [];
  readonly #random: Random;
  readonly #groups: WatchedGroup[] = [];
  readonly #processes: SimulatedProcess[] = [];
  /** What must not be logged, by what it is. */
  readonly #secrets = new Map<string, string>([[CONSUMER.secret, "the consumer's secret"]]);
  #settings: Settings;

  constructor({ seed = 1, behaviour = {}, settings = SEED_SETTINGS, pools, namespaces }: StageOptions) {
    this.#random = seededRandom(seed);
    this.#settings = settings;
    const { clock } = this;
    this.bitbucket = new BitbucketWorld({ clock, random: this.#fork(), behaviour });
    this.workspace = this.bitbucket.addWorkspace({
      slug: "woodpeckernew",
      uuid: SEED_SETTINGS.groups[0]?.workspace ?? "",
    });
    this.repository = this.bitbucket.addRepository(this.workspace, { slug: "app" });
    this.bitbucket.credentials.addConsumer({
      ...CONSUMER,
      privacy: "private",
      callbackUrl: "https://bitbucket.org",
      scopes: ["account", "repository", "pipeline:write", "runner:write"],
      admin: true,
    });
    this.bitbucket.onEvent((event) => {
      if (event.type !== "runner-created") return;
      const secret = this.bitbucket.runners.find(event.runner)?.oauthClientSecret.reveal();
      if (secret !== undefined) this.#secrets.set(secret, `the secret of runner ${event.runner}`);
    });
    this.observer = new Observer({ bitbucket: this.bitbucket, groups: this.#groups });
    this.cluster = new KubernetesWorld({
      clock,
      random: this.#fork(),
      agents: this.bitbucket,
      onEvent: (event) => this.observer.seeCluster(event),
      ...(pools && { pools }),
      ...(namespaces && { namespaces }),
    });
    this.settings = settings;
  }

  get settings(): Settings {
    return this.#settings;
  }

  /** The configuration file is edited. */
  set settings(settings: Settings) {
    this.#settings = settings;
    for (const group of settings.groups) this.#watch(group);
  }

  /** Since the beginning, in milliseconds. */
  get elapsedMs(): number {
    return this.clock.now() - START;
  }

  get breaches(): readonly Breach[] {
    return this.observer.breaches;
  }

  start(name: ProcessOptions["name"], options: Partial<Pick<ProcessOptions, "installation">> = {}): SimulatedProcess {
    const process = new SimulatedProcess({
      name,
      bitbucket: this.bitbucket,
      cluster: this.cluster,
      clock: this.clock,
      random: this.#fork(),
      settings: () => this.#settings,
      template: () => this.template,
      faults: {
        bitbucket: (request, index) => {
          const [scheme = "", token = ""] = request.headers.authorization?.split(" ") ?? [];
          if (token !== "") this.#secrets.set(token, `${scheme} credentials`);
          return this.faults.bitbucket?.(request, index);
        },
        kubernetes: (request, index) => this.faults.kubernetes?.(request, index),
      },
      write: (line) => void this.logs.push(line),
      hear: (event) => this.#hear(event),
      ...options,
    });
    this.#processes.push(process);
    return process;
  }

  /** Starts the controller and the cleaner. */
  startBoth(): { readonly controller: SimulatedProcess; readonly cleaner: SimulatedProcess } {
    return { controller: this.start("controller"), cleaner: this.start("cleaner") };
  }

  /** Lets time pass. */
  async run(ms: number): Promise<void> {
    await this.clock.advance(ms);
  }

  /** Lets time pass until `condition` holds. @returns how long it took. @throws {Error} when it still does not after `withinMs` */
  async until(condition: () => boolean, withinMs: number, stepMs: number = SECOND): Promise<number> {
    const begun = this.clock.now();
    while (!condition()) {
      if (this.clock.now() - begun >= withinMs)
        throw new Error(`not so within ${withinMs} ms: ${condition.toString()}`);
      await this.run(stepMs);
    }
    return this.clock.now() - begun;
  }

  /** So many pipelines of one step start now. */
  queue(count: number, durationMs: number, labels: readonly string[] = RUNS_ON, repository = this.repository): void {
    for (let i = 0; i < count; i += 1) this.bitbucket.pipelines.start(repository, { steps: [{ labels, durationMs }] });
  }

  /** The registrations of the workspace, oldest first. */
  get runners(): readonly RunnerGlance[] {
    return this.bitbucket.glance({ workspace: this.workspace });
  }

  /** Those that could take a step. */
  get serving(): readonly RunnerGlance[] {
    return this.runners.filter((runner) => runner.status === "ONLINE" && !runner.disabled);
  }

  runner(uuid: string): RunnerGlance | undefined {
    return this.bitbucket.glance().find((runner) => runner.uuid === uuid);
  }

  /** The first runner of the workspace. @throws {Error} when there is none */
  get anyRunner(): RunnerGlance {
    const [runner] = this.runners;
    if (runner === undefined) throw new Error("there is no runner");
    return runner;
  }

  /** Names of Jobs, Secrets, …, in the order of their names. */
  names(resource: ResourceName, namespace?: string): readonly string[] {
    return this.cluster.list(resource, namespace).map(({ metadata }) => metadata.name);
  }

  jobOf(uuid: string): KubeObject | undefined {
    return this.cluster.list("jobs").find(({ metadata }) => metadata.name === `runner-${bare(uuid)}`);
  }

  secretOf(uuid: string): KubeObject | undefined {
    const name = `runner-oauth-credentials-${bare(uuid)}`;
    return this.cluster.list("secrets").find(({ metadata }) => metadata.name === name);
  }

  podOf(uuid: string): KubeObject | undefined {
    return this.cluster.list("pods").find(({ metadata }) => metadata.labels?.runner_uuid === bare(uuid));
  }

  /** The drain annotation on a runner's Job: its text. */
  drainOf(uuid: string): string | undefined {
    return this.jobOf(uuid)?.metadata.annotations?.["runners-autoscaler/drain"];
  }

  /** What a runner was last reported as, in any group. */
  phaseOf(uuid: string): string | undefined {
    return this.reports
      .findLast(({ runners }) => runners.some((runner) => runner.uuid === uuid))
      ?.runners.find((runner) => runner.uuid === uuid)?.phase;
  }

  /** The group's last report. @throws {Error} when there is none */
  lastReport(group = this.#settings.groups[0]?.name): GroupReport {
    const report = this.reports.findLast((each) => each.group === group);
    if (report === undefined) throw new Error(`nothing was reported of ${group}`);
    return report;
  }

  /** Registrations that were made so far, by whomever. */
  get registrations(): number {
    return this.bitbucket.events.filter(({ type }) => type === "runner-created").length;
  }

  /** Steps by how they ended; "waiting" and "running" for the others. */
  get steps(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { outcome, startedAt } of this.bitbucket.pipelines.steps()) {
      const state = outcome ?? (startedAt === undefined ? "waiting" : "running");
      counts[state] = (counts[state] ?? 0) + 1;
    }
    return counts;
  }

  /** What is on one side only. */
  get leftovers(): Leftovers {
    return leftovers(
      this.bitbucket,
      this.cluster.list("jobs"),
      this.cluster.list("secrets"),
      installationOf(this.cluster),
    );
  }

  /** The secrets that the processes logged, plain or as a Secret holds them; no redactor is in between. What they are, not what they say. */
  get leaked(): readonly string[] {
    const text = this.logs.join("");
    return [...this.#secrets].flatMap(([secret, what]) =>
      text.includes(secret) || text.includes(Buffer.from(secret).toString("base64")) ? [what] : [],
    );
  }

  close(): void {
    for (const process of this.#processes) process.stop();
    this.cluster.stop();
    this.bitbucket.close();
  }

  #hear(event: ProcessEvent): void {
    if (event.type === "group-pass-done") this.reports.push(event.report);
    else if (event.type === "clean-up-done") this.cleanings.push(event.report);
    else if (event.type === "failure") this.failures.push(event);
  }

  #watch({ name, labels, namespace, parameters, workspace }: GroupSettings): void {
    const known = this.#groups.find((group) => group.name === name);
    const max = { from: this.#groups.length === 0 ? 0 : this.clock.now(), value: parameters.max };
    if (known !== undefined) known.max.push(max);
    else {
      const scopeUuid = this.bitbucket.places.workspace(workspace)?.uuid ?? workspace;
      this.#groups.push({ name, labels, namespace, scopeUuid, max: [{ ...max, from: 0 }] });
    }
  }

  #fork(): Random {
    return seededRandom(Math.floor(this.#random.next() * 2 ** 32));
  }
}

function bare(uuid: string): string {
  return uuid.slice(1, -1);
}
