import type { Clock } from "../../support/clock.ts";
import type { Random } from "../../support/random.ts";
import type { AgentHost, AgentIdentity, RunningAgent } from "../agent-host.ts";
import { Agents } from "./agents.ts";
import { shownStatus, shownStep } from "./api/runner-view.ts";
import { type BitbucketBehaviour, defaultBehaviour } from "./behaviour.ts";
import { Credentials } from "./credentials.ts";
import { type BitbucketEvent, EventLog, HUMAN } from "./events.ts";
import { fits, Pipelines } from "./pipelines.ts";
import { Places, type Repository, type RunnerScope, type Workspace } from "./places.ts";
import { Replica } from "./replica.ts";
import { type Refusal, type Runner, Runners } from "./runners.ts";
import { Timers } from "./timers.ts";
import { Traffic } from "./traffic.ts";

/** One runner at a glance: what Bitbucket shows, and what is really so. */
export interface RunnerGlance {
  readonly uuid: string;
  readonly name: string;
  readonly labels: readonly string[];
  /** Of its workspace or repository. */
  readonly scopeUuid: string;
  readonly status: string;
  readonly disabled: boolean;
  readonly shownStep: string | undefined;
  /** The steps that its agents really run. */
  readonly running: readonly string[];
  /** Processes alive, those that have not connected yet included. */
  readonly agents: number;
  readonly connectedOnce: boolean;
  readonly createdAt: number;
}

/**
 * Bitbucket Cloud in memory, as far as runners go: workspaces, repositories, runner registrations with their agents, pipelines,
 * credentials and limits. The same clock, random numbers and calls give the same history. `http.ts` puts its REST API in front.
 */
export class BitbucketWorld implements AgentHost {
  /** May be changed at any time. */
  readonly behaviour: BitbucketBehaviour;
  readonly places: Places;
  readonly credentials: Credentials;
  readonly runners: Runners;
  readonly agents: Agents;
  readonly pipelines: Pipelines;
  readonly traffic: Traffic;
  readonly clock: Clock;
  /** Its own source of chance. */
  readonly random: Random;
  /** What reads show that come from a replica which is behind. */
  readonly replica = new Replica();
  readonly #events: EventLog;
  readonly #timers: Timers;

  /** The world draws its uuids, keys and delays from `random`: give it one of its own. */
  constructor(parts: {
    readonly clock: Clock;
    readonly random: Random;
    readonly behaviour?: Partial<BitbucketBehaviour>;
  }) {
    const { clock, random } = parts;
    const behaviour = { ...defaultBehaviour(), ...parts.behaviour };
    const events = new EventLog(clock);
    const timers = new Timers(clock);
    const common = { clock, random, behaviour, events, timers };
    this.clock = clock;
    this.random = random;
    this.behaviour = behaviour;
    this.#events = events;
    this.#timers = timers;
    this.places = new Places(random);
    this.credentials = new Credentials(common);
    this.traffic = new Traffic(clock, behaviour);
    this.runners = new Runners({
      ...common,
      runningOn: ({ uuid }) => this.agents.runningOn(uuid).map((step) => step.uuid),
    });
    this.pipelines = new Pipelines({
      ...common,
      anyOnlineFor: (step) =>
        this.runners.all().some((runner) => runner.connection === "online" && !runner.disabled && fits(step, runner)),
      onQueued: (step) => {
        this.agents.stepQueued(step);
      },
    });
    this.agents = new Agents({ ...common, runners: this.runners, pipelines: this.pipelines });
    events.listen((event) => {
      if (!("runner" in event)) return;
      // An event is told while what belongs to it still happens.
      queueMicrotask(() => this.replica.note(event, event.runner, this.runners.find(event.runner)));
    });
  }

  /** All that happened, in order. */
  get events(): readonly BitbucketEvent[] {
    return this.#events.all;
  }

  /** Calls `listener` after each event, once the state shows it; it must not throw. Gives the way to stop. */
  onEvent(listener: (event: BitbucketEvent) => void): () => void {
    return this.#events.listen(listener);
  }

  addWorkspace(workspace: { readonly slug: string; readonly uuid?: string; readonly name?: string }): Workspace {
    return this.places.addWorkspace(workspace, this.clock.now());
  }

  addRepository(
    workspace: Workspace,
    repository: { readonly slug: string; readonly uuid?: string; readonly name?: string },
  ): Repository {
    return this.places.addRepository(workspace, repository, this.clock.now());
  }

  start(identity: AgentIdentity, onExit: (exitCode: number) => void): RunningAgent {
    return this.agents.start(identity, onExit);
  }

  /** Every runner of the world, or of one workspace or repository, oldest first. */
  glance(scope?: RunnerScope): readonly RunnerGlance[] {
    return (scope === undefined ? this.runners.all() : this.runners.of(scope)).map((runner) => this.#glanceAt(runner));
  }

  /** Somebody registers a runner in the web interface. */
  humanRegisters(
    scope: RunnerScope,
    runner: { readonly name: string; readonly labels: readonly string[] },
  ): Runner | Refusal {
    return this.runners.register(scope, runner, HUMAN);
  }

  /** Somebody disables a runner in the web interface; one that is gone is left alone. */
  humanDisables(uuid: string): void {
    const runner = this.runners.find(uuid);
    if (runner !== undefined) this.runners.disable(runner, HUMAN);
  }

  humanEnables(uuid: string): void {
    const runner = this.runners.find(uuid);
    if (runner !== undefined) this.runners.enable(runner, HUMAN);
  }

  humanDeletes(uuid: string): void {
    const runner = this.runners.find(uuid);
    if (runner !== undefined) this.runners.delete(runner, HUMAN);
  }

  /** Stops all agents' timers: the world stands still and holds no process open. */
  close(): void {
    this.#timers.close();
  }

  #glanceAt(runner: Runner): RunnerGlance {
    const now = this.clock.now();
    return {
      uuid: runner.uuid,
      name: runner.name,
      labels: runner.labels,
      scopeUuid: (runner.scope.repository ?? runner.scope.workspace).uuid,
      status: shownStatus(runner, this.behaviour, now),
      disabled: runner.disabled !== undefined,
      shownStep: shownStep(runner, this.behaviour, now),
      running: this.agents.runningOn(runner.uuid).map(({ uuid }) => uuid),
      agents: this.agents.of(runner.uuid).length,
      connectedOnce: runner.connection !== "never",
      createdAt: runner.createdAt,
    };
  }
}

/** The environment that a runner's container gets: for agents that run outside of any cluster. */
export function identityOf(runner: Runner): AgentIdentity {
  return {
    accountUuid: runner.scope.workspace.uuid,
    ...(runner.scope.repository && { repositoryUuid: runner.scope.repository.uuid }),
    runnerUuid: runner.uuid,
    oauthClientId: runner.oauthClientId,
    oauthClientSecret: runner.oauthClientSecret.reveal(),
  };
}
