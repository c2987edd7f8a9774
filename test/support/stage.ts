import { expect, onTestFinished } from "vitest";
import type { Failure } from "../../src/domain/events.ts";
import type { CleanReport, GroupReport } from "../../src/domain/report.ts";
import type { ProcessName, Settings } from "../../src/domain/settings.ts";
import { SimulatedInstallation } from "../../src/simulation/installation.ts";
import { passTimeUntil } from "../../src/simulation/run.ts";
import type { ProcessOptions, SimulatedProcess } from "../../src/simulation/simulated-process.ts";
import { stepsByState } from "../../src/simulation/step-counts.ts";
import type { BitbucketBehaviour } from "../../src/simulator/bitbucket/behaviour.ts";
import type { Repository, Workspace } from "../../src/simulator/bitbucket/places.ts";
import type { RunnerGlance } from "../../src/simulator/bitbucket/world.ts";
import type { NodePool } from "../../src/simulator/kubernetes/nodes/node-pools.ts";
import type { KubeObject } from "../../src/simulator/kubernetes/objects.ts";
import type { ResourceName } from "../../src/simulator/kubernetes/resources.ts";
import type { Leftovers } from "../../src/simulator/observer/leftovers.ts";
import type { Breach } from "../../src/simulator/observer/observer.ts";
import { PlantedSecrets } from "./planted-secrets.ts";
import { SEED_SETTINGS, SHIPPED_TEMPLATE } from "./seed.ts";

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

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
 * A simulated installation in the seed's workspace, whatever its settings name, with short ways to look at it and with all that its processes
 * told and logged.
 */
export class Stage extends SimulatedInstallation {
  readonly workspace: Workspace;
  readonly repository: Repository;
  /** What the processes told, in order. */
  readonly reports: GroupReport[];
  readonly cleanings: CleanReport[];
  readonly failures: Failure[];
  readonly logs: string[];
  readonly #secrets: PlantedSecrets;

  constructor({ seed = 1, settings = SEED_SETTINGS, ...others }: StageOptions) {
    const reports: GroupReport[] = [];
    const cleanings: CleanReport[] = [];
    const failures: Failure[] = [];
    const logs: string[] = [];
    super({
      ...others,
      seed,
      settings,
      existing: SEED_SETTINGS,
      template: SHIPPED_TEMPLATE,
      write: (line) => void logs.push(line),
      hear: (event) => {
        if (event.type === "group-pass-done") reports.push(event.report);
        if (event.type === "clean-up-done") cleanings.push(event.report);
        if (event.type === "failure") failures.push(event);
      },
    });
    this.reports = reports;
    this.cleanings = cleanings;
    this.failures = failures;
    this.logs = logs;
    this.#secrets = new PlantedSecrets(this.bitbucket);
    const [place] = this.places;
    if (place === undefined) throw new Error("the seed has a group");
    this.repository = place.repository;
    this.workspace = place.repository.workspace;
  }

  get breaches(): readonly Breach[] {
    return this.observer.breaches;
  }

  override start(
    name: ProcessName,
    options: Partial<Pick<ProcessOptions, "installation" | "dryRun" | "aheadMs">> = {},
  ): SimulatedProcess {
    return super.start(name, { ...options, faults: { bitbucket: this.#secrets.noteRequest } });
  }

  /** Lets time pass. */
  async run(ms: number): Promise<void> {
    await this.clock.advance(ms);
  }

  /** Lets time pass until `condition` holds. @returns how long it took. @throws {Error} when it still does not after `withinMs` */
  until(condition: () => boolean, withinMs: number, stepMs: number = SECOND): Promise<number> {
    return passTimeUntil(this.clock, { what: condition.toString(), isSo: condition, withinMs, stepMs });
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
  lastReport(group = this.settings.groups[0]?.name): GroupReport {
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
    return stepsByState(this.bitbucket.pipelines);
  }

  /** The secrets that the processes logged; no redactor is in between. What they are, not what they say. */
  get leaked(): readonly string[] {
    return this.#secrets.foundIn(this.logs);
  }
}

function bare(uuid: string): string {
  return uuid.slice(1, -1);
}
