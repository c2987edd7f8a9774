import type { Settings } from "../../src/domain/settings.ts";
import { CONSUMER, installationOf, SimulatedProcess } from "../../src/simulation/simulated-process.ts";
import { BitbucketWorld } from "../../src/simulator/bitbucket/world.ts";
import { type ChooseFault, firstFault, randomFaults } from "../../src/simulator/faults.ts";
import { type KubernetesEvent, KubernetesWorld } from "../../src/simulator/kubernetes/world.ts";
import type { Breach } from "../../src/simulator/observer/breach.ts";
import { type Leftovers, leftovers } from "../../src/simulator/observer/leftovers.ts";
import { Observer, type WatchedGroup } from "../../src/simulator/observer/observer.ts";
import { VirtualClock } from "../../src/simulator/virtual-clock.ts";
import { type Random, seededRandom } from "../../src/support/random.ts";
import { SEED_SETTINGS, SHIPPED_TEMPLATE, withLimits } from "../support/seed.ts";
import { Hands } from "./hands.ts";
import type { Crash, Story } from "./story.ts";

const START = Date.UTC(2026, 5, 1, 8);

/** How a history ended. */
export interface Outcome {
  readonly breaches: readonly Breach[];
  readonly leftovers: Leftovers;
  /** Steps that neither ended nor were killed. */
  readonly unfinishedSteps: number;
  readonly steps: number;
  /** Waits in milliseconds, of the steps that started, ascending. */
  readonly waitsMs: readonly number[];
  /** Runners of the group that are registered at the end, and those of them that can take steps. */
  readonly registered: number;
  /** Jobs whose registration a human deleted and whose agent still runs: they keep their place under max. */
  readonly waitingJobs: number;
  readonly serving: number;
  /** The group's, as configured at the end. */
  readonly limits: { readonly min: number; readonly max: number };
  readonly mostRunners: number;
  /** Secrets found in what the processes logged. */
  readonly leaked: readonly string[];
  /** Everything that happened in both worlds, for comparing two runs. */
  readonly record: readonly string[];
  readonly bitbucketRequests: number;
  /** How often a process died. */
  readonly crashes: number;
  readonly logs: readonly string[];
}

/** Plays a story to its end. The same seed and story give the same outcome. */
export async function playHistory(seed: number, story: Story): Promise<Outcome> {
  const random = seededRandom(seed);
  const fork = () => seededRandom(Math.floor(random.next() * 2 ** 32));
  const clock = new VirtualClock(START);
  const bitbucket = new BitbucketWorld({ clock, random: fork(), behaviour: story.behaviour });
  const workspace = bitbucket.addWorkspace({ slug: "woodpeckernew", uuid: SEED_SETTINGS.groups[0]?.workspace ?? "" });
  const repository = bitbucket.addRepository(workspace, { slug: "app" });
  bitbucket.credentials.addConsumer({
    ...CONSUMER,
    privacy: "private",
    callbackUrl: "https://bitbucket.org",
    scopes: ["account", "repository", "pipeline:write", "runner:write"],
    admin: true,
  });

  let settings = story.settings;
  const groups: WatchedGroup[] = settings.groups.map(({ name, labels, parameters }) => ({
    name,
    labels,
    scopeUuid: workspace.uuid,
    max: [{ from: 0, value: parameters.max }],
  }));
  const observer = new Observer({ bitbucket, groups });
  const record: string[] = [];
  const onEvent = (event: KubernetesEvent) => {
    observer.seeCluster(event);
    record.push(
      event.type === "object"
        ? `${event.at} ${event.change} ${event.resource} ${event.object.metadata.name}`
        : `${event.at} agent ${event.change} ${event.runnerUuid}`,
    );
  };
  const cluster = new KubernetesWorld({ clock, random: fork(), agents: bitbucket, onEvent });
  bitbucket.onEvent((event) =>
    record.push(
      `${event.at} ${event.type} ${"runner" in event ? event.runner : ""} ${"by" in event ? event.by.kind : ""}`,
    ),
  );

  const logs: string[] = [];
  const write = (line: string) => void logs.push(line);
  const inTrouble = () => clock.now() - START < story.troubleEndsMs;
  const faultsOf = (source: Random): ChooseFault => {
    const choose = randomFaults(source, story.rates);
    return (request, index) => {
      const fault = choose(request, index);
      return inTrouble() ? fault : undefined;
    };
  };

  let crashed = 0;
  const processes: SimulatedProcess[] = [];
  const start = (name: "controller" | "cleaner", crashes: readonly Crash[]): SimulatedProcess => {
    const [crash, ...later] = crashes;
    const crashing = (plane: Crash["plane"]): ChooseFault => {
      let writes = -1;
      return ({ method }, index) => {
        if (method !== "GET") writes += 1;
        const hit = crash?.counting === "writes" ? method !== "GET" && crash.at === writes : crash?.at === index;
        if (crash?.plane !== plane || !hit || !inTrouble()) return undefined;
        const die = () => {
          crashed += 1;
          process.crash();
          void clock.sleep(crash.restartAfterMs).then(() => start(name, later));
        };
        return { kind: "crash", when: crash.when, crash: die };
      };
    };
    const faults = {
      bitbucket: firstFault(crashing("bitbucket"), faultsOf(fork())),
      kubernetes: firstFault(crashing("kubernetes"), faultsOf(fork())),
    };
    const process = new SimulatedProcess({
      name,
      bitbucket,
      cluster,
      clock,
      random: fork(),
      settings: () => settings,
      template: () => SHIPPED_TEMPLATE,
      faults,
      write,
    });
    processes.push(process);
    return process;
  };
  const at = (atMs: number, what: () => void) => void clock.sleep(atMs).then(what);

  start(
    "controller",
    story.crashes.filter((crash) => crash.process === "controller"),
  );
  start(
    "cleaner",
    story.crashes.filter((crash) => crash.process === "cleaner"),
  );
  const { twin, newMax } = story;
  if (twin !== undefined)
    at(twin.fromMs, () => at(twin.toMs - twin.fromMs, start("controller", []).stop.bind(processes.at(-1))));
  if (newMax !== undefined) {
    at(newMax.atMs, () => {
      settings = withLimits(settings, settings.groups[0]?.parameters.min ?? 0, newMax.max);
      for (const group of groups) group.max.push({ from: clock.now(), value: newMax.max });
    });
  }
  for (const { atMs, stepsMs } of story.bursts) {
    at(atMs, () => {
      for (const durationMs of stepsMs)
        bitbucket.pipelines.start(repository, { steps: [{ labels: ["self.hosted", "gke.runner"], durationMs }] });
    });
  }
  const hands = new Hands(bitbucket, cluster, fork());
  for (const { atMs, what } of story.hands) at(atMs, () => hands.act(what));
  at(story.troubleEndsMs, () => hands.letGo());

  await clock.runUntil(START + story.endMs);
  for (const process of processes) process.stop();
  const outcome = { ...judge(bitbucket, cluster, observer, settings, logs, record), crashes: crashed };
  cluster.stop();
  bitbucket.close();
  return outcome;
}

