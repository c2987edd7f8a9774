import type { Clock } from "../../support/clock.ts";
import { type Random, randomBetween } from "../../support/random.ts";
import type { AgentHost, AgentIdentity, RunningAgent } from "../agent-host.ts";
import type { Agent, AgentEnd } from "./agent.ts";
import type { BitbucketBehaviour } from "./behaviour.ts";
import type { EventLog } from "./events.ts";
import { fits, maxTimeMs, type Pipelines, type Step } from "./pipelines.ts";
import { lastBeat, nextBeat, type Runner, type RunnerChange, type Runners } from "./runners.ts";
import type { Timers } from "./timers.ts";

/**
 * The agents in the runners' containers. A connected agent beats and polls every `beatMs`; polls that could find nothing are left out,
 * so that a quiet day costs nothing.
 */
export class Agents implements AgentHost {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #behaviour: BitbucketBehaviour;
  readonly #events: EventLog;
  readonly #timers: Timers;
  readonly #runners: Runners;
  readonly #pipelines: Pipelines;
  readonly #agents = new Set<Agent>();

  constructor(parts: {
    readonly clock: Clock;
    readonly random: Random;
    readonly behaviour: BitbucketBehaviour;
    readonly events: EventLog;
    readonly timers: Timers;
    readonly runners: Runners;
    readonly pipelines: Pipelines;
  }) {
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.#behaviour = parts.behaviour;
    this.#events = parts.events;
    this.#timers = parts.timers;
    this.#runners = parts.runners;
    this.#pipelines = parts.pipelines;
    this.#runners.watch((runner, change) => {
      this.#registrationChanged(runner, change);
    });
  }

  start(identity: AgentIdentity, onExit: (exitCode: number) => void): RunningAgent {
    const agent: Agent = {
      identity,
      onExit,
      state: "starting",
      runner: undefined,
      beatsFrom: 0,
      step: undefined,
      unreported: false,
      pollsNext: false,
      kill: () => {
        this.#end(agent, { exitCode: "killed", cause: "container-stopped" });
      },
    };
    this.#agents.add(agent);
    this.#events.append({ type: "agent-started", runner: identity.runnerUuid });
    this.#timers.after(randomBetween(this.#random, this.#behaviour.connectDelayMs), agent, () => {
      this.#connect(agent);
    });
    return agent;
  }

  /** The processes alive for a runner, connected or not. */
  of(runnerUuid: string): readonly Agent[] {
    return [...this.#agents].filter(({ identity }) => identity.runnerUuid === runnerUuid);
  }

  /** The steps that really run on a runner. */
  runningOn(runnerUuid: string): readonly Step[] {
    return this.of(runnerUuid).flatMap(({ step }) => step ?? []);
  }

  /** A runner's agents fall over: their containers exit by themselves. */
  crash(runnerUuid: string, exitCode = 1): void {
    for (const agent of this.of(runnerUuid)) this.#end(agent, { exitCode, cause: "agent-crashed" });
  }

  /** A runner's agents live on, but Bitbucket hears nothing of them until {@link reconnect}. */
  cutOff(runnerUuid: string): void {
    for (const agent of this.of(runnerUuid)) {
      if (agent.state !== "connected") continue;
      agent.state = "cut-off";
      this.#fallSilent(agent);
    }
  }

  reconnect(runnerUuid: string): void {
    for (const agent of this.of(runnerUuid)) {
      if (agent.state !== "cut-off" || agent.runner === undefined) continue;
      agent.state = "connected";
      this.#heardOf(agent, agent.runner);
      if (agent.unreported) this.#complete(agent);
      else this.#poll(agent);
    }
  }

  /** A runner's agents report that they are well, or that they are not and take no steps. */
  reportHealth(runnerUuid: string, health: "healthy" | "unhealthy"): void {
    const runner = this.#runners.find(runnerUuid);
    if (runner === undefined || runner.healthy === (health === "healthy")) return;
    runner.healthy = health === "healthy";
    runner.stateUpdatedAt = this.#clock.now();
    for (const agent of this.of(runnerUuid)) this.#pollIfAnything(agent);
  }

  /** A step waits: whoever could take it looks at its next beat. */
  stepQueued(step: Step): void {
    for (const agent of this.#agents) {
      if (agent.runner !== undefined && fits(step, agent.runner)) this.#pollAtNextBeat(agent);
    }
  }

  #connect(agent: Agent): void {
    const runner = this.#runners.find(agent.identity.runnerUuid);
    if (runner === undefined || !credentialsFit(runner, agent.identity)) {
      this.#events.append({ type: "agent-refused", runner: agent.identity.runnerUuid });
      return this.#end(agent, { exitCode: 1, cause: "agent-crashed" });
    }
    agent.runner = runner;
    agent.state = "connected";
    agent.beatsFrom = this.#clock.now();
    this.#events.append({ type: "agent-connected", runner: runner.uuid });
    this.#heardOf(agent, runner);
    this.#poll(agent);
  }

  #heardOf(agent: Agent, runner: Runner): void {
    runner.beats = { from: agent.beatsFrom, until: undefined };
    // What an earlier process of this runner ran is known to be lost as soon as the next one reports.
    if (runner.step !== undefined && !this.runningOn(runner.uuid).some(({ uuid }) => uuid === runner.step?.uuid)) {
      runner.step = undefined;
    }
    // One that was hidden while nobody heard of it is shown again.
    if (agent.step !== undefined && this.#behaviour.offlineStep !== "dies")
      runner.step ??= { uuid: agent.step.uuid, takenAt: this.#clock.now() };
    if (runner.connection === "online") return;
    runner.connection = "online";
    runner.stateUpdatedAt = this.#clock.now();
    this.#events.append({ type: "runner-online", runner: runner.uuid });
  }

  #poll(agent: Agent): void {
    const { runner } = agent;
    if (runner === undefined || agent.state !== "connected" || agent.step !== undefined) return;
    if (!this.#mayTake(agent, runner)) return;
    const step = this.#pipelines.take(runner);
    if (step === undefined) return;
    agent.step = step;
    runner.step = { uuid: step.uuid, takenAt: this.#clock.now() };
    this.#timers.after(Math.min(step.spec.durationMs, maxTimeMs(step.spec)), agent, () => {
      this.#complete(agent);
    });
  }

  #mayTake(agent: Agent, runner: Runner): boolean {
    if (!runner.healthy) return false;
    if (runner.disabled === undefined) return true;
    const { at } = runner.disabled;
    return (
      this.#behaviour.disableReaches === "next-poll" &&
      at >= agent.beatsFrom &&
      this.#clock.now() <= nextBeat(agent.beatsFrom, this.#behaviour.beatMs, at)
    );
  }

  #complete(agent: Agent): void {
    const { step, runner } = agent;
    if (step === undefined || runner === undefined) return;
    agent.unreported = agent.state === "cut-off";
    if (agent.unreported) return;
    agent.step = undefined;
    if (runner.step?.uuid === step.uuid) runner.step = undefined;
    this.#pipelines.finish(
      step,
      step.spec.fails || step.spec.durationMs > maxTimeMs(step.spec) ? "failed" : "successful",
    );
    if (this.#behaviour.pollAfterStep) this.#poll(agent);
    else this.#pollIfAnything(agent);
  }

  #pollIfAnything(agent: Agent): void {
    if (agent.runner !== undefined && this.#pipelines.anyFor(agent.runner)) this.#pollAtNextBeat(agent);
  }

  #pollAtNextBeat(agent: Agent): void {
    if (agent.state !== "connected" || agent.step !== undefined || agent.pollsNext) return;
    agent.pollsNext = true;
    this.#atNextBeat(agent, () => {
      agent.pollsNext = false;
      this.#poll(agent);
    });
  }

  #atNextBeat(agent: Agent, act: () => void): void {
    const now = this.#clock.now();
    this.#timers.after(nextBeat(agent.beatsFrom, this.#behaviour.beatMs, now) - now, agent, act);
  }

  #registrationChanged(runner: Runner, change: RunnerChange): void {
    if (change === "deleted") this.#timers.cancel(runner);
    for (const agent of this.of(runner.uuid)) {
      if (change === "deleted") this.#disown(agent);
      else this.#pollIfAnything(agent);
    }
  }

  #disown(agent: Agent): void {
    if (agent.state === "starting") return;
    agent.state = "disowned";
    this.#timers.cancel(agent);
    this.#loseStep(agent, "registration-deleted");
    if (this.#behaviour.agentOnDeleted === "stays") return;
    this.#atNextBeat(agent, () => {
      this.#end(agent, { exitCode: 1, cause: "registration-deleted" });
    });
  }

  #loseStep(agent: Agent, cause: AgentEnd["cause"]): void {
    const { step } = agent;
    agent.step = undefined;
    agent.unreported = false;
    if (step !== undefined) this.#pipelines.kill(step, cause);
  }

  #end(agent: Agent, end: AgentEnd): void {
    if (agent.state === "gone") return;
    const heard = agent.state === "connected";
    const { step: lost } = agent;
    agent.state = "gone";
    this.#agents.delete(agent);
    this.#timers.cancel(agent);
    this.#loseStep(agent, end.cause);
    if (lost !== undefined) this.#forgetAtNextBeat(agent.identity.runnerUuid, lost);
    this.#events.append({ type: "agent-stopped", runner: agent.identity.runnerUuid, exitCode: end.exitCode });
    if (heard) this.#fallSilent(agent);
    if (end.exitCode !== "killed") agent.onExit(end.exitCode);
  }

  /** Another process of the same runner, if there is one, reports at its next beat that it runs no such step. */
  #forgetAtNextBeat(runnerUuid: string, lost: Step): void {
    const heir = this.of(runnerUuid).find(({ state }) => state === "connected");
    if (heir === undefined) return;
    this.#atNextBeat(heir, () => {
      if (heir.runner?.step?.uuid === lost.uuid) heir.runner.step = undefined;
    });
  }

  /** An agent was heard of for the last time: unless another one beats for its runner, that turns OFFLINE. */
  #fallSilent(agent: Agent): void {
    const { runner } = agent;
    if (runner === undefined) return;
    const now = this.#clock.now();
    const until = lastBeat(agent.beatsFrom, this.#behaviour.beatMs, now);
    if (runner.beats?.from === agent.beatsFrom) runner.beats = { from: agent.beatsFrom, until };
    this.#timers.after(until + this.#behaviour.offlineAfterMs - now, runner, () => {
      this.#missed(runner, until);
    });
  }

  #missed(runner: Runner, silentSince: number): void {
    const agents = this.of(runner.uuid);
    const heardLater = runner.beats?.until === undefined || runner.beats.until > silentSince;
    if (runner.connection !== "online" || heardLater || agents.some(({ state }) => state === "connected")) return;
    runner.connection = "offline";
    runner.stateUpdatedAt = this.#clock.now();
    const { offlineStep } = this.#behaviour;
    if (offlineStep !== "lives-shown") runner.step = undefined;
    this.#events.append({ type: "runner-offline", runner: runner.uuid });
    if (offlineStep !== "dies") return;
    for (const agent of agents) {
      if (agent.state !== "cut-off") continue;
      // Its timers may only end the step, which is dead now.
      this.#timers.cancel(agent);
      agent.pollsNext = false;
      this.#loseStep(agent, "offline");
    }
  }
}

/** Whether Bitbucket lets an agent in: it names its scope, and shows the secret of its registration. */
function credentialsFit(runner: Runner, identity: AgentIdentity): boolean {
  const repositoryUuid = identity.repositoryUuid === "" ? undefined : identity.repositoryUuid;
  return (
    identity.accountUuid === runner.scope.workspace.uuid &&
    repositoryUuid === runner.scope.repository?.uuid &&
    identity.oauthClientId === runner.oauthClientId &&
    identity.oauthClientSecret === runner.oauthClientSecret.reveal()
  );
}
