import type { BitbucketEvent } from "../bitbucket/events.ts";
import type { BitbucketWorld, RunnerGlance } from "../bitbucket/world.ts";
import type { KubeObject } from "../kubernetes/objects.ts";
import type { KubernetesEvent, ObjectEvent } from "../kubernetes/world.ts";

/** A promise of the product that was seen broken. The numbers are those of docs/invariants.md. */
export interface Breach {
  readonly invariant: 1 | 2 | 3 | 4;
  /** World time. */
  readonly at: number;
  readonly what: string;
}

/** What the observer holds a group to. */
export interface WatchedGroup {
  readonly name: string;
  readonly scopeUuid: string;
  /** The full label set of its runners. */
  readonly labels: readonly string[];
  /** Where its Jobs are made; what is adopted elsewhere is a breach. */
  readonly namespace?: string;
  /** As configured over time, oldest first: what is under way when it changes may still go by the one before. */
  readonly max: { readonly from: number; readonly value: number }[];
}

export interface ObserverOptions {
  readonly bitbucket: BitbucketWorld;
  readonly groups: readonly WatchedGroup[];
}

/** An agent polls every 30 s: a runner that was disabled for less may still be given a step. */
const POLL_MS = 30_000;
/**
 * Between the last look and the deletion lies at least one request, with its retries and delays: a human who enables a runner just then
 * cannot be noticed by any client of the API, which offers no conditional deletion.
 */
const LAST_LOOK_MS = 90_000;
/** A pass goes by the configuration that it read at its begin: with time-outs, retries and back-offs it may last so long. */
const LONGEST_PASS_MS = 180_000;
const DRAIN_ANNOTATION = "runners-autoscaler/drain";
const INSTALLATION_LABEL = "runners-autoscaler/installation";
const JOB_PREFIX = "runner-";
const SECRET_PREFIX = "runner-oauth-credentials-";

/**
 * Watches both worlds from outside, after every event, and writes down each promise that it sees broken. It looks at what really is (which
 * agents run which steps), shares no code with the program, and knows of it only what stands in the documentation: names and marks.
 */
export class Observer {
  readonly breaches: Breach[] = [];
  readonly #bitbucket: BitbucketWorld;
  readonly #groups: readonly WatchedGroup[];
  /** Runners whose Secret was made with data, until their registration goes. */
  readonly #credentialed = new Set<string>();
  readonly #disabledSince = new Map<string, number>();
  /** Disabled by a human's hand while the program had not said that it drains them. */
  readonly #held = new Set<string>();
  /** Registered by a human or another program. */
  readonly #foreign = new Set<string>();
  readonly #enabledByHumanAt = new Map<string, number>();
  readonly #draining = new Set<string>();
  /** Jobs and pods that a client's request deletes, by runner. */
  readonly #deletedByRequest = new Set<string>();
  /** Runners that another program made and this one took over, by a mark on their Job: their Secrets carry none. */
  readonly #adopted = new Set<string>();
  #most = 0;