/** A Job whose registration a human deleted while its agent runs on is left until that has ended, for 735 minutes at most: noted on it. */
function withoutWaiting(cluster: KubernetesWorld, found: Leftovers): Leftovers {
  const waiting = waitingJobs(cluster);
  return { ...found, jobs: found.jobs.filter((name) => !waiting.has(name)) };
}

function waitingJobs(cluster: KubernetesWorld): ReadonlySet<string> {
  const noted = cluster
    .list("jobs")
    .filter((job) => job.metadata.annotations?.["runners-autoscaler/registration-gone-at"] !== undefined);
  return new Set(noted.map((job) => job.metadata.name));
}

function judge(
  bitbucket: BitbucketWorld,
  cluster: KubernetesWorld,
  observer: Observer,
  settings: Settings,
  logs: readonly string[],
  record: readonly string[],
): Omit<Outcome, "crashes"> {
  const steps = bitbucket.pipelines.steps();
  const runners = bitbucket.glance();
  const text = logs.join("");
  const secrets = [CONSUMER.secret, ...bitbucket.runners.all().map((runner) => runner.oauthClientSecret.reveal())];
  return {
    breaches: observer.breaches,
    leftovers: withoutWaiting(
      cluster,
      leftovers(bitbucket, cluster.list("jobs"), cluster.list("secrets"), installationOf(cluster)),
    ),
    steps: steps.length,
    unfinishedSteps: steps.filter((step) => step.outcome === undefined).length,
    waitsMs: steps
      .flatMap(({ queuedAt, startedAt }) =>
        queuedAt === undefined || startedAt === undefined ? [] : [startedAt - queuedAt],
      )
      .sort((a, b) => a - b),
    registered: runners.length,
    waitingJobs: waitingJobs(cluster).size,
    serving: runners.filter((runner) => runner.status === "ONLINE" && !runner.disabled).length,
    limits: settings.groups[0]?.parameters ?? { min: 0, max: 0 },
    mostRunners: observer.mostRunners,
    leaked: secrets.filter((secret) => text.includes(secret) || text.includes(Buffer.from(secret).toString("base64"))),
    record,
    bitbucketRequests: bitbucket.traffic.total({}),
    logs,
  };
}
