import { isObject, parseJson } from "../support/json.ts";
import type { Flavour } from "./remote-runner.ts";

/**
 * How far a runner is on its way out, as written on its Job so that controller, cleaner and their successors agree by
 * compare-and-swap. draining → condemned (proof found) or draining → enabling (it is needed again).
 */
export interface Drain {
  readonly state: "draining" | "enabling" | "condemned";
  /** Why it goes. The first four are proven by the drain, the rest by the clean-up. */
  readonly cause: DrainCause;
  /** When this state was written: milliseconds since the epoch. */
  readonly since: number;
  /** When a read first showed the runner disabled; absent until then. */
  readonly disabledSeenAt?: number;
  /** The API flavour of that read: a later one of another flavour proves nothing. */
  readonly flavour?: Flavour;
}

export const DRAIN_CAUSES = [
  "surplus",
  "unhealthy",
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

/** The annotation's text. */
export function writeDrain(drain: Drain): string {
  return JSON.stringify(drain);
}

/** Reads the annotation; text that this program did not write counts as a drain that has shown nothing yet. */
export function readDrain(text: string | undefined): Drain | undefined {
  if (text === undefined) return undefined;
  const unreadable: Drain = { state: "draining", cause: "surplus", since: 0 };
  const value = parseJson(text);
  return isDrain(value) ? value : unreadable;
}

function isDrain(value: unknown): value is Drain {
  if (!isObject(value)) return false;
  const { state, cause, since, disabledSeenAt, flavour } = value;
  return (
    (state === "draining" || state === "enabling" || state === "condemned") &&
    DRAIN_CAUSES.some((each) => each === cause) &&
    typeof since === "number" &&
    (disabledSeenAt === undefined || typeof disabledSeenAt === "number") &&
    (flavour === undefined || flavour === "internal" || flavour === "public")
  );
}
