import type { Decision, Numbers } from "../domain/decision.ts";
import type { Runner } from "../domain/runner.ts";
import type { GroupSettings, ScalingParameters } from "../domain/settings.ts";
import type { GroupSnapshot } from "./snapshot.ts";
import { percentageRunnersIdle } from "./strategies/percentage-runners-idle.ts";

/** How many runners a group should have, from its numbers: what a group's `strategy` chooses. */
type Strategy = (parameters: ScalingParameters, numbers: Numbers) => Decision;

/** By the name that the configuration gives them. */
const STRATEGIES: Readonly<Record<GroupSettings["strategy"], Strategy>> = { percentageRunnersIdle };

/** How many runners the group should have, by its strategy; none when it left the configuration. */
export function decide(snapshot: GroupSnapshot): Decision {
  const { settings } = snapshot.group;
  if (settings === undefined)
    return { desired: 0, reason: "removed-from-configuration", numbers: count(snapshot, { min: 0, max: 0 }) };
  return STRATEGIES[settings.strategy](settings.parameters, count(snapshot, settings.parameters));
}

/** What a group's runners come to. */
function count(
  { runners, unresolved, demand }: GroupSnapshot,
  { min, max }: Pick<ScalingParameters, "min" | "max">,
): Numbers {
  const inPhase = (phase: Runner["phase"]) => runners.filter((runner) => runner.phase === phase).length;
  const starting = inPhase("starting");
  const idle = inPhase("idle");
  const busy = inPhase("busy");
  const total = starting + idle + busy;
  return {
    min,
    max,
    supply: { starting, idle, busy, total },
    unknown: inPhase("unknown"),
    draining: inPhase("draining"),
    live: runners.filter((runner) => runner.phase !== "foreign").length + unresolved,
    demand,
    busyRatio: total === 0 ? undefined : busy / total,
  };
}
