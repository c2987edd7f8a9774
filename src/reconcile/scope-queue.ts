import { type Scope, scopeKey } from "../domain/scope.ts";
import type { Constants } from "../domain/settings.ts";
import { follow } from "../support/deadline.ts";
import type { Dependencies } from "./dependencies.ts";
import { nextPassInMs } from "./pacing.ts";

/**
 * Why a scope's next visit should come earlier: a hint that its load changed, a change of its objects in the cluster, or a group that turned
 * out to be in it.
 */
export type WakeReason = "hint" | "cluster-change" | "group-resolved";

/** What the time of the next visit depends on. */
export interface Rest {
  readonly constants: Pick<Constants, "pacing" | "pollingIntervalMs">;
  /** The interval to the next visit, while the request budget is comfortable. */
  readonly wantedMs: number;
}

/** One visit to a scope. Never rejects. @returns how long to rest, or "retired" when there is nothing more to visit */
export type VisitScope = (scope: Scope, wokenBy: ReadonlySet<WakeReason>) => Promise<Rest | "retired">;

/** The interval after a wake-up: short, but long enough that a burst of them is one visit. */
const WOKEN_MS = 1_000;

interface Entry {
  readonly scope: Scope;
  /** Wake-ups since the last visit began. */
  wokenBy: Set<WakeReason>;
  /** Ends the present rest. */
  alarm: AbortController | undefined;
}

/**
 * Visits each scope again and again, each in a loop of its own, so that a slow or broken one delays no other. A scope that rests can be
 * woken: wake-ups that come together make one visit, those that come during a visit one more, and pacing and budget still decide when.
 */
export class ScopeQueue {
  readonly #deps: Pick<Dependencies, "bitbucket" | "clock" | "random" | "stopping">;
  readonly #visit: VisitScope;
  readonly #entries = new Map<string, Entry>();
  readonly #loops = new Set<Promise<void>>();

  constructor(deps: Pick<Dependencies, "bitbucket" | "clock" | "random" | "stopping">, visit: VisitScope) {
    this.#deps = deps;
    this.#visit = visit;
  }

  /** Begins to visit a scope; nothing changes when the process is stopping. @returns "known" when it is visited already */
  add(scope: Scope): "new" | "known" {
    const key = scopeKey(scope);
    if (this.#entries.has(key) || this.#deps.stopping.aborted) return "known";
    const entry: Entry = { scope, wokenBy: new Set(), alarm: undefined };
    this.#entries.set(key, entry);
    const loop = this.#loop(entry).finally(() => {
      this.#entries.delete(key);
      this.#loops.delete(loop);
    });
    this.#loops.add(loop);
    return "new";
  }

  /** Asks for an earlier visit. @returns whether the scope is visited at all */
  wake(scope: Scope, reason: WakeReason): boolean {
    const entry = this.#entries.get(scopeKey(scope));
    entry?.wokenBy.add(reason);
    entry?.alarm?.abort();
    return entry !== undefined;
  }

  /** Resolves when the visits that were under way have ended, after the process was told to stop. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#loops);
  }

  async #loop(entry: Entry): Promise<void> {
    const { clock, stopping } = this.#deps;
    while (!stopping.aborted) {
      const begunAt = clock.monotonic();
      const { wokenBy } = entry;
      entry.wokenBy = new Set();
      const rest = await this.#visit(entry.scope, wokenBy);
      if (rest === "retired") return;
      await this.#rest(entry, rest, begunAt);
    }
  }

  /**
   * The rest of one that was woken is counted anew, but ends no later than it would have without that; and it is not cut short again: what
   * comes meanwhile belongs to the same visit.
   */
  async #rest(entry: Entry, { constants, wantedMs }: Rest, begunAt: number): Promise<void> {
    const { clock, stopping } = this.#deps;
    let untilDueMs = Number.POSITIVE_INFINITY;
    if (entry.wokenBy.size === 0) {
      const ms = this.#msUntilNext(constants, wantedMs, begunAt);
      const dueAt = clock.monotonic() + ms;
      if (!(await this.#restUnlessWoken(entry, ms))) return;
      untilDueMs = Math.max(0, dueAt - clock.monotonic());
    }
    const ms = this.#msUntilNext(constants, Math.min(wantedMs, WOKEN_MS), begunAt);
    await clock.pause(Math.min(ms, untilDueMs), stopping);
  }

  #msUntilNext(constants: Rest["constants"], wantedMs: number, begunAt: number): number {
    const { bitbucket, clock, random } = this.#deps;
    const now = clock.monotonic();
    const pace = {
      constants,
      wantedMs,
      budget: bitbucket.budget(),
      scopes: this.#entries.size,
      now,
      elapsedMs: now - begunAt,
    };
    return nextPassInMs(pace, random);
  }

  async #restUnlessWoken(entry: Entry, ms: number): Promise<boolean> {
    const alarm = new AbortController();
    const release = follow(this.#deps.stopping, alarm);
    entry.alarm = alarm;
    await this.#deps.clock.pause(ms, alarm.signal);
    release();
    entry.alarm = undefined;
    return entry.wokenBy.size > 0;
  }
}
