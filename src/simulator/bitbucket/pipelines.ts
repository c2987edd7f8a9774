import type { Clock } from "../../support/clock.ts";
import { type Random, randomName } from "../../support/random.ts";
import type { BitbucketBehaviour } from "./behaviour.ts";
import type { EventLog, KillCause } from "./events.ts";
import { drawUuid, type Repository } from "./places.ts";
import { neededLabels } from "./runner-rules.ts";
import type { Runner } from "./runners.ts";
import type { Timers } from "./timers.ts";

/** A step as a pipeline's author wrote it. */
export interface StepSpec {
  readonly name?: string;
  /** `runs-on`. */
  readonly labels: readonly string[];
  /** How long it runs on an agent. */
  readonly durationMs: number;
  /** Longer than this and it is failed. Default 120 minutes, at most 720. */
  readonly maxTimeMs?: number;
  /** It ends as failed. */
  readonly fails?: true;
  /** It waits for a human. */
  readonly manual?: true;
}

export interface PipelineSpec {
  readonly branch?: string;
  /** One after another; those of an inner list side by side. */
  readonly steps: readonly (StepSpec | readonly StepSpec[])[];
}

export type StepOutcome = "successful" | "failed" | "killed" | "expired" | "not-run";

/** A step of a pipeline that was started. Only this folder writes to it. */
export interface Step {
  readonly uuid: string;
  readonly pipeline: Pipeline;
  readonly spec: StepSpec;
  /** What a runner must have to take it. */
  readonly needs: readonly string[];
  /** When it began to wait for a runner; undefined before its turn. */
  queuedAt: number | undefined;
  startedAt: number | undefined;
  finishedAt: number | undefined;
  outcome: StepOutcome | undefined;
  killedBy: KillCause | undefined;
  /** The runner that took it. */
  runner: string | undefined;
}

/** Only this folder writes to it. */
export interface Pipeline {
  readonly uuid: string;
  readonly buildNumber: number;
  readonly repository: Repository;
  readonly commit: string;
  readonly branch: string;
  readonly createdAt: number;
  readonly groups: readonly (readonly Step[])[];
  finishedAt: number | undefined;
  /** Stopped by a human or a rule until resumed: its steps wait, but for no runner. */
  halted: boolean;
}

const MINUTE_MS = 60_000;
const DEFAULT_MAX_TIME_MS = 120 * MINUTE_MS;
const LONGEST_MAX_TIME_MS = 720 * MINUTE_MS;

/** How long a step may run before it is failed. */
export function maxTimeMs(spec: StepSpec): number {
  return Math.min(spec.maxTimeMs ?? DEFAULT_MAX_TIME_MS, LONGEST_MAX_TIME_MS);
}

/** Every step of a pipeline, in the order of its file. */
export function stepsOf(pipeline: Pipeline): readonly Step[] {
  return pipeline.groups.flat();
}

/** Pipelines and the queue of their steps. */
export class Pipelines {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #behaviour: BitbucketBehaviour;
  readonly #events: EventLog;
  readonly #timers: Timers;
  readonly #anyOnlineFor: (step: Step) => boolean;
  readonly #onQueued: (step: Step) => void;
  readonly #pipelines = new Map<string, Pipeline>();
  readonly #ofRepository = new Map<string, Pipeline[]>();
  readonly #queue: Step[] = [];

  constructor(parts: {
    readonly clock: Clock;
    readonly random: Random;
    readonly behaviour: BitbucketBehaviour;
    readonly events: EventLog;
    readonly timers: Timers;
    readonly anyOnlineFor: (step: Step) => boolean;
    readonly onQueued: (step: Step) => void;
  }) {
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.#behaviour = parts.behaviour;
    this.#events = parts.events;
    this.#timers = parts.timers;
    this.#anyOnlineFor = parts.anyOnlineFor;
    this.#onQueued = parts.onQueued;
  }

  /** Steps that wait for a runner, oldest first. */
  get queue(): readonly Step[] {
    return this.#queue;
  }

