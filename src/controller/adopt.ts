import { type Drain, writeDrain } from "../domain/drain.ts";
import {
  bareUuid,
  DRAIN_ANNOTATION,
  GROUP_LABEL,
  INSTALLATION_LABEL,
  NAME_ANNOTATION,
  RUNNER_UUID_LABEL,
  SCOPE_ANNOTATION,
  SCOPE_LABEL,
  scopeLabel,
  writeScope,
} from "../domain/mark.ts";
import type { Runner } from "../domain/runner.ts";
import type { Scope } from "../domain/scope.ts";
import type { Worlds } from "../reconcile/dependencies.ts";
import { isDisabled } from "../runners/phase.ts";

/** The labels by which a runner's objects are known as this installation's. */
export function ownLabels(
  installation: string,
  scope: Scope,
  groupKey: string,
  uuid: string,
): Readonly<Record<string, string>> {
  return {
    [INSTALLATION_LABEL]: installation,
    [GROUP_LABEL]: groupKey,
    [SCOPE_LABEL]: scopeLabel(scope),
    [RUNNER_UUID_LABEL]: bareUuid(uuid),
  };
}

/**
 * Makes one of the original's runners ours, once, by a compare-and-swap of labels on its Job. One that was disabled then counts as
 * draining: the original disables what its cleaner is to delete.
 *
 * @returns whether the swap held.
 */
export async function adopt(
  worlds: Worlds,
  scope: Scope,
  groupKey: string,
  runner: Runner,
  signal: AbortSignal,
): Promise<boolean> {
  const { job, remote } = runner;
  if (job === undefined || remote === undefined) return false;
  const draining: Drain = { state: "draining", cause: "adopted-disabled", since: worlds.clock.now() };
  const marks = {
    labels: ownLabels(worlds.installation, scope, groupKey, runner.uuid),
    annotations: {
      [NAME_ANNOTATION]: remote.name,
      [SCOPE_ANNOTATION]: writeScope(scope),
      ...(isDisabled(remote) && { [DRAIN_ANNOTATION]: writeDrain(draining) }),
    },
  };
  const result = await worlds.cluster.patchJobMetadata(job, marks, signal);
  return result !== "conflict" && result !== "absent";
}
