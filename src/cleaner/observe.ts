import type { SecretRecord } from "../domain/cluster-objects.ts";
import {
  bareUuid,
  INSTALLATION_LABEL,
  RUNNER_UUID_LABEL,
  SCOPE_LABEL,
  scopeLabel,
  secretName,
} from "../domain/mark.ts";
import type { RunnerListing } from "../domain/remote-runner.ts";
import type { Runner } from "../domain/runner.ts";
import type { Scope } from "../domain/scope.ts";
import type { Worlds } from "../reconcile/dependencies.ts";
import { mergeRunners } from "../runners/merge.ts";

/** What a clean-up pass looks at in one scope. */
export interface CleanReading {
  readonly scope: Scope;
  readonly listing: RunnerListing;
  /** Ours alone. */
  readonly runners: readonly Runner[];
  /** Secrets that carry our mark although no Job and no registration of their runner was listed. */
  readonly ownerless: readonly SecretRecord[];
  /** Where runners of ours are or may have been made. */
  readonly namespaces: readonly string[];
}

/**
 * Reads the cluster first and Bitbucket afterwards: a registration is always older than its Job, so a Job whose registration a later
 * listing lacks has lost it.
 *
 * @throws when any of it cannot be read completely.
 */
export async function observeForCleaning(
  worlds: Worlds,
  scope: Scope,
  configuredNamespaces: readonly string[],
  signal: AbortSignal,
): Promise<CleanReading> {
  const { bitbucket, cluster, installation } = worlds;
  const selector = `${INSTALLATION_LABEL}=${installation},${SCOPE_LABEL}=${scopeLabel(scope)}`;
  const jobs = await cluster.jobsEverywhere(selector, signal);
  const namespaces = [...new Set([...configuredNamespaces, ...jobs.map((job) => job.namespace)])];
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
  return {
    scope,
    listing,
    runners: await Promise.all(ours.map((runner) => withAdoptedSecret(worlds, runner, signal))),
    ownerless: secrets.flat().filter((secret) => !known.has(secret.labels[RUNNER_UUID_LABEL] ?? "")),
    namespaces,
  };
}

/** The Secret of an adopted runner carries no mark; whether it exists matters while the runner has not connected. */
async function withAdoptedSecret({ cluster }: Worlds, runner: Runner, signal: AbortSignal): Promise<Runner> {
  if (runner.job === undefined || runner.secret !== undefined || runner.remote?.status !== "UNREGISTERED")
    return runner;
  return { ...runner, secret: await cluster.secret(runner.job.namespace, secretName(runner.uuid), signal) };
}
