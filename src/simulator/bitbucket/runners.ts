import type { Clock } from "../../support/clock.ts";
import { type Random, randomName } from "../../support/random.ts";
import { Secret } from "../../support/secret.ts";
import type { BitbucketBehaviour } from "./behaviour.ts";
import type { Actor, EventLog } from "./events.ts";
import { drawUuid, type RunnerScope, scopeUuidOf } from "./places.ts";
import { labelsProblem, nameProblem } from "./runner-rules.ts";

/** A registration, as this world keeps it. Only this folder writes to it. */
export interface Runner {
  readonly uuid: string;
  readonly scope: RunnerScope;
  readonly oauthClientId: string;
  readonly oauthClientSecret: Secret;
  readonly createdAt: number;
  readonly createdBy: Actor;
  name: string;
  labels: readonly string[];
  labelSet: ReadonlySet<string>;
  updatedAt: number;
  stateUpdatedAt: number;
  /** What Bitbucket believes of its agent. */
  connection: "never" | "online" | "offline";
  healthy: boolean;
  /** Set while it is kept from new steps. */
  disabled: { readonly at: number; readonly by: Actor } | undefined;
  enabledAt: number | undefined;
  /** The agent that connected last beats at these times: `from`, and every beat after it; none after `until`. */
  beats: { readonly from: number; until: number | undefined } | undefined;
  /** The step that Bitbucket shows on it. An agent that is gone may have ended it already. */
  step: { readonly uuid: string; readonly takenAt: number } | undefined;
}

/** Why a registration is refused. */
export interface Refusal {
  readonly status: 400 | 409;
  readonly problem: string;
}

/** What happened to a registration that its agents have to know. */
export type RunnerChange = "disabled" | "enabled" | "relabelled" | "deleted";

/** The registrations of all scopes. */
export class Runners {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #behaviour: BitbucketBehaviour;
  readonly #events: EventLog;
  readonly #byUuid = new Map<string, Runner>();
  readonly #byScope = new Map<string, Map<string, Runner>>();
  readonly #watchers: ((runner: Runner, change: RunnerChange) => void)[] = [];
  readonly #runningOn: (runner: Runner) => readonly string[];

  constructor(parts: {
    readonly clock: Clock;
    readonly random: Random;
    readonly behaviour: BitbucketBehaviour;
    readonly events: EventLog;
    /** The steps that a runner's agents really run. */
    readonly runningOn: (runner: Runner) => readonly string[];
  }) {
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.#behaviour = parts.behaviour;
    this.#events = parts.events;
    this.#runningOn = parts.runningOn;
  }

  watch(watcher: (runner: Runner, change: RunnerChange) => void): void {
    this.#watchers.push(watcher);
  }

