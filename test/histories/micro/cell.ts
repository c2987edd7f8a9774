import { BEHAVIOURS, type BehaviourName } from "./behaviours.ts";
import { EVENTS, type EventName } from "./events.ts";
import { FAULTS, type FaultName } from "./faults.ts";
import { STATES, type StateName } from "./states.ts";
import { MINUTE } from "./times.ts";

/** One short history: from a state on, one request of one process meets one fault, and in that moment one thing happens in the world. */
export interface Cell {
  readonly state: StateName;
  readonly fault: FaultName;
  readonly event: EventName;
  /** Which of the process's requests, of its writes, or of its direct looks at a runner, from the state on: counted from 0. */
  readonly position: number;
  readonly counting: "requests" | "writes" | "looks";
  readonly process: "controller" | "cleaner";
  readonly behaviour: BehaviourName;
  /** How far the wall clocks of controller and cleaner are ahead. */
  readonly aheadMs: readonly [controller: number, cleaner: number];
}

const STATE_NAMES = Object.keys(STATES) as readonly StateName[];
const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[];
const EVENT_NAMES = Object.keys(EVENTS) as readonly EventName[];
const BEHAVIOUR_NAMES = Object.keys(BEHAVIOURS) as readonly BehaviourName[];

/** So many combinations of state, fault and event there are. */
export const CELLS = STATE_NAMES.length * FAULT_NAMES.length * EVENT_NAMES.length;

/** So many positions are played, by what is counted. */
const POSITIONS = { writes: 3, looks: 2, requests: 30 } as const;
const COUNTINGS = ["writes", "requests", "looks"] as const;
const PROCESSES = ["controller", "controller", "cleaner", "controller"] as const;
const SKEWS = [
  [0, 0],
  [MINUTE, -MINUTE],
  [-10 * MINUTE, 20 * MINUTE],
] as const;
/** Shares no factor with {@link CELLS}, so that a few histories are already spread over the whole matrix. */
const STRIDE = 3_571;

/**
 * The `index`-th history: every combination of state, fault and event comes once in each round of {@link CELLS}, at another request, of
 * another process, under another behaviour each time.
 */
export function cellAt(index: number): Cell {
  const round = Math.floor(index / CELLS);
  const within = (index * STRIDE) % CELLS;
  const state = within % STATE_NAMES.length;
  const fault = Math.floor(within / STATE_NAMES.length) % FAULT_NAMES.length;
  const event = Math.floor(within / STATE_NAMES.length / FAULT_NAMES.length);
  const turn = state + fault + event + round;
  const counting = pick(COUNTINGS, turn + event);
  return {
    state: pick(STATE_NAMES, state),
    fault: pick(FAULT_NAMES, fault),
    event: pick(EVENT_NAMES, event),
    counting,
    position: (turn * 7 + round * 4) % POSITIONS[counting],
    process: pick(PROCESSES, turn + Math.floor(event / 2)),
    behaviour: pick(BEHAVIOUR_NAMES, turn * 5 + fault),
    aheadMs: pick(SKEWS, event + round),
  };
}

/** In words, for a person. */
export function describeCell({ state, fault, event, position, counting, process, behaviour, aheadMs }: Cell): string {
  const request = `${counting.slice(0, -1)} ${position} of the ${process}`;
  const clocks = aheadMs.some((ms) => ms !== 0)
    ? `, clocks ahead by ${aheadMs.map((ms) => ms / MINUTE).join(" and ")} min`
    : "";
  return `${state}; ${request}: ${fault}; ${event}; Bitbucket ${behaviour}${clocks}`;
}

function pick<T>(from: readonly T[], n: number): T {
  return from[n % from.length] as T;
}
