import type { Settings } from "../../../src/domain/settings.ts";
import { SimulatedInstallation } from "../../../src/simulation/installation.ts";
import type { SimulatedProcess } from "../../../src/simulation/simulated-process.ts";
import type { BitbucketBehaviour } from "../../../src/simulator/bitbucket/behaviour.ts";
import { type ChooseFault, type Fault, firstFault } from "../../../src/simulator/faults.ts";
import type { Breach, Forgiven } from "../../../src/simulator/observer/observer.ts";
import { SEED_SETTINGS, SHIPPED_TEMPLATE, withLimits } from "../../support/seed.ts";

/**
 * Short histories: from each of a few states of a group, one request of one process meets one fault, and at that moment one thing happens in
 * the world. Together they are a matrix, which is enumerated, not drawn.
 */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** From which state on. */
export const STATES = ["creating", "growing", "surplus", "draining", "proven", "leaving"] as const;
/** What the request suffers. */
export const FAULTS = [
  ...[
    "none",
    "lost-request",
    "lost-reply",
    "late-20s",
    "late-5min",
    "hang",
    "status-503",
    "no-effect",
    "stale",
    "empty-list",
  ],
  ...["crash-before", "crash-after", "pause-1s", "pause-1min", "pause-10min", "pause-before-1min"],
] as const;
/** What happens in that moment. */
export const EVENTS = [
  ...[
    "nothing",
    "step",
    "enable",
    "disable",
    "delete-registration",
    "delete-job",
    "delete-pod",
    "crash-agent",
    "cut-off",
  ],
  ...["lose-node", "twin", "more", "fewer", "clock-back"],
] as const;
/** Which request, counted from the moment that the state is reached. */
const POSITIONS = 30;
const PROCESSES = ["controller", "controller", "controller", "cleaner"] as const;
/** How Bitbucket behaves: of each history one. */
const BEHAVIOURS: readonly Partial<BitbucketBehaviour>[] = [
  {},
  { disableReaches: "next-poll", stepShownAfterMs: 3 * SECOND },
  { disableShows: "cordoned", enableShows: "enabled-until-beat" },
  { sendsDate: false, offlineStep: "lives-hidden" },
  { readLagMs: 8 * SECOND, offlineStep: "lives-shown", beatsMoveUpdatedOn: true },
  { maxPagelen: 1 },
];

/** One history of the matrix. */
export interface Cell {
  readonly state: (typeof STATES)[number];
  readonly fault: (typeof FAULTS)[number];
  readonly event: (typeof EVENTS)[number];
  readonly position: number;
  readonly process: (typeof PROCESSES)[number];
  readonly behaviour: Partial<BitbucketBehaviour>;
}

export interface MicroOutcome {
  readonly cell: Cell;
  readonly breaches: readonly Breach[];
  readonly forgiven: ReadonlyMap<Forgiven, number>;
  /** What is wrong at the end. */
  readonly remains: readonly string[];
  /** The position was reached: the fault and the event took place. */
  readonly isReached: boolean;
}

/** The `index`-th history: every combination of state, fault and event comes once in each round, at another position each time. */
export function cellAt(index: number): Cell {
  const combinations = STATES.length * FAULTS.length * EVENTS.length;
  const within = index % combinations;
  const round = Math.floor(index / combinations);
  const pick = <T>(from: readonly T[], n: number): T => from[n % from.length] as T;
  return {
    state: pick(STATES, within),
    fault: pick(FAULTS, Math.floor(within / STATES.length)),
    event: pick(EVENTS, Math.floor(within / STATES.length / FAULTS.length)),
    position: (within * 7 + round * 11) % POSITIONS,
    process: pick(PROCESSES, within + round),
    behaviour: pick(BEHAVIOURS, within * 5 + round),
  };
}

const group = (min: number, max: number): Settings => {
  const settings = withLimits(SEED_SETTINGS, min, max);
  return { ...settings, constants: { ...settings.constants, coolDownMs: 60 * SECOND } };
};

/** Plays one history. The same index and seed give the same course. */
export async function playMicro(index: number, seed: number): Promise<MicroOutcome> {
  const cell = cellAt(index);
  const world = new SimulatedInstallation({
    seed,
    settings: group(2, 4),
    existing: SEED_SETTINGS,
    template: SHIPPED_TEMPLATE,
    behaviour: cell.behaviour,
  });
  const { clock } = world;
  let armed = false;
  let isReached = false;
  const start = (name: Cell["process"]): SimulatedProcess => {
    let seen = -1;
    const choose =
      (_plane: "bitbucket" | "kubernetes"): ChooseFault =>
      ({ method }) => {
        if (!armed || isReached || name !== cell.process) return undefined;
        seen += 1;
        if (seen < cell.position) return undefined;
        isReached = true;
        happen(world, cell.event);
        return faultOf(cell.fault, method, () => {
          process.crash();
          void clock.sleep(20 * SECOND).then(() => start(name));
        });
      };
    const process = world.start(name, {
      faults: { bitbucket: firstFault(choose("bitbucket")), kubernetes: firstFault(choose("kubernetes")) },
    });
    return process;
  };

  armed = cell.state === "creating";
  start("controller");
  start("cleaner");
  await reach(world, cell.state);
  armed = true;
  await clock.advance(8 * MINUTE);
  letGo(world);
  let remains = remaining(world);
  for (let waited = 0; remains.length > 0 && waited < 14; waited += 1) {
    await clock.advance(5 * MINUTE);
    remains = remaining(world);
  }
  const { breaches, forgiven } = world.observer;
  world.close();
  return { cell, breaches: [...breaches], forgiven, remains, isReached };
}

