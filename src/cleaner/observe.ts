import type { SecretRecord } from "../domain/cluster-objects.ts";
import { bareUuid, EMPTIED_ANNOTATION, RUNNER_UUID_LABEL, secretName } from "../domain/mark.ts";
import type { Runner } from "../domain/runner.ts";
import type { ScopeReading } from "../domain/scope-reading.ts";
import type { Dependencies } from "../reconcile/dependencies.ts";
import { readScope } from "../reconcile/read-scope.ts";
import type { ScopeVisit } from "../reconcile/reconciler.ts";
import type { ScopeState } from "./scope-pass.ts";
import type { ScopeSnapshot } from "./snapshot.ts";

type SecretReads = Pick<Dependencies, "cluster" | "signal">;

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
  const reading = await readScope(deps, visit, state.memory, (namespace, selector) =>
    deps.cluster.secrets(namespace, deps.signal, selector),
  );
  const known = new Set(reading.runners.map((runner) => bareUuid(runner.uuid)));
  const marked = reading.secrets.filter((secret) => !known.has(secret.labels[RUNNER_UUID_LABEL] ?? ""));
  const lone = [...marked, ...(await leftByAdopted(deps, reading, known))];
  const ours = reading.runners.filter((runner) => runner.ownership === "ours");
  const runners = await Promise.all(ours.map((runner) => withAdoptedSecret(deps, runner)));
  const took = { ...reading.took, endedAt: deps.clock.monotonic() };
  const voided = state.voided.see(
    runners.filter(isVoided).map(({ uuid }) => uuid),
    took,
  );
  return {
    reading,
    runners: runners.map((runner) => {
      const voidedMs = Math.max(runner.lasting.voided, voided(runner.uuid));
      return { ...runner, lasting: { ...runner.lasting, voided: voidedMs } };
    }),
    lone: lone.length,
    ownerless: state.longOwnerless(lone, took),
    vacant: state.longVacant(vacantNamespaces(reading, visit), took),
  };
}

/** The Secret of an adopted runner carries no mark; whether it exists matters while the runner has not connected. */
async function withAdoptedSecret({ cluster, signal }: SecretReads, runner: Runner): Promise<Runner> {
  if (runner.job === undefined || runner.secret !== undefined || runner.remote?.status !== "UNREGISTERED")
    return runner;
  return { ...runner, secret: await cluster.secret(runner.job.namespace, secretName(runner.uuid), signal) };
}

function isVoided({ secret }: Runner): boolean {
  return secret?.annotations[EMPTIED_ANNOTATION] !== undefined;
}

/** Secrets of adopted runners of which nothing else is left: no mark leads to them, only the ledger. */
async function leftByAdopted(
  { cluster, signal }: SecretReads,
  { ledger, namespaces }: ScopeReading,
  known: ReadonlySet<string>,
): Promise<readonly SecretRecord[]> {
  const gone = Object.entries(ledger.runners).filter(([uuid, { adopted }]) => adopted && !known.has(bareUuid(uuid)));
  const reads = gone.flatMap(([uuid]) => namespaces.map((each) => cluster.secret(each, secretName(uuid), signal)));
  const secrets = (await Promise.all(reads)).filter((secret) => secret !== undefined);
  return secrets.filter(({ ownerJobUid }) => ownerJobUid === undefined);
}

/** Namespaces of the ledger where no group makes Jobs, and nothing of ours is. Of a group whose scope is not known nobody can tell. */
function vacantNamespaces(
  { ledger, namespaces, runners, secrets }: ScopeReading,
  { groups, undecidedKeys }: ScopeVisit,
): readonly string[] {
  if (undecidedKeys.size > 0) return [];
  const used = new Set([
    ...groups.map(({ namespace }) => namespace),
    ...runners.flatMap(({ job, pods }) => [
      ...(job === undefined ? [] : [job.namespace]),
      ...pods.map((pod) => pod.namespace),
    ]),
    ...secrets.map(({ namespace }) => namespace),
  ]);
  return ledger.namespaces.filter((each) => namespaces.includes(each) && !used.has(each));
}
