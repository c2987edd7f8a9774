import { groupKey } from "../domain/mark.ts";
import { type Scope, type ScopeRef, scopeKey, scopeRefKey } from "../domain/scope.ts";
import type { GroupSettings, Settings } from "../domain/settings.ts";
import type { Dependencies } from "./dependencies.ts";

/** Which scopes the configuration's groups are in, as far as Bitbucket has said so. An answer is kept as long as the process runs. */
export class Scopes {
  readonly #deps: Pick<Dependencies, "bitbucket" | "signal">;
  readonly #resolved = new Map<string, Scope>();

  constructor(deps: Pick<Dependencies, "bitbucket" | "signal">) {
    this.#deps = deps;
  }

  /** @throws {BitbucketError} when Bitbucket does not say what the reference means. */
  async resolve(ref: ScopeRef): Promise<Scope> {
    const known = this.resolved(ref);
    if (known !== undefined) return known;
    const scope = await this.#deps.bitbucket.resolve(ref, this.#deps.signal);
    this.#resolved.set(scopeRefKey(ref), scope);
    return scope;
  }

  /** The scope behind a reference, when it is known already. */
  resolved(ref: ScopeRef): Scope | undefined {
    return this.#resolved.get(scopeRefKey(ref));
  }

  /** The configuration's groups that are known to be in a scope. */
  groupsIn(scope: Scope, { groups }: Settings): readonly GroupSettings[] {
    return groups.filter((group) => {
      const resolved = this.resolved(group);
      return resolved !== undefined && scopeKey(resolved) === scopeKey(scope);
    });
  }

  /**
   * The keys that Jobs in this scope would have of groups whose own scope is not resolved yet: it may turn out to be this one. Any other key
   * that no group has belongs to one that left the configuration.
   */
  undecidedKeys(scope: Scope, { groups }: Settings): ReadonlySet<string> {
    const unresolved = groups.filter((group) => this.resolved(group) === undefined);
    return new Set(unresolved.map(({ labels }) => groupKey(scope, labels)));
  }
}

/** Each scope that the configuration names, once. */
export function scopeRefs(settings: Settings): readonly ScopeRef[] {
  return [...new Map(settings.groups.map((group) => [scopeRefKey(group), group])).values()];
}
