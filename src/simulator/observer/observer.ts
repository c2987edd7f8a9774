import type { BitbucketEvent } from "../bitbucket/events.ts";
import type { BitbucketWorld, RunnerGlance } from "../bitbucket/world.ts";
import type { KubeObject } from "../kubernetes/objects.ts";
import type { KubernetesEvent, ObjectEvent } from "../kubernetes/world.ts";
import { Course } from "./course.ts";
import { type SentRequest, Served, type ServedRequest } from "./served.ts";

/** A promise of the product that was seen broken. The numbers are those of docs/invariants.md. */
export interface Breach {
  readonly invariant: 1 | 2 | 3 | 4 | 5;
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
/** docs/protocols.md: a look that began longer before the write left is too old for it. */
const LOOK_MS = 10_000;
/** Where nobody tells which process sent what (real processes over HTTP): a look, and the way of the request. */
const UNSEEN_MS = 20_000;
/** Settings are read right before a pass begins. */
const SETTINGS_MS = 1_000;
/** The cool-down that what a human enables is left alone for, unless the configuration says otherwise. */
const COOL_DOWN_MS = 60_000;
const DRAIN_ANNOTATION = "runners-autoscaler/drain";
const INSTALLATION_LABEL = "runners-autoscaler/installation";
/** docs/protocols.md: nothing younger is a leftover. */
const LEFTOVER_AGE_MS = 120_000;
/** docs/protocols.md: what a read shows this long after a write of ours is not from before it. */
const REPLICA_LAG_MS = 30_000;
/** docs/protocols.md: an attempt that listings begun so long after it do not show counts as not made. */
const SETTLES_MS = 30_000;
/** docs/protocols.md: a request that nobody answered may still arrive for so long. */
const LATE_MS = 15 * 60_000;
const JOB_PREFIX = "runner-";
const SECRET_PREFIX = "runner-oauth-credentials-";

/** Why what looks like a breach could not be avoided by any client of the API. */
export type Forgiven =
  /** A human enabled the runner after the look that the deletion rests on, which was young enough when that was sent. */
  | "enabled-in-flight"
  /** A human enabled it after the look that our disable rests on. */
  | "disabled-in-flight"
  /** Between a human's disable and his enable our process was not shown the runner: it cannot know of either. */
  | "enabled-unseen"
  /** A human disabled the runner after the look that our disable rests on: the two cannot be told apart any more. */
  | "held-in-flight"
  /** A registration arrived when its sender had given it up for lost, as two listings lacked it. */
  | "registration-arrived-late"
  /** A human disabled the runner while a request of ours that nobody answered may still have done so. */
  | "held-while-ours-was-open"
  /** A human disabled the runner so soon after a request of ours that a read which is behind may show that one. */
  | "held-amid-ours"
  /** `max` was lowered while the pass was under way. */
  | "max-lowered-in-flight";

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
  /** Disabled by a human's hand, and by nobody before that. */
  readonly #held = new Map<string, number>();
  /** Disabled by a human's hand, whoever's the runner was then. */
  readonly #byHand = new Set<string>();
  /** A human deleted their registrations while they may have been at work. */
  readonly #deletedByHand = new Set<string>();
  /** Of which moment the look was that our latest disable of each runner rests on. */
  readonly #disableRests = new Map<string, number>();
  /** Since when namespaces cannot be read. */
  readonly #unreadable = new Map<string, number>();
  readonly #createdAt = new Map<string, number>();
  readonly #registeredBy = new Map<string, number>();
  /** Registered by a human or another program. */
  readonly #foreign = new Set<string>();
  /** Changes of a runner's state that were sent, and never answered: they may still arrive. */
  readonly #unanswered = new Map<string, readonly SentRequest[]>();
  /** Since when a runner had been disabled that a human then enabled. */
  readonly #disabledBefore = new Map<string, number>();
  /** When a change of its state was sent last, by us. */
  readonly #changedAt = new Map<string, number>();
  readonly #enabledByHumanAt = new Map<string, number>();
  /** Runners whose Job carries no mark yet: to the program that made them, disabled means on its way out. */
  readonly #ofAnother = new Set<string>();
  /** Jobs and pods that a client's request deletes, by runner. */
  readonly #deletedByRequest = new Set<string>();
  /** Runners that another program made and this one took over, by a mark on their Job: their Secrets carry none. */
  readonly #adopted = new Set<string>();
  readonly #served = new Served();
  readonly #course = new Course();
  /** Disabled by the program's credential, and not enabled since: when. */
  readonly #disabledByUs = new Map<string, number>();
  readonly #forgiven = new Map<Forgiven, number>();
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