async function reach(world: SimulatedInstallation, state: Cell["state"]): Promise<void> {
  const { clock, bitbucket } = world;
  if (state === "creating") return;
  await clock.advance(95 * SECOND);
  if (state === "growing") return world.queue(4, 3 * MINUTE);
  world.settings = group(1, 4);
  if (state === "surplus") return;
  const until = async (isSo: () => boolean) => {
    for (let i = 0; !isSo() && i < 60; i += 1) await clock.advance(SECOND);
  };
  await until(() => bitbucket.glance().some(({ disabled }) => disabled));
  if (state === "proven") await clock.advance(42 * SECOND);
  if (state === "leaving") world.settings = { ...world.settings, groups: [] };
}

function faultOf(fault: Cell["fault"], method: string, crash: () => void): Fault | undefined {
  switch (fault) {
    case "none":
      return undefined;
    case "lost-request":
    case "lost-reply":
      return { kind: fault };
    case "late-20s":
      return { kind: "late-request", afterMs: 20 * SECOND };
    case "late-5min":
      return { kind: "late-request", afterMs: 5 * MINUTE };
    case "hang":
      return { kind: "hang", acts: "at-once" };
    case "status-503":
      return { kind: "status", status: 503, acts: "at-once" };
    case "no-effect":
      return method === "PUT" || method === "DELETE" ? { kind: "no-effect" } : { kind: "lost-reply" };
    case "stale":
      return method === "GET" ? { kind: "stale", lagMs: 8 * SECOND } : { kind: "slow", requestMs: 8 * SECOND };
    case "empty-list":
      return method === "GET" ? { kind: "empty-list" } : { kind: "lost-reply" };
    case "crash-before":
    case "crash-after":
      return { kind: "crash", when: fault === "crash-before" ? "before" : "after", crash };
    case "pause-1s":
      return { kind: "pause", when: "after", ms: SECOND };
    case "pause-1min":
      return { kind: "pause", when: "after", ms: MINUTE };
    case "pause-10min":
      return { kind: "pause", when: "after", ms: 10 * MINUTE };
    case "pause-before-1min":
      return { kind: "pause", when: "before", ms: MINUTE };
    default:
      return undefined;
  }
}

/** Something happens: to the runner that is on its way out, else to the oldest one. */
function happen(world: SimulatedInstallation, event: Cell["event"]): void {
  const { bitbucket, cluster } = world;
  const runners = bitbucket.glance();
  const uuid = (runners.find(({ disabled }) => disabled) ?? runners[0])?.uuid ?? "";
  const jobName = `runner-${uuid.slice(1, -1)}`;
  const pod = cluster.list("pods").find(({ metadata }) => metadata.labels?.runner_uuid === uuid.slice(1, -1));
  switch (event) {
    case "step":
      return world.queue(3, 4 * MINUTE);
    case "enable":
      bitbucket.humanEnables(uuid);
      return world.queue(2, 4 * MINUTE);
    case "disable":
      return bitbucket.humanDisables(runners.find(({ disabled }) => !disabled)?.uuid ?? "");
    case "delete-registration":
      return bitbucket.humanDeletes(uuid);
    case "delete-job":
      if (cluster.get("jobs", "default", jobName) !== undefined)
        cluster.delete("jobs", "default", jobName, { propagationPolicy: "Background" });
      return;
    case "delete-pod":
      if (pod !== undefined) cluster.delete("pods", "default", pod.metadata.name);
      return;
    case "crash-agent":
      return bitbucket.agents.crash(uuid);
    case "cut-off":
      bitbucket.agents.cutOff(uuid);
      return void world.clock.sleep(3 * MINUTE).then(() => bitbucket.agents.reconnect(uuid));
    case "lose-node": {
      const node = (pod?.spec as { readonly nodeName?: string } | undefined)?.nodeName;
      if (node === undefined) return;
      cluster.loseNode(node, "go-on");
      return void world.clock.sleep(7 * MINUTE).then(() => cluster.returnNode(node));
    }
    case "twin": {
      const twin = world.start("controller");
      return void world.clock.sleep(5 * MINUTE).then(() => twin.stop());
    }
    case "more":
      world.settings = group(3, 4);
      return;
    case "fewer":
      world.settings = group(1, 2);
      return;
    default:
      return;
  }
}

/** What a human did is undone: nobody waits for that. */
function letGo({ bitbucket, observer }: SimulatedInstallation): void {
  for (const uuid of observer.held) bitbucket.humanEnables(uuid);
}

/** What is not as it should be in the end. */
function remaining({
  bitbucket,
  clock,
  leftovers,
  observer,
  cluster,
  settings,
}: SimulatedInstallation): readonly string[] {
  const waiting = new Set(
    cluster
      .list("jobs")
      .filter(({ metadata }) => metadata.annotations?.["runners-autoscaler/registration-gone-at"] !== undefined)
      .map(({ metadata }) => metadata.name),
  );
  const nobodys = observer.disabledByUsFor(25 * MINUTE, clock.now()).filter((uuid) => {
    const job = cluster.get("jobs", "default", `runner-${uuid.slice(1, -1)}`);
    return job?.metadata.annotations?.["runners-autoscaler/drain"] === undefined;
  });
  return [
    ...leftovers.registrations.map((name) => `registration ${name} has no Job`),
    ...leftovers.jobs.filter((name) => !waiting.has(name)).map((name) => `job ${name} has no registration`),
    ...leftovers.secrets.map((name) => `secret ${name} has no Job`),
    ...nobodys.map((uuid) => `runner ${uuid} is disabled by us, and nobody knows why`),
    ...bitbucket.pipelines
      .steps()
      .filter((step) => step.outcome === undefined && settings.groups.length > 0)
      .map(({ uuid }) => `step ${uuid} has not ended`),
  ];
}
