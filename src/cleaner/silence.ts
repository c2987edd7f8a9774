import { agoMs } from "../domain/bitbucket-time.ts";
import type { RemoteRunner } from "../domain/remote-runner.ts";
import type { Runner } from "../domain/runner.ts";
import { LONGEST_STEP_MS, SILENCE_MS } from "../domain/times.ts";

/** Bitbucket hears of an agent of it. */
export function isHeard({ status }: RemoteRunner): boolean {
  return status === "ONLINE" || status === "ENABLED";
}

/** For how long no agent of it must have been heard of: a step that is shown may be running all that time. */
export function neededSilenceMs({ busy }: RemoteRunner): number {
  return busy === "busy" ? LONGEST_STEP_MS : SILENCE_MS;
}

/** Bitbucket has never heard of an agent of it. */
export function hasNeverConnected(remote: RemoteRunner | undefined): boolean {
  return remote?.status === "UNREGISTERED" && !remote.connected;
}

/** For how long Bitbucket has not heard of an agent of it; 0 where what it shows does not tell that. */
export function silentMs(
  { remote, lasting }: Pick<Runner, "remote" | "lasting">,
  { serverTime }: { readonly serverTime: number | undefined },
): number {
  if (hasNeverConnected(remote)) return Math.max(lasting.registered, agoMs(remote?.createdAt, serverTime));
  return remote?.status === "OFFLINE" ? Math.max(lasting.offline, agoMs(remote.stateUpdatedAt, serverTime)) : 0;
}

/**
 * The same, of a later look: what was watched counts on only while the state has not changed since. An agent that was heard in between, and
 * fell silent again, has to be silent anew.
 */
export function silentStillMs(
  { remote: before, lasting }: Pick<Runner, "remote" | "lasting">,
  { remote, serverTime }: { readonly remote: RemoteRunner; readonly serverTime: number | undefined },
): number {
  const isUnchanged = before?.status === remote.status && before.stateUpdatedAt === remote.stateUpdatedAt;
  return silentMs({ remote, lasting: { ...lasting, offline: isUnchanged ? lasting.offline : 0 } }, { serverTime });
}
