import { randomBetween } from "../../../support/random.ts";
import type { AgentHost } from "../../agent-host.ts";
import type { Cluster } from "../cluster.ts";
import type { KubeObject, PodObject } from "../objects.ts";
import { RESOURCES } from "../resources.ts";
import { TimerGroup } from "../timers.ts";
import { type AgentEnd, startAgent } from "./agent-process.ts";
import {
  type Container,
  containersOf,
  isRunning,
  markEnded,
  markRunning,
  markWaiting,
  phaseOf,
  takeBackoff,
  takePullBackoff,
  wantsRestart,
} from "./container.ts";
import { identityOf, isAgent, resolveEnv, volumeSecrets } from "./container-env.ts";
import type { Images } from "./images.ts";
import { PodReporter } from "./pod-reporter.ts";
import type { PodEnd } from "./pod-status.ts";
import type { SecretCache } from "./secret-cache.ts";

const SIGTERM_EXIT = 143;
const SIGKILL_EXIT = 137;

/** What the pods of all nodes share. */
export interface NodeContext {
  readonly cluster: Cluster;
  readonly agents: AgentHost;
  readonly images: Images;
  readonly secrets: SecretCache;
  /** What an agent does about SIGTERM: nobody knows what it does to a running step, so both are possible. */
  readonly onSigterm: "dies" | "lasts-until-killed";
  /** Told whenever an agent starts, or stops and why. */
  readonly onAgent: (change: "started" | "stopped", runnerUuid: string, pod: PodObject, end?: AgentEnd) => void;
}

/**
 * One pod on its node, from the moment it is bound: sets it up, starts its containers in order, restarts them with back-off, and ends them.
 * While its node is cut off it goes on (or is dead) without anyone hearing of it.
 */
export class PodWorker {
  readonly nodeName: string;
  readonly #context: NodeContext;
  readonly #containers: readonly Container[];
  readonly #reporter: PodReporter;
  readonly #timers: TimerGroup;
  readonly #pod: PodObject;
  #terminating = false;
  #dead = false;
  #end: PodEnd | undefined;

  constructor(context: NodeContext, pod: PodObject) {
    this.#context = context;
    this.#pod = pod;
    this.nodeName = pod.spec.nodeName ?? "";
    this.#containers = containersOf(pod.spec);
    this.#reporter = new PodReporter(context.cluster, pod);
    this.#timers = new TimerGroup(context.cluster.timers);
  }

  start(): void {
    this.#reporter.report(this.#containers, this.#end);
    this.#timers.after(this.#between("podSetupMs"), () => this.#mountVolumes());
  }