  /** How often what looked like a breach was none that anybody could have avoided. */
  get forgiven(): ReadonlyMap<Forgiven, number> {
    return this.#forgiven;
  }

  /** Runners that a human disabled, and that are still so. */
  get disabledByHand(): readonly string[] {
    return [...this.#byHand];
  }

  /** Runners that the program disabled, and that are still so after all that time: nobody may be left to bring them back. */
  disabledByUsFor(ms: number, now: number): readonly string[] {
    return [...this.#disabledByUs].flatMap(([runner, at]) => (now - at >= ms ? [runner] : []));
  }

  /** Tell it of every request of a process that leaves it: one that is lost may all the same be taken for the cause of what is seen then. */
  seeSending(request: SentRequest): void {
    const runner = runnerOfPut(request);
    if (runner === undefined) return;
    this.#unanswered.set(runner, [...(this.#unanswered.get(runner) ?? []), request]);
    this.#changedAt.set(runner, request.sentAt);
    this.#disableRests.set(runner, this.#served.lookBehind(runner, request)?.asOf ?? request.sentAt);
  }

  /** Tell it of every request that was answered. */
  seeAnswer(request: SentRequest): void {
    const runner = runnerOfPut(request);
    if (runner === undefined) return;
    const open = this.#unanswered.get(runner) ?? [];
    this.#unanswered.set(
      runner,
      open.filter(({ process, sentAt }) => process !== request.process || sentAt !== request.sentAt),
    );
  }

  /** Tell it of every request of a process that reaches a server, right before that acts on it. */
  seeServing(request: ServedRequest): void {
    this.#served.note(request);
  }

  /** From now on no program can read a namespace, or all can again. */
  declareReadable(namespace: string, isReadable: boolean): void {
    if (isReadable) this.#unreadable.delete(namespace);
    else this.#unreadable.set(namespace, this.#bitbucket.clock.now());
  }

  /** Somebody else's runner: registered by no human, but not by the program under observation either. */
  declareForeign(uuid: string): void {
    this.#foreign.add(uuid);
  }

  #hear(event: BitbucketEvent): void {
    this.#judge(event);
    this.#course.note(event);
  }