  /** Every step of every pipeline, oldest pipeline first. */
  steps(): readonly Step[] {
    return [...this.#pipelines.values()].flatMap(stepsOf);
  }

  of(repository: Repository): readonly Pipeline[] {
    return this.#ofRepository.get(repository.uuid) ?? [];
  }

  find(uuid: string): Pipeline | undefined {
    return this.#pipelines.get(uuid);
  }

  /** Starts a pipeline: its first steps wait for runners from now on. */
  start(repository: Repository, spec: PipelineSpec): Pipeline {
    const siblings = this.#ofRepository.get(repository.uuid) ?? [];
    const groups: Step[][] = [];
    const pipeline: Pipeline = {
      uuid: drawUuid(this.#random),
      buildNumber: siblings.length + 1,
      repository,
      commit: Buffer.from(randomName(this.#random, 20)).toString("hex"),
      branch: spec.branch ?? "main",
      createdAt: this.#clock.now(),
      groups,
      finishedAt: undefined,
      halted: false,
    };
    for (const part of spec.steps) {
      groups.push([part].flat().map((stepSpec) => this.#stepOf(pipeline, stepSpec)));
    }
    siblings.push(pipeline);
    this.#ofRepository.set(repository.uuid, siblings);
    this.#pipelines.set(pipeline.uuid, pipeline);
    this.#events.append({ type: "pipeline-started", pipeline: pipeline.uuid, repository: repository.uuid });
    this.#proceed(pipeline);
    return pipeline;
  }

  /** A human starts a manual step whose turn has come; any other is left as it is. */
  trigger(step: Step): void {
    const group = step.pipeline.groups.find((steps) => steps.includes(step));
    if (step.spec.manual && step.queuedAt === undefined && group === currentGroup(step.pipeline)) this.#enqueue(step);
  }

  /** Its waiting steps want no runner until {@link resume}. */
  halt(pipeline: Pipeline): void {
    pipeline.halted = true;
    for (const step of stepsOf(pipeline)) if (step.startedAt === undefined) this.#leaveQueue(step);
  }

  resume(pipeline: Pipeline): void {
    pipeline.halted = false;
    for (const step of stepsOf(pipeline)) {
      if (step.queuedAt !== undefined && step.startedAt === undefined && step.outcome === undefined) this.#wait(step);
    }
    this.#proceed(pipeline);
  }

  /** Whether a step waits that the runner could take. */
  anyFor(runner: Runner): boolean {
    return this.#queue.some((step) => fits(step, runner));
  }

  /** The runner's agent takes the oldest step that fits. */
  take(runner: Runner): Step | undefined {
    const step = this.#queue.find((waiting) => fits(waiting, runner));
    if (step === undefined) return undefined;
    this.#leaveQueue(step);
    step.startedAt = this.#clock.now();
    step.runner = runner.uuid;
    this.#events.append({ type: "step-started", step: step.uuid, runner: runner.uuid });
    return step;
  }

  /** A running step came to its end. */
  finish(step: Step, outcome: "successful" | "failed"): void {
    this.#end(step, outcome);
    this.#events.append({ type: "step-finished", step: step.uuid, runner: step.runner ?? "", outcome });
    this.#proceed(step.pipeline);
  }

  /** A running step died. */
  kill(step: Step, cause: KillCause): void {
    step.killedBy = cause;
    this.#end(step, "killed");
    this.#events.append({ type: "step-killed", step: step.uuid, runner: step.runner ?? "", cause });
    this.#proceed(step.pipeline);
  }

  #stepOf(pipeline: Pipeline, spec: StepSpec): Step {
    return {
      uuid: drawUuid(this.#random),
      pipeline,
      spec,
      needs: neededLabels(spec.labels),
      queuedAt: undefined,
      startedAt: undefined,
      finishedAt: undefined,
      outcome: undefined,
      killedBy: undefined,
      runner: undefined,
    };
  }

  #end(step: Step, outcome: StepOutcome): void {
    step.outcome = outcome;
    step.finishedAt = this.#clock.now();
  }

  #enqueue(step: Step): void {
    step.queuedAt = this.#clock.now();
    this.#events.append({ type: "step-queued", step: step.uuid, pipeline: step.pipeline.uuid });
    if (this.#behaviour.unmatchedStep === "fails" && !this.#anyOnlineFor(step)) return this.#expire(step);
    this.#wait(step);
  }

  #wait(step: Step): void {
    this.#queue.push(step);
    this.#timers.after(this.#behaviour.queueLimitMs, step, () => {
      this.#expire(step);
    });
    this.#onQueued(step);
  }

  #expire(step: Step): void {
    this.#leaveQueue(step);
    this.#end(step, "expired");
    this.#events.append({ type: "step-expired", step: step.uuid, pipeline: step.pipeline.uuid });
    this.#proceed(step.pipeline);
  }

  #leaveQueue(step: Step): void {
    this.#timers.cancel(step);
    const at = this.#queue.indexOf(step);
    if (at >= 0) this.#queue.splice(at, 1);
  }

  /** Queues what is next, or ends the pipeline. */
  #proceed(pipeline: Pipeline): void {
    if (pipeline.halted || pipeline.finishedAt !== undefined) return;
    const group = currentGroup(pipeline);
    if (group === undefined) return this.#close(pipeline);
    if (group.some(({ outcome }) => outcome !== undefined && outcome !== "successful")) {
      // Steps that run beside the failed one come to their own end; what never started is not run.
      if (stepsOf(pipeline).some((step) => step.queuedAt !== undefined && step.outcome === undefined)) return;
      for (const step of stepsOf(pipeline)) if (step.outcome === undefined) this.#end(step, "not-run");
      return this.#close(pipeline);
    }
    for (const step of group) {
      if (step.queuedAt === undefined && step.outcome === undefined && !step.spec.manual) this.#enqueue(step);
    }
  }

  #close(pipeline: Pipeline): void {
    pipeline.finishedAt = this.#clock.now();
    this.#events.append({
      type: "pipeline-finished",
      pipeline: pipeline.uuid,
      repository: pipeline.repository.uuid,
    });
  }
}

/** The first group that is not all successful. */
function currentGroup(pipeline: Pipeline): readonly Step[] | undefined {
  return pipeline.groups.find((steps) => steps.some(({ outcome }) => outcome !== "successful"));
}

/** Whether a runner may take a step: of its scope, with all the labels that the step needs. */
export function fits(step: Step, runner: Runner): boolean {
  const { repository } = step.pipeline;
  const inScope =
    runner.scope.repository === undefined
      ? runner.scope.workspace === repository.workspace
      : runner.scope.repository === repository;
  return inScope && step.needs.every((label) => runner.labelSet.has(label));
}