  /** SIGTERM now, SIGKILL after the grace period; then the object goes. Asked again, a shorter grace counts. */
  terminate(graceSeconds: number): void {
    if (!this.#reporter.connected) return;
    if (this.#end !== undefined) return this.#reporter.removeObject();
    if (!this.#terminating) {
      for (const { spec } of this.#containers.filter(isRunning)) {
        this.#reporter.record("Normal", "Killing", `Stopping container ${spec.name}`);
      }
    }
    this.#terminating = true;
    this.#timers.cancelAll();
    const heeds = this.#context.onSigterm === "dies";
    if (heeds) this.#killAgents();
    const graceMs = graceSeconds * 1_000;
    const agentLasts = this.#containers.some(({ agent }) => agent !== undefined);
    const waitMs = agentLasts ? graceMs : Math.min(this.#between("terminationMs"), graceMs);
    this.#timers.after(waitMs, () => {
      this.#finish({ phase: "Failed" }, heeds ? SIGTERM_EXIT : SIGKILL_EXIT);
      this.#reporter.removeObject();
    });
  }

  /** The object went while processes were left: they are killed. */
  abandon(): void {
    if (this.#reporter.connected) this.#finish({ phase: "Failed" }, SIGKILL_EXIT);
  }

  /** Node-pressure eviction: everything is killed, the pod stays as Failed. */
  evict(message: string): void {
    if (!this.#reporter.connected || this.#terminating || this.#end !== undefined) return;
    this.#reporter.record("Warning", "Evicted", message);
    this.#finish({ phase: "Failed", reason: "Evicted", message }, SIGKILL_EXIT);
  }

  /** A container's process ends by itself; without a name, the agent's. */
  exit(containerName: string | undefined, exitCode: number): void {
    const container = this.#containers.find(({ spec }) =>
      containerName === undefined ? isAgent(spec) : spec.name === containerName,
    );
    if (container === undefined || !isRunning(container)) return;
    container.agent?.kill();
    this.#exited(container, exitCode);
  }

  /** The node is cut off: nothing is heard from it or reaches it. Its processes die, or go on. */
  disconnect(processes: "die" | "go-on"): void {
    this.#reporter.connected = false;
    if (processes === "go-on") return;
    this.#dead = true;
    this.#timers.cancelAll();
    this.#killAgents();
  }

  /** The node is back, and finds the pod's object, or that it went. */
  reconnect(pod: PodObject | undefined): void {
    this.#reporter.connected = true;
    if (pod === undefined) return this.abandon();
    if (this.#dead) this.#reboot();
    this.#reporter.report(this.#containers, this.#end);
    const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = pod.metadata;
    if (deletionTimestamp !== undefined) this.terminate(deletionGracePeriodSeconds);
  }

  /** The node's machine was off: what ran is found dead, what was about to start is started anew. */
  #reboot(): void {
    this.#dead = false;
    const started = this.#containers.filter(isRunning);
    if (started.length === 0) return this.#mountVolumes();
    for (const container of started) this.#exited(container, SIGKILL_EXIT);
    for (const container of this.#containers) {
      if (container.state.waiting !== undefined && container.lastState.terminated === undefined) {
        this.#launch(container, () => undefined);
      }
    }
  }

  #mountVolumes(): void {
    const missing = volumeSecrets(this.#pod).find(({ name }) => this.#secret(name) === undefined);
    if (missing === undefined) return this.#startFrom(0);
    this.#reporter.record("Warning", "FailedMount", `MountVolume.SetUp failed: secret "${missing.name}" not found`);
    this.#timers.after(this.#between("configRetryMs"), () => this.#mountVolumes());
  }

  /** Starts the containers in order. Init containers and sidecars hold up the next ones until they ran or run; the others do not. */
  #startFrom(index: number): void {
    const container = this.#containers[index];
    if (container === undefined) return;
    this.#launch(container, () => {
      if (container.role === "main") this.#startFrom(index + 1);
    });
  }

  /** Pulls the image and starts the container; calls back when that was tried. */
  #launch(container: Container, tried: () => void): void {
    const { image } = container.spec;
    const { images } = this.#context;
    if (images.isOn(this.nodeName, image)) {
      this.#startContainer(container);
      return tried();
    }
    this.#reporter.record("Normal", "Pulling", `Pulling image "${image}"`);
    this.#timers.after(this.#between("imagePullMs"), () => {
      if (images.canBePulled(image)) {
        images.pulled(this.nodeName, image);
        this.#reporter.record("Normal", "Pulled", `Successfully pulled image "${image}"`);
        this.#startContainer(container);
      } else {
        this.#pullFailed(container);
      }
      tried();
    });
  }

  #pullFailed(container: Container): void {
    const { image } = container.spec;
    const waitMs = takePullBackoff(container);
    markWaiting(container, "ImagePullBackOff", `Back-off pulling image "${image}": not found`);
    this.#reporter.record("Warning", "Failed", `Failed to pull image "${image}": not found`);
    this.#reporter.report(this.#containers, this.#end);
    this.#timers.after(waitMs, () => this.#launch(container, () => undefined));
  }

  #startContainer(container: Container): void {
    const { store } = this.#context.cluster;
    const { namespace = "" } = this.#pod.metadata;
    const env = resolveEnv(container.spec, this.#pod, {
      secret: (name) => this.#secret(name),
      configMap: (name) => store.get(RESOURCES.configmaps, namespace, name),
    });
    if (!env.ok) {
      markWaiting(container, "CreateContainerConfigError", env.message);
      this.#reporter.record("Warning", "Failed", `Error: ${env.message}`);
      this.#reporter.report(this.#containers, this.#end);
      this.#timers.after(this.#between("configRetryMs"), () => this.#startContainer(container));
      return;
    }
    markRunning(container, this.#now());
    this.#reporter.record("Normal", "Started", `Started container ${container.spec.name}`);
    this.#reporter.report(this.#containers, this.#end);
    if (isAgent(container.spec)) this.#startAgent(container, env.variables);
    this.#advance(container);
  }

  #startAgent(container: Container, variables: ReadonlyMap<string, string>): void {
    const { agents, onAgent } = this.#context;
    const identity = identityOf(variables);
    container.agent = startAgent(
      agents,
      identity,
      (change, end) => onAgent(change, identity.runnerUuid, this.#pod, end),
      (exitCode) => this.#exited(container, exitCode),
    );
  }

  /** What an init container or a sidecar held up goes on. */
  #advance(container: Container): void {
    const next = () => this.#startFrom(this.#containers.indexOf(container) + 1);
    if (container.role === "sidecar" && container.restartCount === 0) next();
    if (container.role !== "init") return;
    this.#timers.after(this.#context.cluster.times.initContainerMs, () => {
      if (!isRunning(container)) return;
      markEnded(container, 0, this.#now());
      this.#reporter.report(this.#containers, this.#end);
      next();
    });
  }

  #exited(container: Container, exitCode: number): void {
    if (!isRunning(container)) return;
    container.agent = undefined;
    markEnded(container, exitCode, this.#now());
    if (!this.#terminating && wantsRestart(container, this.#pod.spec)) this.#restartLater(container);
    const phase = phaseOf(this.#containers, this.#pod.spec);
    if (!this.#terminating && (phase === "Succeeded" || phase === "Failed")) this.#finish({ phase }, 0);
    else this.#reporter.report(this.#containers, this.#end);
  }

  #restartLater(container: Container): void {
    const waitMs = takeBackoff(container, this.#now());
    if (waitMs > 0) {
      const { name } = container.spec;
      markWaiting(container, "CrashLoopBackOff", `back-off ${waitMs / 1_000}s restarting failed container=${name}`);
      this.#reporter.record("Warning", "BackOff", `Back-off restarting failed container ${name}`);
    }
    this.#timers.after(Math.max(waitMs, this.#context.cluster.times.scheduleMs), () => this.#startContainer(container));
  }

  /** Nothing of the pod runs any more, and nothing will. */
  #finish(end: PodEnd, exitCode: number): void {
    this.#timers.cancelAll();
    this.#killAgents();
    this.#end = end;
    for (const container of this.#containers.filter(isRunning)) markEnded(container, exitCode, this.#now());
    this.#reporter.report(this.#containers, this.#end);
  }

  #killAgents(): void {
    for (const container of this.#containers) {
      const { agent } = container;
      container.agent = undefined;
      agent?.kill();
    }
  }

  #secret(name: string): KubeObject | undefined {
    return this.#context.secrets.read(this.#pod.metadata.namespace ?? "", name, this.#reporter.boundAtMs);
  }

  #between(what: "podSetupMs" | "imagePullMs" | "configRetryMs" | "terminationMs"): number {
    const { random, times } = this.#context.cluster;
    return randomBetween(random, times[what]);
  }

  #now(): number {
    return this.#context.cluster.timers.now();
  }
}