  #judge(event: BitbucketEvent): void {
    switch (event.type) {
      case "runner-created":
        this.#createdAt.set(event.runner, event.at);
        if (event.by.kind === "human") this.#foreign.add(event.runner);
        else this.#registered(event.runner, event.at);
        return;
      case "runner-disabled":
        if (event.by.kind === "human" && !this.#disabledSince.has(event.runner) && !this.#ofAnother.has(event.runner))
          this.#held.set(event.runner, event.at);
        this.#disabledSince.set(event.runner, event.at);
        if (event.by.kind === "human") this.#byHand.add(event.runner);
        if (event.by.kind === "human") return void this.#disabledByUs.delete(event.runner);
        this.#disabledByUs.set(event.runner, event.at);
        this.#untouched(event.runner, event.at, "disabled");
        this.#notOverruled(event.runner, event.at);
        return;
      case "runner-enabled":
        if (event.by.kind === "human") {
          this.#enabledByHumanAt.set(event.runner, event.at);
          this.#disabledBefore.set(event.runner, this.#disabledSince.get(event.runner) ?? event.at);
        }
        if (event.by.kind === "api") this.#untouched(event.runner, event.at, "enabled");
        this.#disabledSince.delete(event.runner);
        this.#disabledByUs.delete(event.runner);
        this.#held.delete(event.runner);
        this.#byHand.delete(event.runner);
        return;
      case "runner-updated":
        if (event.by.kind === "api") this.#untouched(event.runner, event.at, "updated");
        return;
      case "runner-deleted":
        if (event.by.kind === "api") this.#deleted(event);
        else if (!this.#wasDrained(event.runner, event.at)) this.#deletedByHand.add(event.runner);
        this.#credentialed.delete(event.runner);
        this.#byHand.delete(event.runner);
        this.#disabledByUs.delete(event.runner);
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
    const disabledSince = this.#disabledSince.get(runner);
    const alive = this.#bitbucket.agents.of(runner).length > 0;
    const couldTake = alive && event.connectedOnce && (disabledSince === undefined || at - disabledSince < POLL_MS);
    this.#oldEnough(event);
    if (event.running.length === 0 && !couldTake) return;
    if (this.#wasEnabledInFlight(runner, at)) return this.#forgive("enabled-in-flight");
    const what =
      event.running.length > 0
        ? `runner ${runner} was deleted while it ran ${event.running.join(", ")}`
        : `runner ${runner} was deleted although its agent could have been given a step`;
    this.#breach(2, at, what);
  }

  /** At that moment it had been disabled for long, and ran nothing. */
  #wasDrained(runner: string, at: number): boolean {
    const since = this.#course.disabledSince(at, runner);
    return since !== undefined && at - since >= POLL_MS && this.#course.at(at, runner).running === 0;
  }

  /** Nothing young is a leftover: who registered it may still be making it. */
  #oldEnough({ runner, at, connectedOnce }: BitbucketEvent & { readonly type: "runner-deleted" }): void {
    const maker = this.#registeredBy.get(runner);
    const { current } = this.#served;
    const isAnothers = maker !== undefined && current !== undefined && maker !== current.process;
    if (!connectedOnce && isAnothers && at - (this.#createdAt.get(runner) ?? 0) < LEFTOVER_AGE_MS)
      this.#breach(4, at, `runner ${runner} was deleted as a leftover while it may still have been in the making`);
  }

  /** The look behind the deletion showed it disabled for long, and without a step; only then somebody enabled it. */
  #wasEnabledInFlight(runner: string, at: number): boolean {
    const enabledAt = this.#enabledByHumanAt.get(runner);
    if (enabledAt === undefined) return false;
    const { current } = this.#served;
    if (current === undefined) return at - enabledAt < UNSEEN_MS;
    const look = this.#served.lookBehind(runner, current);
    if (look === undefined || look.asOf > enabledAt || current.sentAt - look.sentAt > LOOK_MS) return false;
    return this.#wasDrained(runner, look.asOf);
  }

  /** What a human enables stays enabled for a cool-down, unless our disable had been sent before anybody could know. */
  #notOverruled(runner: string, at: number): void {
    const enabledAt = this.#enabledByHumanAt.get(runner);
    if (enabledAt === undefined || at - enabledAt >= COOL_DOWN_MS) return;
    if (!this.#served.wasShownBetween(this.#disabledBefore.get(runner) ?? enabledAt, enabledAt))
      return this.#forgive("enabled-unseen");
    const { current } = this.#served;
    const look = current && this.#served.lookBehind(runner, current);
    if ((current?.sentAt ?? at) <= enabledAt || (look !== undefined && look.asOf <= enabledAt))
      return this.#forgive("disabled-in-flight");
    this.#breach(
      3,
      at,
      `runner ${runner} was disabled ${Math.round((at - enabledAt) / 1_000)} s after a human enabled it`,
    );
  }

  #forgive(why: Forgiven): void {
    this.#forgiven.set(why, (this.#forgiven.get(why) ?? 0) + 1);
  }