  /** All of the world, oldest first. */
  all(): readonly Runner[] {
    return [...this.#byUuid.values()];
  }

  /** Those of one workspace or one repository (a workspace's do not include its repositories'), oldest first. */
  of(scope: RunnerScope): readonly Runner[] {
    return [...(this.#byScope.get(scopeUuidOf(scope))?.values() ?? [])];
  }

  find(uuid: string): Runner | undefined {
    return this.#byUuid.get(uuid);
  }

  findIn(scope: RunnerScope, uuid: string): Runner | undefined {
    return this.#byScope.get(scopeUuidOf(scope))?.get(uuid);
  }

  register(
    scope: RunnerScope,
    wanted: { readonly name?: unknown; readonly labels?: unknown; readonly uuid?: unknown },
    by: Actor,
  ): Runner | Refusal {
    const problem = nameProblem(wanted.name) ?? labelsProblem(wanted.labels);
    if (problem !== undefined) return { status: 400, problem };
    if (typeof wanted.uuid === "string" && this.#byUuid.has(wanted.uuid))
      return { status: 409, problem: "A runner with this uuid exists already." };
    const siblings = this.#byScope.get(scopeUuidOf(scope)) ?? new Map<string, Runner>();
    if (siblings.size >= this.#behaviour.runnersPerScope)
      return { status: 400, problem: `The limit of ${this.#behaviour.runnersPerScope} runners is reached.` };

    const now = this.#clock.now();
    const labels = wanted.labels as readonly string[];
    const runner: Runner = {
      uuid: typeof wanted.uuid === "string" ? wanted.uuid : drawUuid(this.#random),
      scope,
      oauthClientId: randomName(this.#random, 32),
      oauthClientSecret: new Secret(randomName(this.#random, 64)),
      createdAt: now,
      createdBy: by,
      name: wanted.name as string,
      labels,
      labelSet: new Set(labels),
      updatedAt: now,
      stateUpdatedAt: now,
      connection: "never",
      healthy: true,
      disabled: undefined,
      enabledAt: undefined,
      beats: undefined,
      step: undefined,
    };
    siblings.set(runner.uuid, runner);
    this.#byScope.set(scopeUuidOf(scope), siblings);
    this.#byUuid.set(runner.uuid, runner);
    this.#events.append({
      type: "runner-created",
      runner: runner.uuid,
      name: runner.name,
      scope: scopeUuidOf(scope),
      by,
    });
    return runner;
  }

  /** Changes name and labels. Gives what is wrong with them instead. */
  update(
    runner: Runner,
    wanted: { readonly name?: unknown; readonly labels?: unknown },
    by: Actor,
  ): Refusal | undefined {
    const { name = runner.name, labels = runner.labels } = wanted;
    const problem = nameProblem(name) ?? labelsProblem(labels);
    if (problem !== undefined) return { status: 400, problem };
    const sameLabels = JSON.stringify(labels) === JSON.stringify(runner.labels);
    if (name === runner.name && sameLabels) return undefined;
    runner.name = name as string;
    runner.labels = labels as readonly string[];
    runner.labelSet = new Set(runner.labels);
    runner.updatedAt = this.#clock.now();
    this.#events.append({ type: "runner-updated", runner: runner.uuid, by });
    if (!sameLabels) this.#tell(runner, "relabelled");
    return undefined;
  }

  /** Keeps the runner from new steps; once more changes nothing. */
  disable(runner: Runner, by: Actor): void {
    if (runner.disabled !== undefined) return;
    this.#touch(runner);
    runner.disabled = { at: this.#clock.now(), by };
    runner.enabledAt = undefined;
    this.#events.append({ type: "runner-disabled", runner: runner.uuid, by });
    this.#tell(runner, "disabled");
  }

  /** Lets the runner take steps again. */
  enable(runner: Runner, by: Actor): void {
    if (runner.disabled === undefined) return;
    this.#touch(runner);
    runner.disabled = undefined;
    runner.enabledAt = this.#clock.now();
    this.#events.append({ type: "runner-enabled", runner: runner.uuid, by });
    this.#tell(runner, "enabled");
  }

  /** Forgets the registration. A step that runs on it dies. */
  delete(runner: Runner, by: Actor): void {
    if (!this.#byUuid.delete(runner.uuid)) return;
    this.#byScope.get(scopeUuidOf(runner.scope))?.delete(runner.uuid);
    this.#events.append({
      type: "runner-deleted",
      runner: runner.uuid,
      by,
      running: this.#runningOn(runner),
      connectedOnce: runner.connection !== "never",
    });
    this.#tell(runner, "deleted");
  }

  #touch(runner: Runner): void {
    runner.updatedAt = this.#clock.now();
    runner.stateUpdatedAt = runner.updatedAt;
  }

  #tell(runner: Runner, change: RunnerChange): void {
    for (const watcher of this.#watchers) watcher(runner, change);
  }
}

/** The first beat after a moment, of an agent that beats from `from` on. */
export function nextBeat(from: number, beatMs: number, afterMs: number): number {
  if (afterMs < from) return from;
  return from + (Math.floor((afterMs - from) / beatMs) + 1) * beatMs;
}

/** The last beat at or before a moment. */
export function lastBeat(from: number, beatMs: number, atMs: number): number {
  return from + Math.floor(Math.max(0, atMs - from) / beatMs) * beatMs;
}
