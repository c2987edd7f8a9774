import type { JobRecord } from "../domain/cluster-objects.ts";
import { secretName } from "../domain/mark.ts";
import type { RunnerReading } from "../domain/remote-runner.ts";
import type { Scope } from "../domain/scope.ts";
import type { Dependencies } from "./dependencies.ts";

type RemovalDependencies = Pick<Dependencies, "bitbucket" | "cluster" | "signal">;

/** A runner that is to go, where its parts are. */
export interface Removable {
  readonly scope: Scope;
  readonly uuid: string;
  readonly job: JobRecord | undefined;
}

/** How a removal ended. "disagreed": the last look contradicts the proof, nothing was removed. "not-yet": the registration still shows. */
export type Removal = "removed" | "disagreed" | "not-yet";

/**
 * The end of a runner whose removal is proven and written down (`condemned`): one more read of the registration, DELETE if it still
 * agrees, and only when a read says that it is gone, the Job with its pods and Secret. The caller has read the scope in this pass, so
 * that 404 means the runner.
 *
 * @param agrees whether what the last look shows still fits the proof.
 */
export async function removeRunner(
  deps: RemovalDependencies,
  { scope, uuid, job }: Removable,
  agrees: (reading: RunnerReading) => boolean | Promise<boolean>,
): Promise<Removal> {
  const { bitbucket, signal } = deps;
  const last = await bitbucket.get(scope, uuid, signal);
  if (last.runner !== undefined) {
    if (!(await agrees(last))) return "disagreed";
    await bitbucket.remove(scope, uuid, signal);
    const after = await bitbucket.get(scope, uuid, signal);
    if (after.runner !== undefined) return "not-yet";
  }
  if (job !== undefined) await removeJob(deps, job, uuid);
  return "removed";
}

/**
 * Deletes a runner's Job. Its Secret goes with it by ownership, or, where the original made it without an owner, by name and before
 * the Job: while the Job stands, a crash here leaves something that leads back to it.
 */
export async function removeJob(
  { cluster, signal }: Pick<Dependencies, "cluster" | "signal">,
  job: JobRecord,
  uuid: string,
): Promise<void> {
  const secret = await cluster.secret(job.namespace, secretName(uuid), signal);
  if (secret !== undefined && secret.ownerJobUid === undefined) await cluster.deleteSecret(secret, signal);
  await cluster.deleteJob(job, signal);
}
