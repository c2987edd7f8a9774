import { type Scope, type ScopeRef, scopeKey, scopeName, scopeRefKey } from "../domain/scope.ts";
import type { GroupSettings, Settings } from "../domain/settings.ts";
import type { Worlds } from "./dependencies.ts";
import { nextPassInMs } from "./pacing.ts";
import { scopesOfOurJobs } from "./retired-scopes.ts";

/** How often scopes are looked for that have no loop yet: new in the configuration, and (less often) forgotten by it. */
const SUPERVISE_MS = 15_000;
const SUPERVISE_FORGOTTEN_MS = 300_000;
/** After a pass that failed as a whole. */
const RETRY_MS = 15_000;

/** One look at one scope. */
export interface ScopeVisit {
  readonly scope: Scope;
  /** The configuration's groups in this scope. */
  readonly groups: readonly GroupSettings[];
  readonly settings: Settings;
  /** "unknown" while some group's scope is not resolved yet: then no Job can be said to belong to a group that left the configuration. */
  readonly forgotten: "known" | "unknown";
  /** Begin nothing new. */
  readonly stopping: AbortSignal;
  /** Give up what is under way. */
  readonly signal: AbortSignal;
}

/** What a visit came to. */
export interface Visited {
  readonly failures: number;
  /** The interval to the next visit, while the request budget is comfortable. */
  readonly wantedMs: number;
  /** No group of the configuration and nothing of ours is in the scope any more: no further visits. */
  readonly deserted: boolean;
}

export interface ScopeLoopsOptions {
  readonly worlds: Worlds;
  /** The configuration as it is now: the last good one while the file is bad. */
  readonly settings: () => Promise<Settings>;
  readonly visit: (visit: ScopeVisit) => Promise<Visited>;
  /** Told of whatever a loop could not do, and goes on. */
  readonly troubled: (where: string, error: unknown) => void;
  /** Told each time the supervising loop comes round, and how long it takes at most to do so again. */
  readonly turned: (intervalMs: number) => void;
}

/**
 * One loop for each scope, on its own, so that a slow or broken one holds nobody up. Scopes come from the configuration and from the
 * Jobs of ours that are in the cluster: one that left the configuration is visited until nothing of ours is in it.
 */
export class ScopeLoops {
  readonly #options: ScopeLoopsOptions;
  readonly #resolved = new Map<string, Scope>();
  readonly #resolving = new Map<string, Promise<unknown>>();
  readonly #loops = new Map<string, Promise<void>>();
  #forgottenLookedAt = Number.NEGATIVE_INFINITY;

  constructor(options: ScopeLoopsOptions) {
    this.#options = options;
  }

