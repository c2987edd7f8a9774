import { SEED_SETTINGS, withLimits } from "./seed.ts";
import { MINUTE, openStage, type Stage } from "./stage.ts";

/** The seed's group with that many idle runners, past their cool-down, and both processes. */
export async function idleGroup(min: number): Promise<Stage> {
  const stage = openStage({ settings: withLimits(SEED_SETTINGS, min, 10) });
  stage.startBoth();
  await stage.until(() => stage.serving.length === min, 2 * MINUTE);
  await stage.run(6 * MINUTE);
  return stage;
}
