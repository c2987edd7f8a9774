import type { Decision } from "../domain/decision.ts";
import { aboutName, type ConfigurationRead, type Failure, type ProcessEvent } from "../domain/events.ts";
import type { CleanReport, GroupReport } from "../domain/report.ts";
import { messageOf, remedyOf } from "../support/errors.ts";

/** One decision, and the passes since then that decided the same and did nothing. Times are milliseconds since the epoch. */
export interface PastDecision extends Decision {
  readonly limits: GroupReport["limits"];
  /** When the first of these passes decided. */
  readonly since: number;
  /** When the last of them ended. The numbers are this pass's. */
  readonly at: number;
  readonly passes: number;
  /** What the first pass did. */
  readonly created: number;
  readonly undrained: number;
  readonly drained: number;
  readonly removed: number;
}

/** A group's last pass, and its decisions. */
export interface GroupHistory {
  readonly last: GroupReport;
  /** Newest first. */
  readonly decisions: readonly PastDecision[];
}

/** A failure and how often it came. */
export interface RepeatedFailure {
  /** The group, the scope, or the part of the process that it was about. */
  readonly where: string;
  readonly message: string;
  readonly remedy: string | undefined;
  /** The first time. */
  readonly since: number;
  /** The last time. */
  readonly at: number;
  readonly times: number;
}

/** The outcome of the configuration's last reading. */
export interface ConfigurationState {
  readonly good: boolean;
  /** What is wrong with it, one text a problem. */
  readonly problems: readonly string[];
  readonly readAt: number;
  /** The last reading that was good. */
  readonly goodAt: number | undefined;
}

const DECISIONS_KEPT = 50;
const FAILURES_KEPT = 100;

/** The process's latest state, gathered from its events, for the API to show. */
export class StateStore {
  readonly #now: () => number;
  readonly #groups = new Map<string, GroupHistory>();
  readonly #scopes = new Map<string, CleanReport>();
  readonly #failures = new Map<string, RepeatedFailure>();
  #configuration: ConfigurationState | undefined;

  /** @param now milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** By name. */
  get groups(): readonly GroupHistory[] {
    return inOrder(this.#groups);
  }

  /** Each scope's last clean-up, by name. */
  get scopes(): readonly CleanReport[] {
    return inOrder(this.#scopes);
  }

  /** Latest first. */
  get failures(): readonly RepeatedFailure[] {
    return [...this.#failures.values()].reverse();
  }

  /** Undefined before the first reading. */
  get configuration(): ConfigurationState | undefined {
    return this.#configuration;
  }

  hear(event: ProcessEvent): void {
    switch (event.type) {
      case "group-pass-done": {
        const { report } = event;
        const before = this.#groups.get(report.group)?.decisions ?? [];
        this.#groups.set(report.group, { last: report, decisions: withDecision(before, report) });
        return;
      }
      case "clean-up-done":
        this.#scopes.set(event.report.scope, event.report);
        return;
      case "failure":
        return this.#failed(event);
      case "configuration-read":
        return this.#configurationRead(event);
      case "retired":
        return this.#forget(event.name);
      default:
    }
  }

  #failed({ about, error }: Failure): void {
    const where = aboutName(about);
    const message = messageOf(error);
    const key = `${where}\n${message}`;
    const known = this.#failures.get(key);
    const at = this.#now();
    this.#failures.delete(key);
    this.#failures.set(key, {
      where,
      message,
      remedy: remedyOf(error),
      since: known?.since ?? at,
      at,
      times: (known?.times ?? 0) + 1,
    });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > FAILURES_KEPT && oldest !== undefined) this.#failures.delete(oldest);
  }

  #configurationRead({ good, problems }: ConfigurationRead): void {
    const readAt = this.#now();
    this.#configuration = {
      good,
      problems: problems.map(({ at, message }) => `${at}: ${message}`),
      readAt,
      goodAt: good ? readAt : this.#configuration?.goodAt,
    };
  }

  /** A group or scope of that name is gone for good. */
  #forget(name: string): void {
    this.#groups.delete(name);
    this.#scopes.delete(name);
    for (const [key, failure] of this.#failures) if (failure.where === name) this.#failures.delete(key);
  }
}

/** The values in the order of their names. */
function inOrder<T>(named: ReadonlyMap<string, T>): readonly T[] {
  return [...named].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}

/** Passes that change nothing are counted instead of kept: the list then reaches back hours, not minutes. */
function withDecision(before: readonly PastDecision[], report: GroupReport): readonly PastDecision[] {
  const { at, decidedAt, decision, limits, created, undrained, drained, removed } = report;
  const [last, ...older] = before;
  const acted = created + undrained + drained + removed > 0;
  if (last !== undefined && !acted && sameDecision(last, report)) {
    return [{ ...last, numbers: decision.numbers, at, passes: last.passes + 1 }, ...older];
  }
  const added = {
    ...decision,
    limits,
    since: decidedAt ?? at,
    at,
    passes: 1,
    created,
    undrained,
    drained,
    removed,
  };
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
