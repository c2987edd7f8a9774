import { agoMs } from "../domain/bitbucket-time.ts";
import type { Drain } from "../domain/drain.ts";
import type { RemoteRunner, RunnerReading } from "../domain/remote-runner.ts";
import type { Runner } from "../domain/runner.ts";
import { AGENT_POLL_MS, LONGEST_STEP_MS, SILENCE_MS } from "../domain/times.ts";
import { isDisabled } from "../runners/phase.ts";

/** A look at the registration: what the proof is held against. */
export type DrainLook = Pick<RunnerReading, "flavour" | "serverTime"> & { readonly runner: RemoteRunner };

/**
 * Whether a look proves that no step runs on a disabled runner, and none can come.
 *
 * No step is shown, and what is shown is about the only agent that may be alive: then a poll of that agent after the disable is waited for. Where
 * nobody can tell that the agent is heard (its pod is gone or going, or a step was shown and its end may hide a lost connection), the full
 * silence is; where a second agent may be alive, or steps are not shown at all, the longest step. Nothing alive needs no wait.
 */
export function isDrained(
  { agents, lasting }: Pick<Runner, "agents" | "lasting">,
  drain: Drain,
  { runner, flavour, serverTime }: DrainLook,
): boolean {
  const { disabledSeen, stepShown, idleSeen } = drain;
  if (!isDisabled(runner) || disabledSeen?.flavour !== flavour || runner.busy === "busy") return false;
  if (stepShown && idleSeen?.flavour !== flavour) return false;
  const disabledMs = Math.max(lasting.disabled, agoMs(disabledSeen.serverTime, serverTime));
  const idleMs = stepShown ? Math.max(lasting.disabledAndIdle, agoMs(idleSeen?.serverTime, serverTime)) : disabledMs;

  if (agents.possible === 0 && agents.everStarted) return disabledMs >= AGENT_POLL_MS;
  if (agents.possible > 1 || runner.busy === "unknown") return disabledMs >= LONGEST_STEP_MS;
  if (!agents.isWell) return stepShown ? idleMs >= LONGEST_STEP_MS : idleMs >= SILENCE_MS;
  const isHeard = runner.status === "ONLINE";
  return disabledMs >= AGENT_POLL_MS && (!stepShown || isHeard || idleMs >= SILENCE_MS);
}
