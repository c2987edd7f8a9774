import type { Failure, Operation } from "../domain/events.ts";
import { type Scope, type ScopeRef, scopeKey, scopeName, scopeRefKey } from "../domain/scope.ts";
import type { GroupSettings, Settings } from "../domain/settings.ts";
import type { Dependencies } from "./dependencies.ts";
import { type Rest, ScopeQueue, type WakeReason } from "./scope-queue.ts";
import { Scopes, scopeRefs } from "./scopes.ts";

/** How often scopes are looked for that are not visited yet: new in the configuration, and (less often) retired from it. */
const SUPERVISE_MS = 15_000;
const SUPERVISE_RETIRED_MS = 300_000;
/** After a visit that failed as a whole. */
const RETRY_MS = 15_000;

/** One look at one scope. */
export interface ScopeVisit {
  readonly scope: Scope;
  /** The configuration's groups in this scope. */
  readonly groups: readonly GroupSettings[];
  readonly settings: Settings;
  /** Keys of groups whose scope is not resolved yet and may turn out to be this one: their runners are left alone. */
  readonly undecidedKeys: ReadonlySet<string>;
  /** What made it come early. */
  readonly wokenBy: ReadonlySet<WakeReason>;
}

/** The outcome of a visit. */
export interface Visited {
  readonly failures: number;
  /** The interval to the next visit, while the request budget is comfortable. */
  readonly wantedMs: number;
  /** No group of the configuration and nothing of ours is in the scope any more: no further visits. */
  readonly retired: boolean;
}

/** What a process does in one scope. @throws when the scope could not be looked at; then nothing was written */
export type Visit = (visit: ScopeVisit) => Promise<Visited>;

/**
 * Visits every scope again and again. Scopes come from the configuration and from the ledgers: one that left the configuration is visited
 * until nothing of ours is in it.
 */
export class Reconciler {
  readonly #deps: Dependencies;
  readonly #visit: Visit;
  readonly #scopes: Scopes;
  readonly #queue: ScopeQueue;
  readonly #resolving = new Map<string, Promise<unknown>>();
  #retiredLookedAt = Number.NEGATIVE_INFINITY;

  constructor(deps: Dependencies, visit: Visit) {
    this.#deps = deps;
    this.#visit = visit;
    this.#scopes = new Scopes(deps);
    this.#queue = new ScopeQueue(deps, (scope, wokenBy) => this.#visitNow(scope, wokenBy));
  }

  /** Runs until told to stop, then begins nothing new and returns when what was under way has ended. */
  async run(): Promise<void> {
    const { clock, emit, stopping } = this.#deps;
    while (!stopping.aborted) {
      emit({ type: "loop-alive", intervalMs: SUPERVISE_MS });
      await this.#attempt("read-configuration", { component: "configuration" }, async () => {
        for (const ref of scopeRefs(await this.#deps.settings())) this.#addResolved(ref);
      });
      if (clock.monotonic() - this.#retiredLookedAt >= SUPERVISE_RETIRED_MS) {
        this.#retiredLookedAt = clock.monotonic();
        void this.#addRetired();
      }
      await clock.pause(SUPERVISE_MS, stopping);
    }
    await this.#queue.ended();
  }

  /** One visit to every scope. @returns how many things failed */
  async once(): Promise<number> {
    const settings = await this.#deps.settings();
    const scopes = new Map<string, Scope>();
    const add = (scope: Scope) => scopes.set(scopeKey(scope), scope);
    const found = await Promise.all([
      ...scopeRefs(settings).map((ref) =>
        this.#attempt("resolve-scope", { scope: scopeRefKey(ref) }, async () => add(await this.#scopes.resolve(ref))),
      ),
      this.#attempt("find-retired-scopes", { component: "cluster" }, async () =>
        (await this.#deps.ledgers.scopes()).forEach(add),
      ),
    ]);
    const visited = await Promise.all([...scopes.values()].map((scope) => this.#visited(scope, settings, new Set())));
    return (
      found.filter((outcome) => outcome === "failed").length + visited.reduce((sum, { failures }) => sum + failures, 0)
    );
  }

  /** Asks for an earlier visit to a scope. @returns whether the scope is visited at all */
  wake(scope: Scope, reason: WakeReason): boolean {
    return this.#queue.wake(scope, reason);
  }

  #addResolved(ref: ScopeRef): void {
    const scope = this.#scopes.resolved(ref);
    if (scope !== undefined) return void this.#queue.add(scope);
    const key = scopeRefKey(ref);
    if (this.#resolving.has(key)) return;
    const resolving = this.#attempt("resolve-scope", { scope: key }, async () => {
      const found = await this.#scopes.resolve(ref);
      // One that the ledgers remember has been visited without this group.
      if (this.#queue.add(found) === "known") this.#queue.wake(found, "group-resolved");
    }).finally(() => this.#resolving.delete(key));
    this.#resolving.set(key, resolving);
  }

  async #addRetired(): Promise<void> {
    const outcome = await this.#attempt("find-retired-scopes", { component: "cluster" }, async () => {
      for (const scope of await this.#deps.ledgers.scopes()) this.#queue.add(scope);
    });
    if (outcome === "failed") this.#retiredLookedAt = Number.NEGATIVE_INFINITY;
  }

  /** Without settings the scope leaves the queue: it comes back when the configuration can be read. */
  async #visitNow(scope: Scope, wokenBy: ReadonlySet<WakeReason>): Promise<Rest | "retired"> {
    let rest: Rest | "retired" = "retired";
    await this.#attempt("read-configuration", { component: "configuration" }, async () => {
      const settings = await this.#deps.settings();
      const visited = await this.#visited(scope, settings, wokenBy);
      if (!visited.retired) rest = { constants: settings.constants, wantedMs: visited.wantedMs };
    });
    return rest;
  }

  async #visited(scope: Scope, settings: Settings, wokenBy: ReadonlySet<WakeReason>): Promise<Visited> {
    const groups = this.#scopes.groupsIn(scope, settings);
    const undecidedKeys = this.#scopes.undecidedKeys(scope, settings);
    let visited: Visited = { failures: 1, wantedMs: RETRY_MS, retired: false };
    await this.#attempt("pass", { scope: scopeName(scope) }, async () => {
      visited = await this.#visit({ scope, groups, settings, undecidedKeys, wokenBy });
    });
    return visited;
  }

  /** Failures after a stop was asked for are its consequence and are not logged. */
  async #attempt(
    operation: Operation,
    about: Failure["about"],
    task: () => Promise<unknown>,
  ): Promise<"done" | "failed"> {
    try {
      await task();
      return "done";
    } catch (error) {
      if (!this.#deps.stopping.aborted) this.#deps.emit({ type: "failure", operation, about, error });
      return "failed";
    }
  }
}
