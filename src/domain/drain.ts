import { isObject, parseJson } from "../support/json.ts";
import type { Flavour } from "./remote-runner.ts";

/**
 * How far a runner is on its way out, as written on its Job so that controller, cleaner and their successors agree by
 * compare-and-swap. draining → condemned (proof found) or draining → enabling (it is needed again).
 */
export interface Drain {
  readonly state: "draining" | "enabling" | "condemned";
  /** Why it goes. */
  readonly cause: DrainCause;
  /** When this state was written, by the writer's wall clock: for people. Nothing is concluded from it. */
  readonly since: number;
  /** The read that first showed the runner disabled; absent until then. */
  readonly disabledSeen?: Seen;
  /** A step was shown on it while it was disabled. */
  readonly stepShown?: true;
  /** The first read after that which showed none. */
  readonly idleSeen?: Seen;
}

/** A read by which something is noted, so that a later one, of another process too, can tell for how long it has been so. */
export interface Seen {
  /** The API's flavour: a later read of another one proves nothing. */
  readonly flavour: Flavour;
  /** Bitbucket's own clock, in milliseconds; absent when its reply told no time. */
  readonly serverTime?: number;
}

export const DRAIN_CAUSES = [
  "surplus",
  "unhealthy",
  "silent",
  "group-removed",
  "adopted-disabled",
  "never-connected",
  "dead",
] as const;

export type DrainCause = (typeof DRAIN_CAUSES)[number];

/** Whether the proof behind a condemned runner is the drain's: disabled long enough and idle. */
export function isDrainProven(cause: DrainCause): boolean {
  return cause !== "never-connected" && cause !== "dead";
}

/** What this version writes; another number is another version's, whose meaning is not known here. */
const VERSION = 2;

/** The annotation's text. */
export function writeDrain(drain: Drain): string {
  return JSON.stringify({ v: VERSION, ...drain });
}

/**
 * Reads the annotation. What is not understood (a newer version's, nonsense) is nobody's business but its writer's: the runner is left
 * alone. Of the first version's, which noted times by the writer's clock, only the state counts: its proof starts over.
 */
export function readDrain(text: string | undefined): Drain | "not-understood" | undefined {
  if (text === undefined) return undefined;
  const value = parseJson(text);
  if (!isObject(value)) return "not-understood";
  const { v, ...drain } = value;
  if (v === undefined && isBegun(drain)) return { state: drain.state, cause: drain.cause, since: drain.since };
  return v === VERSION && isBegun(drain) && isProof(drain) ? drain : "not-understood";
}

type Fields = Readonly<Record<string, unknown>>;

function isBegun(value: Fields): value is Fields & Pick<Drain, "state" | "cause" | "since"> {
  const { state, cause, since } = value;
  return (
    (state === "draining" || state === "enabling" || state === "condemned") &&
    DRAIN_CAUSES.some((each) => each === cause) &&
    typeof since === "number"
  );
}

function isProof({ disabledSeen, stepShown, idleSeen }: Fields): boolean {
  return [disabledSeen, idleSeen].every(isSeen) && (stepShown === undefined || stepShown === true);
}

function isSeen(value: unknown): boolean {
  if (value === undefined) return true;
  if (!isObject(value)) return false;
  const { flavour, serverTime } = value;
  return (
    (flavour === "internal" || flavour === "public") && (serverTime === undefined || typeof serverTime === "number")
  );
}
