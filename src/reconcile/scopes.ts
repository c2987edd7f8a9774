import { ownSelector, readScope, SCOPE_ANNOTATION } from "../domain/mark.ts";
import { type Scope, type ScopeRef, scopeKey, scopeRefKey } from "../domain/scope.ts";
import type { GroupSettings, Settings } from "../domain/settings.ts";
import type { Dependencies } from "./dependencies.ts";

/** Which scopes the configuration's groups are in, as far as Bitbucket has said so. An answer is kept as long as the process runs. */
export class Scopes {
  readonly #deps: Pick<Dependencies, "bitbucket" | "cluster" | "installation" | "signal">;
  readonly #resolved = new Map<string, Scope>();

  constructor(deps: Pick<Dependencies, "bitbucket" | "cluster" | "installation" | "signal">) {
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

  /** Whether it can be told which Jobs belong to groups that left the configuration: not while some group's scope is unresolved. */
  retiredGroups({ groups }: Settings): "known" | "unknown" {
    return groups.every((group) => this.resolved(group) !== undefined) ? "known" : "unknown";
  }

  /**
   * The scopes in which runners of ours have Jobs, as written on those: they are looked after even when they left the configuration.
   *
   * @throws {KubernetesError}
   */
  async ofOurJobs(): Promise<readonly Scope[]> {
    const { cluster, installation, signal } = this.#deps;
    const jobs = await cluster.jobsEverywhere(ownSelector(installation), signal);
    const scopes = jobs.flatMap((job) => readScope(job.annotations[SCOPE_ANNOTATION]) ?? []);
    return [...new Map(scopes.map((scope) => [scopeKey(scope), scope])).values()];
  }
}

/** Each scope that the configuration names, once. */
export function scopeRefs(settings: Settings): readonly ScopeRef[] {
  return [...new Map(settings.groups.map((group) => [scopeRefKey(group), group])).values()];
}
