import { type Drain, writeDrain } from "../domain/drain.ts";
import { DRAIN_ANNOTATION, runnerMarks } from "../domain/mark.ts";
import type { Runner } from "../domain/runner.ts";
import { isDisabled } from "../runners/phase.ts";
import { type GroupPass, tellStep } from "./group-pass.ts";

/**
 * Makes one of the original's runners ours: an entry in the ledger, which makes its registration ours, then, once, a compare-and-swap of labels
 * on its Job. One that was disabled then counts as
 * draining: the original disables what its cleaner is to delete.
 */
export async function adopt(pass: GroupPass, runner: Runner): Promise<void> {
  const { deps, scope, group } = pass;
  const { uuid, job, remote } = runner;
  if (job === undefined || remote === undefined) return;
  const { installation, clock, cluster, ledgers, signal } = deps;
  const marks = runnerMarks({ installation, scope, groupKey: group.key, uuid, name: remote.name });
  const disabled = isDisabled(remote);
  const draining: Drain = { state: "draining", cause: "adopted-disabled", since: clock.now() };
  const annotations = { ...marks.annotations, ...(disabled && { [DRAIN_ANNOTATION]: writeDrain(draining) }) };

  await ledgers.change(scope, (ledger) => ({
    ...ledger,
    runners: { ...ledger.runners, [uuid]: { ...ledger.runners[uuid], adopted: true } },
  }));
  const result = await cluster.patchJobMetadata(job, { labels: marks.labels, annotations }, signal);
  if (result === "conflict" || result === "absent") return;
  tellStep(pass, runner, {
    kind: "adopted",
    disabled,
    proof: "same labels, its Job in the group's namespace",
  });
}
