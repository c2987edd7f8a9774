import type { StepCounts } from "../simulation/step-counts.ts";
import type { History } from "./history.ts";
import type { GroupState } from "./processes/process-state.ts";

/** What a sandbox looks like at one moment: all that its views draw from. */
export interface Snapshot {
  readonly scenario: string;
  readonly speed: number;
  /** Simulated time. */
  readonly now: number;
  /** Real time since the start, and until the end when there is one. */
  readonly elapsedMs: number;
  readonly durationMs: number | undefined;
  readonly steps: StepCounts;
  /** As the controller sees them; empty until it has made its first pass. */
  readonly groups: readonly GroupState[];
  readonly history: Pick<History, "stretches" | "most">;
  /** What the processes said last, oldest first. */
  readonly log: readonly LogLine[];
  /** What is wrong now, worst first. */
  readonly problems: readonly string[];
  /** For people: where everything is. */
  readonly hints: readonly string[];
}

export interface LogLine {
  /** Simulated time. */
  readonly at: number;
  readonly process: string;
  readonly text: string;
}

/** The phases of a group's own runners, in the order in which they are shown. */
export const SHOWN_PHASES = [
  "busy",
  "idle",
  "starting",
  "draining",
  "condemned",
  "unknown",
  "held",
  "lost",
  "orphan",
] as const;

export type ShownPhase = (typeof SHOWN_PHASES)[number];

/** How many of a group's own runners are in each phase, without those that have none. */
export function phasesOf({ phases }: Pick<GroupState, "phases">): readonly (readonly [ShownPhase, number])[] {
  return SHOWN_PHASES.flatMap((phase) => {
    const count = phases[phase] ?? 0;
    return count === 0 ? [] : [[phase, count] as const];
  });
}

export function countRunners(groups: readonly Pick<GroupState, "phases">[]): number {
  return groups.flatMap(phasesOf).reduce((sum, [, count]) => sum + count, 0);
}
