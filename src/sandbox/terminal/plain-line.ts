import type { GroupState } from "../processes/process-state.ts";
import { countRunners, phasesOf, type Snapshot } from "../snapshot.ts";

/** The snapshot's essence on one line, without the time: `queue 14 · 2 running · 3 done · runners 3 (2 busy 1 starting) · decided 5: busy-above-threshold`. */
export function plainLine({ steps, groups }: Snapshot): string {
  const { queued, running, done, aborted } = steps;
  const parts = [
    `queue ${queued}`,
    `${running} running`,
    `${done} done`,
    ...(aborted > 0 ? [`${aborted} aborted`] : []),
    ...(groups.length === 0 ? ["controller starts"] : groups.map((group) => groupPart(group, groups.length > 1))),
  ];
  return parts.join(" · ");
}

function groupPart(group: GroupState, named: boolean): string {
  const phases = phasesOf(group).map(([phase, count]) => `${count} ${phase}`);
  const runners = `${countRunners([group])}${phases.length === 0 ? "" : ` (${phases.join(" ")})`}`;
  const decided = `decided ${group.desired}: ${group.reason}`;
  return named ? `${group.name}: ${runners}, ${decided}` : `runners ${runners} · ${decided}`;
}
