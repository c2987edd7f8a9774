import type { HttpRequest } from "../../../src/http/transport.ts";
import { SimulatedInstallation } from "../../../src/simulation/installation.ts";
import type { SimulatedProcess } from "../../../src/simulation/simulated-process.ts";
import type { Actor, BitbucketEvent } from "../../../src/simulator/bitbucket/events.ts";
import { type ChooseFault, firstFault } from "../../../src/simulator/faults.ts";
import type { Forgiven } from "../../../src/simulator/observer/observer.ts";
import { PlantedSecrets } from "../../support/planted-secrets.ts";
import { SEED_SETTINGS, SHIPPED_TEMPLATE } from "../../support/seed.ts";
import { BEHAVIOURS } from "./behaviours.ts";
import type { Cell } from "./cell.ts";
import { BY_HAND, EVENTS, type EventKind, MOST_WAIT_MS, type Target } from "./events.ts";
import { FAULTS, type FaultKind } from "./faults.ts";
import { NEIGHBOUR, OTHERS, withNeighbour } from "./groups.ts";
import { remaining } from "./rest.ts";
import { STATES, type State, type StateName } from "./states.ts";
import { MINUTE, SECOND } from "./times.ts";

/** How one short history ended. */
export interface MicroOutcome {
  /** Promises that were broken, secrets that were logged, and what is not as it should be at the end (see {@link remaining}). */
  readonly wrong: readonly string[];
  readonly forgiven: ReadonlyMap<Forgiven, number>;
  /** What happened in both worlds, a line each. */
  readonly record: readonly string[];
}

/** The fault comes at the first request after this, if its position was not reached by then. */
const AT_LATEST_MS = 3 * MINUTE;
/** After the last thing that was done to it the world has so long before it may be called at rest. */
const QUIET_MS = 150 * SECOND;
/** It must have come to rest by then. */
const PATIENCE_MS = 75 * MINUTE;
const RESTART_MS = 20 * SECOND;
/** Of so many histories one logs everything, for the secrets in it: that costs time. */
const LOGGED = 8;

/** Plays one history. The same cell and seed give the same course. */
export async function playMicro(cell: Cell, seed: number): Promise<MicroOutcome> {
  const state: State = STATES[cell.state];
  const fault: FaultKind = FAULTS[cell.fault];
  const event: EventKind = EVENTS[cell.event];
  const logs: string[] = [];
  const told: { readonly at: number; readonly what: string }[] = [];
  const tell = (at: number, what: string) => void told.push({ at, what });
  const world = new SimulatedInstallation({
    seed,
    settings: state.settings,
    existing: { ...SEED_SETTINGS, groups: [...withNeighbour(SEED_SETTINGS).groups, ...OTHERS.groups] },
    namespaces: [NEIGHBOUR.namespace],
    template: SHIPPED_TEMPLATE,
    behaviour: { ...BEHAVIOURS[cell.behaviour], ...state.behaviour },
    onClusterEvent: (seen) => {
      if (seen.type !== "object" || seen.resource === "events") return;
      const { name, annotations } = seen.object.metadata;
      tell(seen.at, `${seen.change.toLowerCase()} ${seen.resource} ${name} by ${seen.by.kind}${marksOf(annotations)}`);
    },
    ...(seed % LOGGED === 0 && { write: (line: string) => void logs.push(line) }),
  });
  const { clock, observer } = world;
  world.bitbucket.onEvent((seen) => tell(seen.at, tellEvent(seen)));
  const secrets = new PlantedSecrets(world.bitbucket);
  const processes: SimulatedProcess[] = [];
  // Both runners of a group may have been on the machine that is gone.
  let unproven = cell.state === "dead" ? 2 : 0;
  let armedAt: number | undefined;
  let struckAt: number | undefined;

  const start = (name: Cell["process"]): void => {
    let seen = -1;
    let diesAfter = name === "controller" && armedAt === undefined ? state.diesAfter : undefined;
    const die = () => {
      process.crash();
      void clock.sleep(RESTART_MS).then(() => start(name));
    };
    const choose: ChooseFault = (request) => {
      if (diesAfter?.(request)) {
        diesAfter = undefined;
        return { kind: "crash", when: "after", crash: die };
      }
      if (armedAt === undefined || struckAt !== undefined || name !== cell.process) return undefined;
      if (counts(cell, request)) seen += 1;
      if (seen < cell.position && clock.now() - armedAt < AT_LATEST_MS) return undefined;
      struckAt = clock.now();
      tell(
        struckAt,
        `${cell.fault} and ${cell.event}, at ${request.method} ${new URL(request.url).pathname} of the ${name}`,
      );
      const happen = () => {
        const target = targetIn(world, processes);
        unproven += event.leavesUnproven?.(world, target) ?? 0;
        event.happens(world, target);
      };
      if (fault.eventAfterMs === undefined) happen();
      else void clock.sleep(fault.eventAfterMs).then(happen);
      return fault.of(request.method, die);
    };
    const process = world.start(name, {
      aheadMs: cell.aheadMs[name === "controller" ? 0 : 1],
      faults: {
        bitbucket: firstFault(secrets.noteRequest, choose),
        kubernetes: firstFault(choose),
      },
    });
    processes.push(process);
  };

  state.prepare?.(world);
  if (state.reach === undefined) armedAt = clock.now();
  start("controller");
  start("cleaner");
  await state.reach?.(world);
  armedAt = clock.now();
  while (struckAt === undefined) await clock.advance(5 * SECOND);
  await clock.advance(Math.max(fault.lastsMs, event.lastsMs) + QUIET_MS);
  // What a human did is undone: nobody waits for that.
  for (const uuid of observer.disabledByHand) world.bitbucket.humanEnables(uuid);

  let remains = remaining(world, unproven, cell.behaviour);
  for (const endsAt = clock.now() + PATIENCE_MS; remains.length > 0 && clock.now() < endsAt; ) {
    await clock.advance(30 * SECOND);
    remains = remaining(world, unproven, cell.behaviour);
  }
  world.close();
  const { breaches, forgiven } = observer;
  const late = lateSteps(world, cell, struckAt).map((uuid) => `step ${uuid} waited too long for its runner`);
  const leaked = secrets.foundIn(logs).map((what) => `logged: ${what}`);
  return {
    wrong: [...breaches.map(({ what }) => what), ...leaked, ...late, ...remains],
    forgiven,
    record: told.map(({ at, what }) => `${((at - world.startedAt) / SECOND).toFixed(1)} s: ${what}`),
  };
}

