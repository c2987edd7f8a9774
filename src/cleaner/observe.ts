import { bareUuid, RUNNER_UUID_LABEL, secretName } from "../domain/mark.ts";
import type { Runner } from "../domain/runner.ts";
import type { Dependencies } from "../reconcile/dependencies.ts";
import { readScope } from "../reconcile/read-scope.ts";
import type { ScopeVisit } from "../reconcile/reconciler.ts";
import type { ScopeState } from "./scope-pass.ts";
import type { ScopeSnapshot } from "./snapshot.ts";

/**
 * Reads the scope, and picks out what the clean-up is about.
 *
 * @throws when it cannot be read.
 */
export async function observeForCleanUp(
  deps: Dependencies,
  visit: ScopeVisit,
  state: ScopeState,
): Promise<ScopeSnapshot> {
  const reading = await readScope(deps, visit, state.memory);
  const known = new Set(reading.runners.map((runner) => bareUuid(runner.uuid)));
  const lone = reading.secrets.filter((secret) => !known.has(secret.labels[RUNNER_UUID_LABEL] ?? ""));
  const ours = reading.runners.filter((runner) => runner.ownership === "ours");
  return {
    reading,
    runners: await Promise.all(ours.map((runner) => withAdoptedSecret(deps, runner))),
    lone: lone.length,
    ownerless: state.longOwnerless(lone, reading.clusterAt),
  };
}

/** The Secret of an adopted runner carries no mark; whether it exists matters while the runner has not connected. */
async function withAdoptedSecret(
  { cluster, signal }: Pick<Dependencies, "cluster" | "signal">,
  runner: Runner,
): Promise<Runner> {
  if (runner.job === undefined || runner.secret !== undefined || runner.remote?.status !== "UNREGISTERED")
    return runner;
  return { ...runner, secret: await cluster.secret(runner.job.namespace, secretName(runner.uuid), signal) };
}
