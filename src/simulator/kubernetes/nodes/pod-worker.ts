import { randomBetween } from "../../../support/random.ts";
import type { AgentHost } from "../../agent-host.ts";
import { controller } from "../actor.ts";
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
import { type PodEnd, podStatus } from "./pod-status.ts";
import type { SecretCache } from "./secret-cache.ts";

const by = controller("kubelet");
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
  readonly #boundAtMs: number;
  readonly #timers: TimerGroup;
  readonly #pod: PodObject;
  #connected = true;
  #terminating = false;
  #dead = false;
  #end: PodEnd | undefined;

  constructor(context: NodeContext, pod: PodObject) {
    this.#context = context;
    this.#pod = pod;
    this.nodeName = pod.spec.nodeName ?? "";
    this.#containers = containersOf(pod.spec);
    this.#boundAtMs = context.cluster.timers.now();
    this.#timers = new TimerGroup(context.cluster.timers);
  }

  start(): void {
    this.#report();
    this.#timers.after(this.#between("podSetupMs"), () => this.#mountVolumes());
  }

  /** SIGTERM now, SIGKILL after the grace period; then the object goes. Asked again, a shorter grace counts. */
  terminate(graceSeconds: number): void {
    if (!this.#connected) return;
    if (this.#end !== undefined) return this.#removeObject();
    if (!this.#terminating) {
      for (const { spec } of this.#containers.filter(isRunning)) {
        this.#record("Normal", "Killing", `Stopping container ${spec.name}`);
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
      this.#removeObject();
    });
  }

  /** The object went while processes were left: they are killed. */
  abandon(): void {
    if (this.#connected) this.#finish({ phase: "Failed" }, SIGKILL_EXIT);
  }

  /** Node-pressure eviction: everything is killed, the pod stays as Failed. */
  evict(message: string): void {
    if (!this.#connected || this.#terminating || this.#end !== undefined) return;
    this.#record("Warning", "Evicted", message);
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
    this.#connected = false;
    if (processes === "go-on") return;
    this.#dead = true;
    this.#timers.cancelAll();
    this.#killAgents();
  }

  /** The node is back, and finds the pod's object, or that it went. */
  reconnect(pod: PodObject | undefined): void {
    this.#connected = true;
    if (pod === undefined) return this.abandon();
    if (this.#dead) this.#reboot();
    this.#report();
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
    this.#record("Warning", "FailedMount", `MountVolume.SetUp failed: secret "${missing.name}" not found`);
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
    this.#record("Normal", "Pulling", `Pulling image "${image}"`);
    this.#timers.after(this.#between("imagePullMs"), () => {
      if (images.canBePulled(image)) {
        images.pulled(this.nodeName, image);
        this.#record("Normal", "Pulled", `Successfully pulled image "${image}"`);
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
    this.#record("Warning", "Failed", `Failed to pull image "${image}": not found`);
    this.#report();
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
      this.#record("Warning", "Failed", `Error: ${env.message}`);
      this.#report();
      this.#timers.after(this.#between("configRetryMs"), () => this.#startContainer(container));
      return;
    }
    markRunning(container, this.#now());
    this.#record("Normal", "Started", `Started container ${container.spec.name}`);
    this.#report();
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
      this.#report();
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
    else this.#report();
  }

  #restartLater(container: Container): void {
    const waitMs = takeBackoff(container, this.#now());
    if (waitMs > 0) {
      const { name } = container.spec;
      markWaiting(container, "CrashLoopBackOff", `back-off ${waitMs / 1_000}s restarting failed container=${name}`);
      this.#record("Warning", "BackOff", `Back-off restarting failed container ${name}`);
    }
    this.#timers.after(Math.max(waitMs, this.#context.cluster.times.scheduleMs), () => this.#startContainer(container));
  }

  /** Nothing of the pod runs any more, and nothing will. */
  #finish(end: PodEnd, exitCode: number): void {
    this.#timers.cancelAll();
    this.#killAgents();
    this.#end = end;
    for (const container of this.#containers.filter(isRunning)) markEnded(container, exitCode, this.#now());
    this.#report();
  }

  #killAgents(): void {
    for (const container of this.#containers) {
      const { agent } = container;
      container.agent = undefined;
      agent?.kill();
    }
  }

  /** Writes what the node knows into the pod's status, unless it is cut off or the object went. */
  #report(): void {
    const current = this.#object();
    if (!this.#connected || current === undefined) return;
    const status = podStatus(current, this.#containers, this.#boundAtMs, this.#now(), this.#end);
    this.#context.cluster.api.put(RESOURCES.pods, { ...current, status }, by);
  }

  #removeObject(): void {
    const { namespace, name } = this.#pod.metadata;
    if (this.#object() === undefined) return;
    this.#context.cluster.api.delete(RESOURCES.pods, namespace, name, { by, gracePeriodSeconds: 0 });
  }

  #object(): PodObject | undefined {
    const { namespace, name, uid } = this.#pod.metadata;
    const object = this.#context.cluster.store.get(RESOURCES.pods, namespace, name) as PodObject | undefined;
    return object?.metadata.uid === uid ? object : undefined;
  }

  #secret(name: string): KubeObject | undefined {
    return this.#context.secrets.read(this.#pod.metadata.namespace ?? "", name, this.#boundAtMs);
  }

  #record(type: "Normal" | "Warning", reason: string, message: string): void {
    if (this.#connected) this.#context.cluster.events.record(this.#pod, { type, reason, message, by: by.name });
  }

  #between(what: "podSetupMs" | "imagePullMs" | "configRetryMs" | "terminationMs"): number {
    const { random, times } = this.#context.cluster;
    return randomBetween(random, times[what]);
  }

  #now(): number {
    return this.#context.cluster.timers.now();
  }
}