/** States of a group that has room for more. */
const ROOMY: readonly StateName[] = ["registration-alone", "surplus"];

/** Steps that came with the event and waited too long: for a group that had room to grow, or one whose neighbour's scope cannot be read. */
function lateSteps(
  { bitbucket, places }: SimulatedInstallation,
  { state, event, fault, behaviour }: Cell,
  sinceMs: number,
): readonly string[] {
  const isGrowth = event === "step" && ROOMY.includes(state);
  const isIsolation = event === "break-scope" && state === "two-groups";
  // Where nobody tells busy from idle, no group grows.
  if (behaviour === "mute" || (!isGrowth && !isIsolation)) return [];
  const place = places[isGrowth ? 0 : 1];
  const mostMs = MOST_WAIT_MS + FAULTS[fault].lastsMs;
  return bitbucket.pipelines.steps().flatMap(({ uuid, pipeline, queuedAt, startedAt }) => {
    const isOfEvent = queuedAt !== undefined && queuedAt >= sinceMs && pipeline.repository === place?.repository;
    return isOfEvent && (startedAt ?? Number.POSITIVE_INFINITY) - queuedAt > mostMs ? [uuid] : [];
  });
}

/** Whether a request is one of those that the cell's position counts. */
function counts({ counting }: Cell, { method, url }: HttpRequest): boolean {
  if (counting === "requests") return true;
  return counting === "writes" ? method !== "GET" : method === "GET" && /\/pipelines-config\/runners\/[^?]+$/.test(url);
}

/** A line of the record, without secrets or places. */
function tellEvent({ type, at: _, sequence: __, ...facts }: BitbucketEvent): string {
  const told = Object.entries(facts).map(
    ([key, value]: [string, string | number | boolean | readonly string[] | Actor]) =>
      `${key} ${typeof value === "object" && "kind" in value ? value.kind : String(value)}`,
  );
  return [type, ...told].join(", ");
}

/** What the program wrote on a Job. */
function marksOf(annotations: Readonly<Record<string, string>> | undefined): string {
  const marks = ["drain", "condemned", "registration-gone-at"].filter(
    (key) => annotations?.[`runners-autoscaler/${key}`] !== undefined,
  );
  return marks.length > 0 ? ` [${marks.join(", ")}]` : "";
}

function targetIn({ bitbucket, cluster }: SimulatedInstallation, processes: readonly SimulatedProcess[]): Target {
  const runners = bitbucket.glance();
  const { uuid } = runners.find(({ disabled, name }) => disabled && !name.startsWith(BY_HAND)) ??
    runners[0] ?? { uuid: "" };
  const job = cluster.list("jobs").find(({ metadata }) => metadata.name === `runner-${uuid.slice(1, -1)}`);
  const pod = cluster.list("pods").find(({ metadata }) => metadata.labels?.runner_uuid === uuid.slice(1, -1));
  return { uuid, runners, job, pod, processes };
}
