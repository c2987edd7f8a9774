import { SimulatedInstallation } from "../../src/simulation/installation.ts";
import type { SimulatedProcess } from "../../src/simulation/simulated-process.ts";
import { stepWaitsMs } from "../../src/simulation/step-counts.ts";
import { type ChooseFault, firstFault, randomFaults } from "../../src/simulator/faults.ts";
import type { KubernetesEvent, KubernetesWorld } from "../../src/simulator/kubernetes/world.ts";
import type { Leftovers } from "../../src/simulator/observer/leftovers.ts";
import type { Breach, Forgiven } from "../../src/simulator/observer/observer.ts";
import type { Random } from "../../src/support/random.ts";
import { PlantedSecrets } from "../support/planted-secrets.ts";
import { SEED_SETTINGS, SHIPPED_TEMPLATE, withLimits } from "../support/seed.ts";
import { Hands } from "./hands.ts";
import type { Crash, Hand, Story } from "./story.ts";
import { wrongWith } from "./wrong.ts";

/** How a history ended. */
export interface Outcome {
  readonly breaches: readonly Breach[];
  readonly forgiven: ReadonlyMap<Forgiven, number>;
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
  /** Pods whose end nobody may have reported: their runners are proven by no idleness before the longest step is over. */
  readonly unreportedEnds: number;
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

const MINUTE = 60_000;
/** So long after the trouble the world may be called at rest: late requests have arrived, cool-downs are over. */
const CALM_MS = 8 * MINUTE;

/** Plays a story until the world is at rest, or to its end. The same seed and story give the same outcome. */
export async function playHistory(seed: number, story: Story): Promise<Outcome> {
  const record: string[] = [];
  const logs: string[] = [];
  const installation = new SimulatedInstallation({
    seed,
    settings: story.settings,
    existing: SEED_SETTINGS,
    template: SHIPPED_TEMPLATE,
    behaviour: story.behaviour,
    write: (line) => void logs.push(line),
    onClusterEvent: (event) => void record.push(recordOf(event)),
  });
  const { bitbucket, clock } = installation;
  const secrets = new PlantedSecrets(bitbucket);
  bitbucket.onEvent((event) =>
    record.push(
      `${event.at} ${event.type} ${"runner" in event ? event.runner : ""} ${"by" in event ? event.by.kind : ""}`,
    ),
  );

  const inTrouble = () => installation.elapsedMs < story.troubleEndsMs;
  const faultsOf = (source: Random): ChooseFault => {
    const choose = randomFaults(source, story.rates);
    return (request, index) => {
      const fault = choose(request, index);
      return inTrouble() ? fault : undefined;
    };
  };

  let crashed = 0;
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
      bitbucket: firstFault(secrets.noteRequest, crashing("bitbucket"), faultsOf(installation.fork())),
      kubernetes: firstFault(crashing("kubernetes"), faultsOf(installation.fork())),
    };
    const process = installation.start(name, { faults });
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
  if (twin !== undefined) {
    at(twin.fromMs, () => {
      const second = start("controller", []);
      at(twin.toMs - twin.fromMs, () => second.stop());
    });
  }
  if (newMax !== undefined) {
    at(newMax.atMs, () => {
      const { settings } = installation;
      installation.settings = withLimits(settings, settings.groups[0]?.parameters.min ?? 0, newMax.max);
    });
  }
  for (const { atMs, stepsMs } of story.bursts) {
    at(atMs, () => {
      for (const durationMs of stepsMs) installation.queue(1, durationMs);
    });
  }
  const hands = new Hands(installation);
  for (const { atMs, what } of story.hands) at(atMs, () => hands.act(what));
  at(story.troubleEndsMs, () => hands.letGo());

  const outcome = (leaked: readonly string[]): Outcome => ({
    ...judge(installation),
    leaked,
    unreportedEnds: story.hands.filter(({ what }) => UNREPORTED.has(what)).length,
    record,
    logs,
    crashes: crashed,
  });
  await clock.runUntil(installation.startedAt + story.troubleEndsMs + CALM_MS);
  while (installation.elapsedMs < story.endMs && wrongWith(outcome([]), story).length > 0) await clock.advance(MINUTE);
  const ended = outcome(secrets.foundIn(logs));
  installation.close();
  return ended;
}

const UNREPORTED: ReadonlySet<Hand> = new Set(["delete-pod", "lose-node"]);

function recordOf(event: KubernetesEvent): string {
  return event.type === "object"
    ? `${event.at} ${event.change} ${event.resource} ${event.object.metadata.name}`
    : `${event.at} agent ${event.change} ${event.runnerUuid}`;
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
  installation: SimulatedInstallation,
): Omit<Outcome, "crashes" | "leaked" | "record" | "logs" | "unreportedEnds"> {
  const { bitbucket, cluster, observer, settings } = installation;
  const steps = bitbucket.pipelines.steps();
  const runners = bitbucket.glance();
  return {
    breaches: observer.breaches,
    forgiven: observer.forgiven,
    leftovers: withoutWaiting(cluster, installation.leftovers),
    steps: steps.length,
    unfinishedSteps: steps.filter((step) => step.outcome === undefined).length,
    waitsMs: stepWaitsMs(steps).toSorted((a, b) => a - b),
    registered: runners.length,
    waitingJobs: waitingJobs(cluster).size,
    serving: runners.filter((runner) => runner.status === "ONLINE" && !runner.disabled).length,
    limits: settings.groups[0]?.parameters ?? { min: 0, max: 0 },
    mostRunners: observer.mostRunners,
    bitbucketRequests: bitbucket.traffic.total({}),
  };
}
