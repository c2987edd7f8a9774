import type { Runner } from "../domain/runner.ts";
import { CREATOR_GIVES_UP_MS } from "../domain/times.ts";
import { hasOneHealthyPod } from "../runners/pods.ts";
import type { GroupSnapshot } from "./snapshot.ts";

/** What a choice of victims looks at. Ages are counted by Bitbucket's clock. */
type Choosing = Pick<GroupSnapshot, "runners" | "coolDownMs"> & {
  readonly listing: Pick<GroupSnapshot["listing"], "serverTime">;
};

/**
 * The runners to take out of service, at most `surplus`: idle ones past their cool-down whose one pod is healthy, oldest first.
 * The cool-down is applied before choosing, so that young runners never hide older ones.
 */
export function chooseVictims(snapshot: Choosing, surplus: number): readonly Runner[] {
  return oldestFirst(snapshot.runners.filter((runner) => runner.phase === "idle" && mayGo(runner, snapshot))).slice(
    0,
    Math.max(0, surplus),
  );
}

/** Runners that Bitbucket calls UNHEALTHY although their pod is well: they serve nobody and are drained whatever the load. */
export function chooseUnhealthy(snapshot: Choosing): readonly Runner[] {
  return oldestFirst(
    snapshot.runners.filter(
      (runner) =>
        runner.phase === "lost" &&
        runner.remote?.status === "UNHEALTHY" &&
        runner.remote.busy === "idle" &&
        mayGo(runner, snapshot),
    ),
  );
}

/**
 * Draining runners to bring back before any is created, at most `need`: busy ones last, since they serve already; then the youngest drain
 * first. None that drains as unhealthy: it would serve nobody, and be drained again.
 */
export function chooseReturning(runners: readonly Runner[], need: number): readonly Runner[] {
  const draining = runners.filter(
    (runner) =>
      runner.phase === "draining" &&
      runner.drain?.cause !== "unhealthy" &&
      runner.remote !== undefined &&
      runner.job?.state === "active" &&
      !runner.job.deleting,
  );
  const rank = (runner: Runner) => (runner.remote?.busy === "busy" ? 1 : 0);
  return draining
    .toSorted((a, b) => rank(a) - rank(b) || (b.drain?.since ?? 0) - (a.drain?.since ?? 0))
    .slice(0, Math.max(0, need));
}

function mayGo(runner: Runner, { coolDownMs, listing }: Choosing): boolean {
  const { remote, job } = runner;
  if (runner.ownership !== "ours" || runner.drain !== undefined || remote === undefined || job === undefined)
    return false;
  if (job.deleting || job.state !== "active" || !hasOneHealthyPod(runner.pods)) return false;
  return listing.serverTime - remote.createdAt >= Math.max(coolDownMs, CREATOR_GIVES_UP_MS);
}

function oldestFirst(runners: readonly Runner[]): readonly Runner[] {
  const createdAt = (runner: Runner) => runner.remote?.createdAt ?? 0;
  return runners.toSorted((a, b) => createdAt(a) - createdAt(b) || (a.uuid < b.uuid ? -1 : 1));
}
