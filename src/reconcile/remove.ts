import type { JobRecord } from "../domain/cluster-objects.ts";
import { secretName } from "../domain/mark.ts";
import type { RunnerReading } from "../domain/remote-runner.ts";
import type { Scope } from "../domain/scope.ts";
import { LOOK_MS } from "../domain/times.ts";
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

/** The last look at a runner: the cluster's side first, Bitbucket's side last, since a step can come at any moment. */
export interface LastLook {
  /** Whether what the cluster shows now still fits the proof. */
  readonly cluster: () => Promise<boolean>;
  /** Whether what Bitbucket showed after that does. */
  readonly bitbucket: (reading: RunnerReading) => boolean;
}

/** Until when a look justifies a write, by the monotonic clock. */
export function notAfter({ begunAt }: Pick<RunnerReading, "begunAt">): number {
  return begunAt + LOOK_MS;
}

/**
 * The end of a runner whose removal is proven and written down (`condemned`): one more look, DELETE if it still agrees and is young enough
 * when the request leaves, and only when a read says that it is gone, the Job with its pods and Secret. The caller has read the scope in
 * this pass, so that 404 means the runner.
 */
export async function removeRunner(
  deps: RemovalDependencies,
  { scope, uuid, job }: Removable,
  agrees: LastLook,
): Promise<Removal> {
  const { bitbucket, signal } = deps;
  if (!(await agrees.cluster())) return "disagreed";
  const last = await bitbucket.get(scope, uuid, signal);
  if (last.runner !== undefined) {
    if (!agrees.bitbucket(last)) return "disagreed";
    await bitbucket.remove(scope, uuid, notAfter(last), signal);
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
