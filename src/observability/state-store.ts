import type { Decision } from "../domain/decision.ts";
import type { CleanReport, GroupReport, Trouble } from "../domain/report.ts";

/** What came of the configuration's last reading. */
export interface ConfigurationState {
  /** False: the file is bad now; the last good one, if there was one, stays in force. */
  readonly good: boolean;
  /** What is wrong with it, one text a problem. */
  readonly problems: readonly string[];
}

/** One decision, and the passes since then that came to the same one and did nothing. */
export interface PastDecision extends Decision {
  readonly limits: GroupReport["limits"];
  /** World time of the first of these passes. */
  readonly since: number;
  /** World time of the last. The numbers are this pass's. */
  readonly at: number;
  readonly passes: number;
  /** What the first pass did. */
  readonly created: number;
  readonly undrained: number;
  readonly drained: number;
  readonly removed: number;
}

/** A trouble and how often it came. */
export interface TroubleView extends Trouble {
  /** World time of the first time; `at` is the last. */
  readonly since: number;
  readonly times: number;
}

export interface GroupBoard {
  readonly last: GroupReport;
  /** Newest first. */
  readonly decisions: readonly PastDecision[];
}

interface ConfigurationView extends ConfigurationState {
  /** World time of the last reading. */
  readonly readAt: number;
  /** World time of the last reading that was good. */
  readonly goodAt: number | undefined;
}

/** The process's latest state: written by the controller or the cleaner, read by the API. */
export interface Board {
  report(report: GroupReport): void;
  cleaned(report: CleanReport): void;
  trouble(trouble: Trouble): void;
  configuration(state: ConfigurationState): void;
  /** The group (controller) or the scope (cleaner) left the configuration and nothing of it is left. */
  forget(name: string): void;

  /** By name. */
  groups(): readonly GroupBoard[];
  /** Each scope's last clean-up, by name. */
  scopes(): readonly CleanReport[];
  /** Latest first. */
  troubles(): readonly TroubleView[];
  /** Undefined before the first reading. */
  lastConfiguration(): ConfigurationView | undefined;
}

const DECISIONS_KEPT = 50;
const TROUBLES_KEPT = 100;

/** @param now World time, milliseconds since the epoch. */
export function createBoard(now: () => number): Board {
  const groups = new Map<string, GroupBoard>();
  const scopes = new Map<string, CleanReport>();
  const troubles = new Map<string, TroubleView>();
  let configuration: ConfigurationView | undefined;
  return {
    report(report) {
      const before = groups.get(report.group)?.decisions ?? [];
      groups.set(report.group, { last: report, decisions: withDecision(before, report) });
    },
    cleaned(report) {
      scopes.set(report.scope, report);
    },
    trouble(trouble) {
      const key = `${trouble.where}\n${trouble.message}`;
      const known = troubles.get(key);
      troubles.delete(key);
      troubles.set(key, { ...trouble, since: known?.since ?? trouble.at, times: (known?.times ?? 0) + 1 });
      const [oldest] = troubles.keys();
      if (troubles.size > TROUBLES_KEPT && oldest !== undefined) troubles.delete(oldest);
    },
    configuration(state) {
      const readAt = now();
      configuration = { ...state, readAt, goodAt: state.good ? readAt : configuration?.goodAt };
    },
    forget(name) {
      groups.delete(name);
      scopes.delete(name);
      for (const [key, trouble] of troubles) if (trouble.where === name) troubles.delete(key);
    },
    groups: () => inOrder(groups),
    scopes: () => inOrder(scopes),
    troubles: () => [...troubles.values()].reverse(),
    lastConfiguration: () => configuration,
  };
}

/** The values in the order of their names. */
function inOrder<T>(named: ReadonlyMap<string, T>): readonly T[] {
  return [...named].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}

/** Passes that change nothing are counted instead of kept: the list then reaches back hours, not minutes. */
function withDecision(before: readonly PastDecision[], report: GroupReport): readonly PastDecision[] {
  const { at, decision, limits, created, undrained, drained, removed } = report;
  const [last, ...older] = before;
  const acted = created + undrained + drained + removed > 0;
  if (last !== undefined && !acted && sameDecision(last, report)) {
    return [{ ...last, numbers: decision.numbers, at, passes: last.passes + 1 }, ...older];
  }
  const added = { ...decision, limits, since: at, at, passes: 1, created, undrained, drained, removed };
  return [added, ...before].slice(0, DECISIONS_KEPT);
}

function sameDecision(last: PastDecision, { decision, limits }: GroupReport): boolean {
  return (
    last.desired === decision.desired &&
    last.reason === decision.reason &&
    last.limits.length === limits.length &&
    last.limits.every((limit) => limits.includes(limit))
  );
}