  constructor({ bitbucket, groups }: ObserverOptions) {
    this.#bitbucket = bitbucket;
    this.#groups = groups;
    bitbucket.onEvent((event) => this.#hear(event));
  }

  /** The most credentialed runners that there were at one time. */
  get mostRunners(): number {
    return this.#most;
  }

  /** Somebody else's runner: registered by no human, but not by the program under observation either. */
  declareForeign(uuid: string): void {
    this.#foreign.add(uuid);
  }

  #hear(event: BitbucketEvent): void {
    switch (event.type) {
      case "runner-created":
        if (event.by.kind === "human") this.#foreign.add(event.runner);
        return;
      case "runner-disabled":
        this.#disabledSince.set(event.runner, event.at);
        if (event.by.kind === "human" && !this.#draining.has(event.runner)) this.#held.add(event.runner);
        if (event.by.kind === "api") this.#untouched(event.runner, event.at, "disabled");
        return;
      case "runner-enabled":
        if (event.by.kind === "human") this.#enabledByHumanAt.set(event.runner, event.at);
        else this.#untouched(event.runner, event.at, "enabled");
        this.#disabledSince.delete(event.runner);
        this.#held.delete(event.runner);
        return;
      case "runner-updated":
        if (event.by.kind === "api") this.#untouched(event.runner, event.at, "updated");
        return;
      case "runner-deleted":
        if (event.by.kind === "api") this.#deleted(event);
        this.#credentialed.delete(event.runner);
        return;
      case "step-killed":
        if (event.cause === "container-stopped" && this.#deletedByRequest.has(event.runner))
          this.#breach(
            2,
            event.at,
            `step ${event.step} died because its runner ${event.runner} was deleted in the cluster`,
          );
        return;
      default:
        return;
    }
  }

  /** Removed by the program: nothing ran on it, and nothing could have come. */
  #deleted(event: BitbucketEvent & { readonly type: "runner-deleted" }): void {
    const { runner, at } = event;
    this.#untouched(runner, at, "deleted");
    if (at - (this.#enabledByHumanAt.get(runner) ?? Number.NEGATIVE_INFINITY) < LAST_LOOK_MS) return;
    if (event.running.length > 0)
      this.#breach(2, at, `runner ${runner} was deleted while it ran ${event.running.join(", ")}`);
    const disabledSince = this.#disabledSince.get(runner);
    const alive = this.#bitbucket.agents.of(runner).length > 0;
    if (alive && event.connectedOnce && (disabledSince === undefined || at - disabledSince < POLL_MS)) {
      this.#breach(2, at, `runner ${runner} was deleted although its agent could have been given a step`);
    }
  }

  #untouched(runner: string, at: number, verb: string): void {
    if (this.#foreign.has(runner)) this.#breach(3, at, `runner ${runner} is somebody else's and was ${verb}`);
    if (this.#held.has(runner)) this.#breach(3, at, `runner ${runner} is held by a human and was ${verb}`);
  }

  /** Tell it of every event of the cluster, as it happens. */
  seeCluster(event: KubernetesEvent): void {
    if (event.type === "object") this.#see(event);
  }

  #see(event: ObjectEvent): void {
    const { object, resource, by, change, at } = event;
    const requested = by.kind === "request";
    const { name } = object.metadata;
    if (resource === "jobs" && name.startsWith(JOB_PREFIX)) {
      const uuid = `{${name.slice(JOB_PREFIX.length)}}`;
      if (change !== "DELETED" && object.metadata.annotations?.[DRAIN_ANNOTATION] !== undefined)
        this.#draining.add(uuid);
      else this.#draining.delete(uuid);
      if (requested && change === "MODIFIED" && isMarked(object) && !isMarked(event.previous)) this.#adopt(uuid, event);
      if (requested && isGoing(event)) this.#deletedByRequest.add(uuid);
    }
    if (resource === "secrets" && name.startsWith(SECRET_PREFIX) && change === "ADDED" && hasData(object)) {
      this.#credential(`{${name.slice(SECRET_PREFIX.length)}}`, at);
    }
    const ofAdopted = resource === "secrets" && this.#adopted.has(`{${name.slice(SECRET_PREFIX.length)}}`);
    const unmarked = !isMarked(object) && !isMarked(event.previous);
    if (requested && change !== "ADDED" && WATCHED.has(resource) && unmarked && !ofAdopted) {
      this.#breach(3, at, `${resource} ${name} is not marked as ours and was ${change.toLowerCase()}`);
    }
  }

  /** Only what fits one of the groups may be taken over. */
  #adopt(uuid: string, { object: { metadata }, at }: ObjectEvent): void {
    this.#adopted.add(uuid);
    const runner = this.#bitbucket.glance().find((each) => each.uuid === uuid);
    const fits = this.#groups.some(
      (group) =>
        runner !== undefined &&
        isMember(runner, group) &&
        (group.namespace === undefined || group.namespace === metadata.namespace),
    );
    if (!fits) this.#breach(3, at, `job ${metadata.name} was adopted although it fits no group`);
  }

  #credential(uuid: string, at: number): void {
    this.#credentialed.add(uuid);
    const all = this.#bitbucket.glance().filter((runner) => this.#credentialed.has(runner.uuid));
    this.#most = Math.max(this.#most, all.length);
    for (const group of this.#groups) {
      const members = all.filter((runner) => isMember(runner, group));
      const max = mostAllowed(group, at);
      if (members.length > max && members.some((runner) => runner.uuid === uuid)) {
        this.#breach(1, at, `${group.name} has ${members.length} runners with credentials, its max is ${max}`);
      }
    }
  }

  #breach(invariant: Breach["invariant"], at: number, what: string): void {
    this.breaches.push({ invariant, at, what });
  }
}

const WATCHED = new Set(["jobs", "secrets", "pods", "namespaces"]);

function isMember(runner: RunnerGlance, group: WatchedGroup): boolean {
  return (
    runner.scopeUuid === group.scopeUuid &&
    group.labels.length === runner.labels.length &&
    group.labels.every((label) => runner.labels.includes(label))
  );
}

/** The highest max that a pass begun within the last minutes may have read. */
function mostAllowed({ max }: WatchedGroup, at: number): number {
  const inForce = max.filter(
    ({ from }, i) => from <= at && (max[i + 1]?.from ?? Number.POSITIVE_INFINITY) > at - LONGEST_PASS_MS,
  );
  return Math.max(...inForce.map(({ value }) => value));
}

function hasData(object: KubeObject): boolean {
  return typeof object.data === "object" && object.data !== null && Object.keys(object.data).length > 0;
}

function isMarked(object: KubeObject | undefined): boolean {
  return object?.metadata.labels?.[INSTALLATION_LABEL] !== undefined;
}

function isGoing({ change, object, previous }: ObjectEvent): boolean {
  return (
    change === "DELETED" ||
    (object.metadata.deletionTimestamp !== undefined && previous?.metadata.deletionTimestamp === undefined)
  );
}
