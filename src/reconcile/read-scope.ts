import type { JobRecord, PodRecord, SecretRecord } from "../domain/cluster-objects.ts";
import { INSTALLATION_LABEL, ownSelector } from "../domain/mark.ts";
import type { Scope } from "../domain/scope.ts";
import type { ScopeReading } from "../domain/scope-reading.ts";
import type { GroupSettings } from "../domain/settings.ts";
import { believedJobs } from "../runners/job-of-runner.ts";
import { mergePlanes } from "../runners/merge.ts";
import { errorOf } from "../support/errors.ts";
import type { Dependencies } from "./dependencies.ts";
import { noted } from "./ledger-notes.ts";
import type { ScopeMemory } from "./scope-memory.ts";

/** What a reading is about. */
export interface ReadingOf {
  readonly scope: Scope;
  /** The configuration's groups in the scope. */
  readonly groups: readonly GroupSettings[];
}

/**
 * Reads a scope: what is remembered of it; then, in each namespace where Jobs of ours may be, our Jobs, the unmarked ones (the original's,
 * to be adopted), our Secrets where they are asked for, and all Jobs' pods; then all runners in Bitbucket. In this order: a registration is older than its Job, so one
 * that the later listing lacks is gone; and what was written on a Job was written before the listing was begun. What is new is written
 * into the ledger before anybody acts on it.
 *
 * @throws when Bitbucket, the ledger, or the last readable namespace cannot be read: a part is no snapshot.
 */
export async function readScope(
  deps: Dependencies,
  { scope, groups }: ReadingOf,
  memory: ScopeMemory,
  readSecrets: ReadSecrets = async () => [],
): Promise<ScopeReading> {
  const { bitbucket, clock, ledgers, installation } = deps;
  const startedAt = clock.now();
  const remembered = await ledgers.of(scope);
  if (remembered.showsSteps) bitbucket.recallSteps(scope);
  const configured = groups.map((group) => group.namespace);
  const all = [...new Set([...configured, ...remembered.namespaces])];

  const begunAt = clock.monotonic();
  const { read, unreadable } = await readNamespaces(deps, all, (namespace) =>
    readNamespace(deps, { scope, namespace }, readSecrets),
  );
  const listing = await bitbucket.list(scope, deps.signal);
  const took = { begunAt, endedAt: clock.monotonic() };

  const jobs = read.flatMap((each) => each.jobs);
  const merged = mergePlanes(
    {
      installation,
      remotes: listing.runners,
      jobs,
      pods: read.flatMap((each) => each.pods),
      secrets: read.flatMap((each) => each.secrets),
      namespaces: new Set(all),
      entries: remembered.runners,
    },
    groups,
  );
  const runners = memory.sightings.see(merged, { ...took, flavour: listing.flavour });
  const known = { ...listing, runners, namespaces: configured, memory, identity: deps.identity, took };
  const isNews = noted(remembered, known) !== remembered;
  const ledger = isNews && !deps.dryRun ? await ledgers.change(scope, (before) => noted(before, known)) : remembered;
  return {
    scope,
    startedAt,
    took,
    listing,
    ledger,
    runners,
    secrets: read.flatMap((each) => each.secrets),
    namespaces: read.map((each) => each.namespace),
    unreadable,
    unbelieved: believedJobs(jobs, new Set(all), installation).unbelieved,
  };
}

/** Lists the Secrets in a namespace that a label selector takes. */
export type ReadSecrets = (namespace: string, selector: string) => Promise<readonly SecretRecord[]>;

interface NamespaceReading {
  readonly namespace: string;
  readonly jobs: readonly JobRecord[];
  readonly pods: readonly PodRecord[];
  readonly secrets: readonly SecretRecord[];
}

/** A namespace that cannot be read does not keep the others from being looked after. */
async function readNamespaces(
  { signal }: Dependencies,
  namespaces: readonly string[],
  read: (namespace: string) => Promise<NamespaceReading>,
): Promise<{ readonly read: readonly NamespaceReading[]; readonly unreadable: ReadonlyMap<string, Error> }> {
  const results = await Promise.allSettled(namespaces.map(read));
  const readable = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const unreadable = new Map<string, Error>();
  for (const [i, result] of results.entries()) {
    if (result.status === "rejected") unreadable.set(namespaces[i] ?? "", errorOf(result.reason));
  }
  const [first] = unreadable.values();
  if (first !== undefined && (readable.length === 0 || signal.aborted)) throw first;
  return { read: readable, unreadable };
}

async function readNamespace(
  { cluster, installation, signal }: Dependencies,
  { scope, namespace }: { readonly scope: Scope; readonly namespace: string },
  readSecrets: ReadSecrets,
): Promise<NamespaceReading> {
  const selector = ownSelector(installation, { scope });
  const [marked, unmarked, secrets] = await Promise.all([
    cluster.jobs(namespace, signal, selector),
    cluster.jobs(namespace, signal, `!${INSTALLATION_LABEL}`),
    readSecrets(namespace, selector),
  ]);
  // After the Jobs: a pod that a Job's status counts, and that is not listed, was there before.
  const pods = await cluster.pods(namespace, signal);
  return { namespace, jobs: [...marked, ...unmarked], pods, secrets };
}
