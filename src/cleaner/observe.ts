import { bareUuid, ownSelector, RUNNER_UUID_LABEL, secretName } from "../domain/mark.ts";
import type { Runner } from "../domain/runner.ts";
import type { Dependencies } from "../reconcile/dependencies.ts";
import type { ScopeVisit } from "../reconcile/reconciler.ts";
import { mergeRunners } from "../runners/merge.ts";
import type { ScopeState } from "./scope-pass.ts";
import type { ScopeSnapshot } from "./snapshot.ts";

/**
 * Reads the cluster first and Bitbucket afterwards: a registration is always older than its Job, so a Job whose registration a later
 * listing lacks has none any more.
 *
 * @throws when any of it cannot be read completely.
 */
export async function observeForCleanUp(
  deps: Dependencies,
  visit: ScopeVisit,
  state: ScopeState,
): Promise<ScopeSnapshot> {
  const { bitbucket, cluster, clock, installation, signal } = deps;
  const { scope } = visit;
  const selector = ownSelector(installation, { scope });
  const jobs = await cluster.jobsEverywhere(selector, signal);
  const namespaces = [...new Set([...namespacesOf(visit), ...jobs.map((job) => job.namespace)])];
  const [pods, secrets] = await Promise.all([
    Promise.all(namespaces.map((namespace) => cluster.pods(namespace, signal))),
    Promise.all(namespaces.map((namespace) => cluster.secrets(namespace, signal, selector))),
  ]);
  const listing = await bitbucket.list(scope, signal);

  const planes = {
    installation,
    remotes: listing.runners,
    jobs,
    pods: pods.flat(),
    secrets: secrets.flat(),
    readAt: listing.begunAt,
  };
  const ours = mergeRunners(planes, undefined).filter((runner) => runner.ownership === "ours");
  const known = new Set([
    ...listing.runners.map((runner) => bareUuid(runner.uuid)),
    ...ours.map((runner) => bareUuid(runner.uuid)),
  ]);
  state.notePodless(ours, listing.begunAt);
  return {
    listing,
    runners: await Promise.all(ours.map((runner) => withAdoptedSecret(deps, runner))),
    ownerless: secrets.flat().filter((secret) => !known.has(secret.labels[RUNNER_UUID_LABEL] ?? "")),
    namespaces,
    podlessSince: state.podlessSince,
    now: clock.now(),
  };
}

/**
 * Where the scope's runners are made; another scope's namespaces, which may hang, do not concern it. A scope that left the
 * configuration may have had its runners in any of them.
 */
function namespacesOf({ groups, settings }: ScopeVisit): readonly string[] {
  const where = groups.length > 0 ? groups : settings.groups;
  return [...new Set(where.map((group) => group.namespace))];
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
