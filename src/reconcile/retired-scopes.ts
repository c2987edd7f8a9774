import { INSTALLATION_LABEL, readScope, SCOPE_ANNOTATION } from "../domain/mark.ts";
import { type Scope, scopeKey } from "../domain/scope.ts";
import type { Worlds } from "./dependencies.ts";

/** The scopes in which runners of ours have Jobs, as written on those: they are looked after even when the configuration forgot them. */
export async function scopesOfOurJobs(
  { cluster, installation }: Pick<Worlds, "cluster" | "installation">,
  signal: AbortSignal,
): Promise<readonly Scope[]> {
  const jobs = await cluster.jobsEverywhere(`${INSTALLATION_LABEL}=${installation}`, signal);
  const scopes = jobs.flatMap((job) => readScope(job.annotations[SCOPE_ANNOTATION]) ?? []);
  return [...new Map(scopes.map((scope) => [scopeKey(scope), scope])).values()];
}
