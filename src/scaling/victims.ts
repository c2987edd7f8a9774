import { agoMs } from "../domain/bitbucket-time.ts";
import { FREED_ANNOTATION } from "../domain/mark.ts";
import type { Runner } from "../domain/runner.ts";
import { CONNECT_PATIENCE_MS, CREATOR_GIVES_UP_MS, HANG_PATIENCE_MS, HELPER_PATIENCE_MS } from "../domain/times.ts";
import { isDisabled } from "../runners/phase.ts";
import type { GroupSnapshot } from "./snapshot.ts";

/** What a choice of victims looks at. Ages are counted by Bitbucket's clock, or by how long this process has watched. */
type Choosing = Pick<GroupSnapshot, "runners" | "coolDownMs"> & {
  readonly listing: Pick<GroupSnapshot["listing"], "serverTime">;
};

/**
 * The runners to take out of service, at most `surplus`: idle ones past their cool-down whose one agent is well, oldest first.
 * The cool-down is applied before choosing, so that young runners never hide older ones.
 */
export function chooseVictims(snapshot: Choosing, surplus: number): readonly Runner[] {
  return oldestFirst(
    snapshot.runners.filter(
      (runner) =>
        runner.phase === "idle" && runner.agents.isWell && isCooledDown(runner, snapshot) && mayGo(runner, snapshot),
    ),
  ).slice(0, Math.max(0, surplus));
}

/**
 * Runners that serve nobody although their agent's container is well, and are drained whatever the load: Bitbucket calls them UNHEALTHY, or
 * a container beside the agent, such as its Docker daemon, is down.
 */
export function chooseUnhealthy(snapshot: Choosing): readonly Runner[] {
  return oldestFirst(
    snapshot.runners.filter((runner) => {
      const { phase, remote, agents, lasting } = runner;
      const isUnhealthy = remote?.status === "UNHEALTHY" && isCooledDown(runner, snapshot);
      const serves = !isUnhealthy && lasting.helperDown < HELPER_PATIENCE_MS;
      return phase === "lost" && !serves && remote?.busy === "idle" && agents.isWell && mayGo(runner, snapshot);
    }),
  );
}

/**
 * Runners whose agent runs and says nothing: never connected, or OFFLINE, each for longer than a network may take to come back. None that shows a
 * step: its agent may only be cut off.
 */
export function chooseSilent(snapshot: Choosing): readonly Runner[] {
  return oldestFirst(
    snapshot.runners.filter((runner) => {
      const { remote, agents, lasting } = runner;
      if (remote === undefined || remote.busy === "busy" || isDisabled(remote) || agents.possible === 0) return false;
      const offlineMs = remote.status === "OFFLINE" ? lastedMs(remote.stateUpdatedAt, lasting.offline, snapshot) : 0;
      const isSilent = lasting.unconnected >= CONNECT_PATIENCE_MS || offlineMs >= HANG_PATIENCE_MS;
      return isSilent && runner.pods.length > 0 && mayGo(runner, snapshot);
    }),
  );
}

/**
 * Draining runners to bring back before any is created, at most `need`: busy ones last, since they serve already; then the youngest drain
 * first. None that would serve nobody, and be drained again.
 */
export function chooseReturning(runners: readonly Runner[], need: number): readonly Runner[] {
  const draining = runners.filter(
    ({ phase, drain, remote, job, agents }) =>
      phase === "draining" &&
      drain !== undefined &&
      drain.cause !== "unhealthy" &&
      drain.cause !== "silent" &&
      drain.cause !== "dead" &&
      remote !== undefined &&
      agents.possible > 0 &&
      job?.state === "active" &&
      !job.deleting,
  );
  const rank = (runner: Runner) => (runner.remote?.busy === "busy" ? 1 : 0);
  return draining
    .toSorted((a, b) => rank(a) - rank(b) || (b.drain?.since ?? 0) - (a.drain?.since ?? 0))
    .slice(0, Math.max(0, need));
}

/** Ours, in service, and not enabled by somebody just now: what a human enables stays so for a cool-down at least. */
function mayGo(runner: Runner, { coolDownMs, listing }: Choosing): boolean {
  const { remote, job, lasting } = runner;
  if (runner.ownership !== "ours" || runner.drain !== undefined || remote === undefined || job === undefined)
    return false;
  if (job.deleting || job.state !== "active" || !runner.isMarkUnderstood) return false;
  if (lasting.freed > 0 && lasting.freed < coolDownMs) return false;
  const freedAt = job.annotations[FREED_ANNOTATION];
  if (freedAt === undefined) return true;
  // Looks of this process may have missed that it was disabled in between: they count only where Bitbucket tells no time.
  const { serverTime } = listing;
  const at = Date.parse(freedAt);
  return (serverTime === undefined || Number.isNaN(at) ? lasting.enabled : agoMs(at, serverTime)) >= coolDownMs;
}

function isCooledDown({ remote, lasting }: Runner, { coolDownMs, listing }: Choosing): boolean {
  return lastedMs(remote?.createdAt, lasting.registered, { listing }) >= Math.max(coolDownMs, CREATOR_GIVES_UP_MS);
}

/** How long something has been so: since a stamp of Bitbucket's, by its own clock, or as long as this process has seen it. */
function lastedMs(since: number | undefined, watchedMs: number, { listing }: Pick<Choosing, "listing">): number {
  return Math.max(watchedMs, agoMs(since, listing.serverTime));
}

function oldestFirst(runners: readonly Runner[]): readonly Runner[] {
  const createdAt = (runner: Runner) => runner.remote?.createdAt ?? 0;
  return runners.toSorted((a, b) => createdAt(a) - createdAt(b) || (a.uuid < b.uuid ? -1 : 1));
}
