import { isObject, parseJson } from "../support/json.ts";
import type { Flavour } from "./remote-runner.ts";

/**
 * How far a runner is on its way out, as written on its Job so that controller, cleaner and their successors agree by
 * compare-and-swap. draining → condemned (proof found) or draining → enabling (it is needed again).
 */
export interface DrainMark {
  readonly state: "draining" | "enabling" | "condemned";
  /** Why it goes. The first four are proven by the drain, the rest by the clean-up. */
  readonly cause: DrainCause;
  /** World time when this state was written. */
  readonly since: number;
  /** World time when a read first showed the runner disabled; absent until then. */
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
export function writeDrainMark(mark: DrainMark): string {
  return JSON.stringify(mark);
}

/** Reads the annotation; text that this program did not write counts as a drain that has shown nothing yet. */
export function readDrainMark(text: string | undefined): DrainMark | undefined {
  if (text === undefined) return undefined;
  const unreadable: DrainMark = { state: "draining", cause: "surplus", since: 0 };
  const value = parseJson(text);
  return isDrainMark(value) ? value : unreadable;
}

function isDrainMark(value: unknown): value is DrainMark {
  if (!isObject(value)) return false;
  const mark = value;
  return (
    (mark.state === "draining" || mark.state === "enabling" || mark.state === "condemned") &&
    DRAIN_CAUSES.some((cause) => cause === mark.cause) &&
    typeof mark.since === "number" &&
    (mark.disabledSeenAt === undefined || typeof mark.disabledSeenAt === "number") &&
    (mark.flavour === undefined || mark.flavour === "internal" || mark.flavour === "public")
  );
}
