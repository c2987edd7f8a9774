import type { SimulatedInstallation } from "../../../src/simulation/installation.ts";
import type { SimulatedProcess } from "../../../src/simulation/simulated-process.ts";
import type { RunnerGlance } from "../../../src/simulator/bitbucket/world.ts";
import type { ChooseFault } from "../../../src/simulator/faults.ts";
import type { KubeObject } from "../../../src/simulator/kubernetes/objects.ts";
import { oneGroup } from "./groups.ts";
import { MINUTE, SECOND } from "./times.ts";

/** On whom an event falls: the runner that is on its way out, else the oldest one. */
export interface Target {
  readonly uuid: string;
  readonly runners: readonly RunnerGlance[];
  readonly job: KubeObject | undefined;
  readonly pod: KubeObject | undefined;
  /** The processes of the installation. */
  readonly processes: readonly SimulatedProcess[];
}

/** What happens in the world in the moment of the fault. */
export interface EventKind {
  /** Until it is over. */
  readonly lastsMs: number;
  readonly happens: (world: SimulatedInstallation, target: Target) => void;
  /** How many runners may stay of which nothing can be proven: a pod went and nobody reported its end, or a mark is not understood. */
  readonly leavesUnproven?: (world: SimulatedInstallation, target: Target) => number;
}

const UUID_LABEL = "runner_uuid";
const DRAIN_ANNOTATION = "runners-autoscaler/drain";
const NEWER_MARK = JSON.stringify({ v: 3, state: "leaving", since: "2026-06-01T08:00:00Z" });
/** How people call their own runners. */
export const BY_HAND = "by hand";
/** How the name of a copied Job ends. */
export const COPY = "-copy";

const STEP_MS = 2 * MINUTE;
const LONG_STEP_MS = 8 * MINUTE;
/** Where nothing but one fault holds a group up, a runner for a step is there by then. */
export const MOST_WAIT_MS = 6 * MINUTE;
const later = ({ clock }: SimulatedInstallation, ms: number, what: () => void) => void clock.sleep(ms).then(what);
const nodeOf = (pod: KubeObject | undefined) => (pod?.spec as { readonly nodeName?: string } | undefined)?.nodeName;
const limits = (world: SimulatedInstallation, min: number, max: number) => {
  const [first] = oneGroup(min, max).groups;
  if (first !== undefined && world.settings.groups.length > 0)
    world.settings = { ...world.settings, groups: world.settings.groups.with(0, first) };
};
const one = () => 1;
/** Every pod on the target's node. */
const allOnNode = ({ cluster }: SimulatedInstallation, { pod }: Target) =>
  cluster.list("pods").filter((each) => nodeOf(each) !== undefined && nodeOf(each) === nodeOf(pod)).length;
/** The pod of the runner whose step takes longest; without steps, the target's. */
const busiest = ({ bitbucket, cluster }: SimulatedInstallation, { runners, pod }: Target) => {
  const longest = runners
    .map(({ uuid }) => ({
      uuid,
      ms: Math.max(0, ...bitbucket.agents.runningOn(uuid).map(({ spec }) => spec.durationMs)),
    }))
    .reduce((a, b) => (b.ms > a.ms ? b : a), { uuid: "", ms: 0 });
  const bare = longest.uuid.slice(1, -1);
  return cluster.list("pods").find(({ metadata }) => bare !== "" && metadata.labels?.runner_uuid === bare) ?? pod;
};
const jump = (ms: number): EventKind => ({
  lastsMs: 0,
  happens: (_, { processes }) => {
    for (const { clock } of processes) clock.jump(ms);
  },
});
const cutOff = (forMs: number): EventKind => ({
  lastsMs: forMs,
  happens: (world, { uuid }) => {
    world.bitbucket.agents.cutOff(uuid);
    later(world, forMs, () => world.bitbucket.agents.reconnect(uuid));
  },
});

/** Until the runners of a workspace can be asked for again; those of its repositories can be all the time. */
const BROKEN_MS = 5 * MINUTE;
const hangs: ChooseFault = ({ url }) =>
  /\/workspaces\/[^/]+\/pipelines-config/.test(url) ? { kind: "hang", acts: "never" } : undefined;

