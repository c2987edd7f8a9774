import { countSteps } from "../simulation/step-counts.ts";
import { History } from "./history.ts";
import { OrphanWatch } from "./orphans.ts";
import type { Sandbox } from "./sandbox.ts";
import type { Snapshot } from "./snapshot.ts";
import { countRunners } from "./snapshot.ts";
import type { RunFacts } from "./terminal/summary.ts";
import { clockText } from "./terminal/text.ts";

const STRETCHES = 240;
/** Without an end, a stretch is so much simulated time at first: half an hour is shown. */
const FIRST_STRETCH_MS = 7_500;
/** A process's failure is shown for so long after it last came. Simulated time. */
const FAILURE_SHOWN_MS = 5 * 60_000;

/** Looks at a sandbox from time to time: what it looks like now, and how it ended. */
export class Watcher {
  readonly #sandbox: Sandbox;
  readonly #orphans = new OrphanWatch();
  readonly #history: History;

  constructor(sandbox: Sandbox) {
    const { durationMs, speed } = sandbox.options;
    const stretchMs = durationMs === undefined ? FIRST_STRETCH_MS : (durationMs * speed) / STRETCHES;
    this.#sandbox = sandbox;
    this.#history = new History(sandbox.startedAt, Math.max(1, stretchMs), STRETCHES);
  }

  /** To be called every now and then: what is half-way is told from what is left over by how long it stands. */
  look(): Snapshot {
    const { options, clock, startedAt, bitbucket, kubernetes, processes, ports, files } = this.#sandbox;
    const now = clock.now();
    const steps = countSteps(bitbucket.world.pipelines);
    const groups = processes.state("controller")?.groups ?? [];
    this.#orphans.look(now, kubernetes.leftovers());
    this.#history.note(now, { queued: steps.queued, runners: countRunners(groups) });
    return {
      scenario: options.scenario,
      speed: options.speed,
      now,
      elapsedMs: (now - startedAt) / options.speed,
      durationMs: options.durationMs,
      steps,
      groups,
      history: this.#history,
      log: processes.log,
      problems: this.#problems(now),
      hints: [
        `kubectl --kubeconfig ${files.folder}/kubeconfig get jobs,pods,secrets -A`,
        `Bitbucket :${ports.bitbucket}  Kubernetes :${ports.kubernetes}  controller :${ports.controller}  cleaner :${ports.cleaner}`,
      ],
    };
  }

  /** Judges the run as it is now, then ends the processes. */
  async conclude(): Promise<RunFacts> {
    const { options, plan, clock, startedAt, bitbucket, kubernetes, processes, simulationErrors } = this.#sandbox;
    this.look();
    const now = clock.now();
    const elapsedMs = now - startedAt;
    const steps = bitbucket.world.pipelines.steps();
    const unfinished = steps.filter(({ outcome }) => outcome !== "successful" && outcome !== "failed").length;
    const facts = {
      scenario: options.scenario,
      speed: options.speed,
      elapsedMs,
      steps: countSteps(bitbucket.world.pipelines),
      missedSteps: elapsedMs >= plan.restsAfterMs ? unfinished : undefined,
      mostRunners: kubernetes.observer.mostRunners,
      runnersLeft: bitbucket.world.glance().length,
      orphans: this.#orphans.orphans(now),
      halfWay: this.#orphans.halfWay(now).length,
      requests: bitbucket.world.traffic.total(),
    };
    const ends = await processes.stop();
    // Ending is a part of the run: what breaks meanwhile counts.
    return { ...facts, ends, deaths: processes.deaths, breaches: kubernetes.observer.breaches, simulationErrors };
  }

  #problems(now: number): readonly string[] {
    const { kubernetes, processes, simulationErrors } = this.#sandbox;
    const told = (["controller", "cleaner"] as const).flatMap((name) =>
      (processes.state(name)?.troubles ?? [])
        .filter(({ at }) => now - Date.parse(at) < FAILURE_SHOWN_MS)
        .map(({ where, message, times }) => `${name}, ${where}: ${message}${times > 1 ? ` (${times} times)` : ""}`),
    );
    return [
      ...kubernetes.observer.breaches.map(
        ({ invariant, at, what }) => `invariant ${invariant} broken at ${clockText(at)}: ${what}`,
      ),
      ...processes.deaths.map(
        ({ name, how, lastLines }) =>
          `the ${name} ended by itself (${how}) and is started again; its last lines: ${lastLines.at(-1) ?? "nothing"}`,
      ),
      ...simulationErrors.map((message) => `the simulation failed: ${message}`),
      ...told,
    ];
  }
}