  #untouched(runner: string, at: number, verb: string): void {
    if (this.#foreign.has(runner)) this.#breach(3, at, `runner ${runner} is somebody else's and was ${verb}`);
    const heldSince = this.#held.get(runner);
    if (heldSince === undefined) return;
    const open = this.#unanswered.get(runner)?.some(({ sentAt }) => sentAt < heldSince && heldSince - sentAt < LATE_MS);
    if ((this.#disableRests.get(runner) ?? heldSince) < heldSince) this.#forgive("held-in-flight");
    else if (open) this.#forgive("held-while-ours-was-open");
    else if (heldSince - (this.#changedAt.get(runner) ?? Number.NEGATIVE_INFINITY) < REPLICA_LAG_MS)
      this.#forgive("held-amid-ours");
    else this.#breach(3, at, `runner ${runner} is held by a human and was ${verb}`);
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
      if (change === "DELETED" || isMarked(object)) this.#ofAnother.delete(uuid);
      else this.#ofAnother.add(uuid);
      if (requested && change === "MODIFIED" && isMarked(object) && !isMarked(event.previous)) this.#adopt(uuid, event);
      if (requested && change === "MODIFIED" && isNewersMark(event))
        this.#breach(3, at, `what a newer version wrote on job ${name} was changed`);
      if (requested && isGoing(event)) {
        this.#deletedByRequest.add(uuid);
        if (this.#bitbucket.runners.find(uuid) !== undefined)
          this.#breach(2, at, `job ${name} was deleted although its registration exists`);
        // What ran on it may be at its end: nobody can tell.
        const lives = this.#bitbucket.agents.of(uuid).some(({ state }) => state === "disowned");
        if (this.#deletedByHand.has(uuid) && lives)
          this.#breach(2, at, `job ${name} was deleted although its agent runs on without the registration`);
      }
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
    // Somebody deleted it since the program read of it.
    if (runner === undefined) return;
    const fits = this.#groups.some(
      (group) => isMember(runner, group) && (group.namespace === undefined || group.namespace === metadata.namespace),
    );
    if (!fits) this.#breach(3, at, `job ${metadata.name} was adopted although it fits no group`);
  }

  /** No registration is sent while, by what its process was shown and has sent since, the group has its max. */
  #registered(uuid: string, at: number): void {
    const { listedAsOf, current } = this.#served;
    if (listedAsOf === undefined || current?.method !== "POST") return;
    // What may have been lost is not waited for longer than this.
    if (at - current.sentAt > SETTLES_MS) return this.#forgive("registration-arrived-late");
    this.#registeredBy.set(uuid, current.process);
    const all = this.#bitbucket.glance().filter((runner) => !this.#foreign.has(runner.uuid));
    const known = all.filter(
      (runner) =>
        (this.#createdAt.get(runner.uuid) ?? 0) + this.#bitbucket.behaviour.createdListedAfterMs <= listedAsOf ||
        this.#registeredBy.get(runner.uuid) === current.process,
    );
    const created = all.find((runner) => runner.uuid === uuid);
    for (const group of this.#groups) {
      if (created === undefined || !isMember(created, group)) continue;
      const unreadableSince = this.#unreadable.get(group.namespace ?? "");
      if (unreadableSince !== undefined && unreadableSince < (this.#served.passBegan ?? unreadableSince))
        this.#breach(5, at, `runner ${uuid} was registered although what runs in ${group.namespace} could not be read`);
      const live = known.filter((runner) => isMember(runner, group)).length;
      const max = highestMaxSince(group, (this.#served.passBegan ?? at) - SETTINGS_MS, at);
      if (live > max) this.#breach(1, at, `runner ${uuid} was registered in ${group.name} beyond its max of ${max}`);
    }
  }

  #credential(uuid: string, at: number): void {
    this.#credentialed.add(uuid);
    const all = this.#bitbucket.glance().filter((runner) => this.#credentialed.has(runner.uuid));
    this.#most = Math.max(this.#most, all.length);
    for (const group of this.#groups) {
      const members = all.filter((runner) => isMember(runner, group));
      if (!members.some((runner) => runner.uuid === uuid)) continue;
      const max = maxAt(group, at);
      if (members.length <= max) continue;
      const passBegan = (this.#served.passBegan ?? at - UNSEEN_MS) - SETTINGS_MS;
      if (members.length <= highestMaxSince(group, passBegan, at)) this.#forgive("max-lowered-in-flight");
      else this.#breach(1, at, `${group.name} has ${members.length} runners with credentials, its max is ${max}`);
    }
  }

  #breach(invariant: Breach["invariant"], at: number, what: string): void {
    this.breaches.push({ invariant, at, what });
  }
}

/** The runner whose state a request changes. */
function runnerOfPut({ method, url }: SentRequest): string | undefined {
  const put = method === "PUT" ? /\/pipelines-config\/runners\/([^/]+)/.exec(url)?.[1] : undefined;
  return put === undefined ? undefined : decodeURIComponent(put);
}

const WATCHED = new Set(["jobs", "secrets", "pods", "namespaces"]);

function isMember(runner: RunnerGlance, group: WatchedGroup): boolean {
  return (
    runner.scopeUuid === group.scopeUuid &&
    group.labels.length === runner.labels.length &&
    group.labels.every((label) => runner.labels.includes(label))
  );
}

function maxAt({ max }: WatchedGroup, at: number): number {
  return max.findLast(({ from }) => from <= at)?.value ?? 0;
}

/** The highest max that was in force at some time since then. */
function highestMaxSince({ max }: WatchedGroup, since: number, at: number): number {
  const inForce = max.filter(({ from }, i) => from <= at && (max[i + 1]?.from ?? Number.POSITIVE_INFINITY) > since);
  return Math.max(...inForce.map(({ value }) => value));
}

function hasData(object: KubeObject): boolean {
  return typeof object.data === "object" && object.data !== null && Object.keys(object.data).length > 0;
}

function isMarked(object: KubeObject | undefined): boolean {
  return object?.metadata.labels?.[INSTALLATION_LABEL] !== undefined;
}

/** The drain annotation was written by a version that is not known here, and is not what it was. */
function isNewersMark({ object, previous }: ObjectEvent): boolean {
  const before = previous?.metadata.annotations?.[DRAIN_ANNOTATION];
  return /"v":[3-9]/.test(before ?? "") && object.metadata.annotations?.[DRAIN_ANNOTATION] !== before;
}

function isGoing({ change, object, previous }: ObjectEvent): boolean {
  return (
    change === "DELETED" ||
    (object.metadata.deletionTimestamp !== undefined && previous?.metadata.deletionTimestamp === undefined)
  );
}