const forbidden: ChooseFault = ({ method, url }) =>
  method === "GET" && /\/namespaces\/default\/(?:jobs|pods)/.test(url)
    ? { kind: "status", status: 403, acts: "never" }
    : undefined;

export const EVENTS = {
  nothing: { lastsMs: 0, happens: () => undefined },
  /** More steps than two runners serve, and each longer than a step may wait ({@link MOST_WAIT_MS}). */
  step: { lastsMs: LONG_STEP_MS, happens: (world) => world.queue(4, LONG_STEP_MS) },
  enable: {
    lastsMs: STEP_MS,
    happens: (world, { uuid }) => {
      world.bitbucket.humanEnables(uuid);
      world.queue(2, STEP_MS);
    },
  },
  disable: {
    lastsMs: 0,
    happens: ({ bitbucket }, { runners }) =>
      bitbucket.humanDisables(runners.find(({ disabled }) => !disabled)?.uuid ?? ""),
  },
  "delete-registration": { lastsMs: 0, happens: ({ bitbucket }, { uuid }) => bitbucket.humanDeletes(uuid) },
  "delete-job": {
    lastsMs: 0,
    leavesUnproven: one,
    happens: ({ cluster }, { job }) => {
      if (job !== undefined)
        cluster.delete("jobs", job.metadata.namespace, job.metadata.name, { propagationPolicy: "Background" });
    },
  },
  "copy-job": {
    lastsMs: 0,
    // Its agent uses the same credentials.
    leavesUnproven: one,
    happens: ({ cluster }, { job }) => {
      if (job === undefined) return;
      const { name, namespace, labels, annotations } = job.metadata;
      const spec = structuredClone(job.spec) as { selector?: unknown; template: { metadata: { labels?: unknown } } };
      delete spec.selector;
      delete spec.template.metadata.labels;
      cluster.create("jobs", namespace, { metadata: { name: `${name}${COPY}`, labels, annotations }, spec });
    },
  },
  /**
   * Somebody who may write where our Jobs are gives two runners of his own a Job each: one with our labels, whose runner he takes out of service,
   * and one without.
   */
  "forge-job": {
    lastsMs: 0,
    happens: ({ bitbucket, cluster, places }, { job }) => {
      const workspace = places[0]?.repository.workspace;
      if (job === undefined || workspace === undefined) return;
      const own = [...(places[0]?.group.labels ?? []), "by.hand"];
      const containers = [{ name: "idle", image: "busybox" }];
      const spec = { template: { spec: { restartPolicy: "Never", containers } } };
      for (const ours of [job.metadata.labels, {}]) {
        const theirs = bitbucket.humanRegisters({ workspace }, { name: BY_HAND, labels: own });
        if (!("uuid" in theirs)) return;
        const bare = theirs.uuid.slice(1, -1);
        const labels = { ...ours, [UUID_LABEL]: bare };
        cluster.create("jobs", job.metadata.namespace, { metadata: { name: `runner-${bare}`, labels }, spec });
        if (ours === job.metadata.labels) bitbucket.humanDisables(theirs.uuid);
      }
    },
  },
  /** A newer version of the program has written something on the Job, and somebody takes the runner out of service. */
  "newer-mark": {
    lastsMs: 0,
    leavesUnproven: one,
    happens: ({ bitbucket, cluster }, { job, uuid }) => {
      if (job === undefined) return;
      const { name, namespace } = job.metadata;
      cluster.change("jobs", namespace, name, (object) => {
        const annotations = { ...object.metadata.annotations, [DRAIN_ANNOTATION]: NEWER_MARK };
        return { ...object, metadata: { ...object.metadata, annotations } };
      });
      bitbucket.humanDisables(uuid);
    },
  },
  "delete-pod": {
    lastsMs: 0,
    leavesUnproven: one,
    happens: ({ cluster }, { pod }) => {
      if (pod !== undefined) cluster.delete("pods", pod.metadata.namespace, pod.metadata.name);
    },
  },
  "evict-pod": {
    lastsMs: 0,
    leavesUnproven: one,
    happens: ({ cluster }, { pod }) => {
      if (pod !== undefined) cluster.evictPod(pod.metadata.namespace ?? "", pod.metadata.name);
    },
  },
  "crash-agent": { lastsMs: 0, happens: ({ bitbucket }, { uuid }) => bitbucket.agents.crash(uuid) },
  "end-agent": {
    lastsMs: 0,
    // Where Bitbucket goes on showing its step, that may run for as long as the longest.
    leavesUnproven: ({ bitbucket }) => (bitbucket.behaviour.offlineStep === "lives-shown" ? 1 : 0),
    happens: ({ bitbucket }, { uuid }) => bitbucket.agents.crash(uuid, 0),
  },
  "cut-off": cutOff(3 * MINUTE),
  "cut-off-long": cutOff(13 * MINUTE),
  unhealthy: {
    lastsMs: 2 * MINUTE,
    happens: (world, { uuid }) => {
      world.bitbucket.agents.reportHealth(uuid, "unhealthy");
      later(world, 2 * MINUTE, () => world.bitbucket.agents.reportHealth(uuid, "healthy"));
    },
  },
  "lose-node": {
    lastsMs: 7 * MINUTE,
    leavesUnproven: allOnNode,
    happens: (world, { pod }) => {
      const node = nodeOf(pod);
      if (node === undefined) return;
      world.cluster.loseNode(node, "go-on");
      later(world, 7 * MINUTE, () => world.cluster.returnNode(node));
    },
  },
  /** The node's object goes, and its pods' with it, while its machine lives on: where a step runs on it, Bitbucket shows that of another agent. */
  "forget-node": {
    lastsMs: 2 * MINUTE,
    leavesUnproven: (world, target) => allOnNode(world, { ...target, pod: busiest(world, target) }),
    happens: (world, target) => {
      const { cluster } = world;
      const node = nodeOf(busiest(world, target));
      if (node === undefined) return;
      cluster.loseNode(node, "go-on");
      cluster.removeNode(node);
    },
  },
  "refuse-pods": {
    lastsMs: 4 * MINUTE,
    happens: (world) => {
      world.cluster.refusePods("default", "exceeded quota: pods");
      world.queue(3, STEP_MS);
      later(world, 4 * MINUTE, () => world.cluster.admitPods("default"));
    },
  },
  twin: {
    lastsMs: 5 * MINUTE,
    happens: (world) => {
      const twin = world.start("controller");
      later(world, 5 * MINUTE, () => twin.stop());
    },
  },
  "break-scope": {
    lastsMs: BROKEN_MS,
    happens: (world) => {
      world.faults = { bitbucket: hangs };
      const [, neighbour] = world.places;
      if (world.settings.groups.length > 1) world.queue(3, LONG_STEP_MS, neighbour);
      later(world, BROKEN_MS, () => {
        world.faults = {};
      });
    },
  },
  /** Somebody takes the permission to read in the group's namespace away, for a while. */
  "forbid-reads": {
    lastsMs: 3 * MINUTE,
    happens: (world) => {
      world.faults = { kubernetes: forbidden };
      world.observer.declareReadable("default", false);
      later(world, 3 * MINUTE, () => {
        world.faults = {};
        world.observer.declareReadable("default", true);
      });
    },
  },
  /** The other API is served from now on, and the first one again after a while. */
  "switch-api": {
    lastsMs: 3 * MINUTE,
    happens: (world) => {
      const { behaviour } = world.bitbucket;
      const before = behaviour.internal;
      behaviour.internal = before === "served" ? 404 : "served";
      later(world, 3 * MINUTE, () => {
        behaviour.internal = before;
      });
    },
  },
  more: { lastsMs: 0, happens: (world) => limits(world, 3, 4) },
  fewer: { lastsMs: 0, happens: (world) => limits(world, 1, 2) },
  "clock-ahead": jump(20 * MINUTE),
  "clock-back": jump(-10 * MINUTE),
  "long-ago": { lastsMs: 30 * SECOND, happens: ({ cluster }) => cluster.forgetHistory() },
} as const satisfies Readonly<Record<string, EventKind>>;

export type EventName = keyof typeof EVENTS;