  /** Runs until `stopping` aborts, then begins nothing new and returns when what was under way has ended (`signal` ends it). */
  async run(stopping: AbortSignal, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options.worlds;
    while (!stopping.aborted) {
      this.#options.turned(SUPERVISE_MS);
      await this.#attempt("configuration", stopping, async () => {
        const settings = await this.#options.settings();
        for (const ref of refsOf(settings)) this.#startResolved(ref, stopping, signal);
      });
      if (clock.now() - this.#forgottenLookedAt >= SUPERVISE_FORGOTTEN_MS) {
        this.#forgottenLookedAt = clock.now();
        void this.#lookForForgotten(stopping, signal);
      }
      await clock.pause(SUPERVISE_MS, stopping);
    }
    await Promise.allSettled(this.#loops.values());
  }

  /** One visit to every scope. @returns how many things failed */
  async once(signal: AbortSignal): Promise<number> {
    const settings = await this.#options.settings();
    const scopes = new Map<string, Scope>();
    const add = (scope: Scope) => scopes.set(scopeKey(scope), scope);
    const found = await Promise.all([
      ...refsOf(settings).map((ref) =>
        this.#attempt(scopeRefKey(ref), signal, async () => add(await this.#resolve(ref, signal))),
      ),
      this.#attempt("cluster", signal, async () => (await scopesOfOurJobs(this.#options.worlds, signal)).forEach(add)),
    ]);
    const visited = await Promise.all(
      [...scopes.values()].map((scope) => this.#visit(scope, settings, signal, signal)),
    );
    return (
      found.filter((outcome) => outcome === "failed").length + visited.reduce((sum, { failures }) => sum + failures, 0)
    );
  }

  #startResolved(ref: ScopeRef, stopping: AbortSignal, signal: AbortSignal): void {
    const key = scopeRefKey(ref);
    const scope = this.#resolved.get(key);
    if (scope !== undefined) return this.#ensureLoop(scope, stopping, signal);
    if (this.#resolving.has(key)) return;
    const start = async () => this.#ensureLoop(await this.#resolve(ref, signal), stopping, signal);
    const resolving = this.#attempt(key, stopping, start).finally(() => this.#resolving.delete(key));
    this.#resolving.set(key, resolving);
  }

  /** After the configuration's own scopes had their chance: a first visit that knows no group of its scope could only wait. */
  async #lookForForgotten(stopping: AbortSignal, signal: AbortSignal): Promise<void> {
    await Promise.allSettled(this.#resolving.values());
    const outcome = await this.#attempt("cluster", stopping, async () => {
      for (const scope of await scopesOfOurJobs(this.#options.worlds, signal))
        this.#ensureLoop(scope, stopping, signal);
    });
    if (outcome === "failed") this.#forgottenLookedAt = Number.NEGATIVE_INFINITY;
  }

  #ensureLoop(scope: Scope, stopping: AbortSignal, signal: AbortSignal): void {
    const key = scopeKey(scope);
    if (this.#loops.has(key) || stopping.aborted) return;
    const loop = this.#attempt(scopeName(scope), stopping, () => this.#loop(scope, stopping, signal));
    this.#loops.set(
      key,
      loop.then(() => void this.#loops.delete(key)),
    );
  }

  async #loop(scope: Scope, stopping: AbortSignal, signal: AbortSignal): Promise<void> {
    const { clock, random, bitbucket } = this.#options.worlds;
    while (!stopping.aborted) {
      const settings = await this.#options.settings();
      const begunAt = clock.now();
      const visited = await this.#visit(scope, settings, stopping, signal);
      if (visited.deserted) return;
      const pace = {
        constants: settings.constants,
        wantedMs: visited.wantedMs,
        budget: bitbucket.budget(),
        scopes: this.#loops.size,
        now: clock.now(),
        elapsedMs: clock.now() - begunAt,
      };
      await clock.pause(nextPassInMs(pace, random), stopping);
    }
  }

  async #visit(scope: Scope, settings: Settings, stopping: AbortSignal, signal: AbortSignal): Promise<Visited> {
    const groups = settings.groups.filter((group) => {
      const resolved = this.#resolved.get(scopeRefKey(group));
      return resolved !== undefined && scopeKey(resolved) === scopeKey(scope);
    });
    const forgotten = settings.groups.every((group) => this.#resolved.has(scopeRefKey(group))) ? "known" : "unknown";
    let visited: Visited = { failures: 1, wantedMs: RETRY_MS, deserted: false };
    await this.#attempt(scopeName(scope), stopping, async () => {
      visited = await this.#options.visit({ scope, groups, settings, forgotten, stopping, signal });
    });
    return visited;
  }

  async #resolve(ref: ScopeRef, signal: AbortSignal): Promise<Scope> {
    const scope = await this.#options.worlds.bitbucket.resolve(ref, signal);
    this.#resolved.set(scopeRefKey(ref), scope);
    return scope;
  }

  /** Failures after a stop was asked for are its consequence and not worth a word. */
  async #attempt(where: string, stopping: AbortSignal, task: () => Promise<unknown>): Promise<"done" | "failed"> {
    try {
      await task();
      return "done";
    } catch (error) {
      if (!stopping.aborted) this.#options.troubled(where, error);
      return "failed";
    }
  }
}

/** Each scope that the configuration names, once. */
function refsOf(settings: Settings): readonly ScopeRef[] {
  return [...new Map(settings.groups.map((group) => [scopeRefKey(group), group])).values()];
}
