import type { Limit } from "../domain/decision.ts";
import type { Operation } from "../domain/events.ts";
import { scopeName } from "../domain/scope.ts";
import type { GroupPlan } from "../scaling/plan.ts";
import { inParallel } from "../support/parallel.ts";
import { adopt } from "./adopt.ts";
import { createRunners } from "./create.ts";
import { beginDrain, takeDrainStep, undrain } from "./drain.ts";
import type { GroupPass } from "./group-pass.ts";

/** Runners acted on side by side. */
const SIDE_BY_SIDE = 10;

/** What became of a plan. */
export interface Executed {
  readonly created: number;
  readonly undrained: number;
  readonly drained: number;
  readonly removed: number;
  /** What kept creation from what was planned. */
  readonly limits: readonly Limit[];
  readonly failures: number;
}

export const NOTHING_DONE: Executed = { created: 0, undrained: 0, drained: 0, removed: 0, limits: [], failures: 0 };

/** Carries a plan out. Draining runners come back before any is created; one runner that fails keeps nobody else from being served. */
export async function execute(pass: GroupPass, plan: GroupPlan): Promise<Executed> {
  const [adopted, stepped, undrained] = await Promise.all([
    sideBySide(pass, "adopt", plan.adopt, (runner) => adopt(pass, runner)),
    paced(pass, "drain-step", plan.steps, ({ runner, step }) => takeDrainStep(pass, runner, step)),
    sideBySide(pass, "undrain", plan.undrain, (runner) => undrain(pass, runner)),
  ]);
  const [created, drained] = await Promise.all([
    createRunners(pass, plan),
    paced(pass, "drain", plan.drain, ({ runner, cause }) => beginDrain(pass, runner, cause)),
  ]);
  return {
    created: created.made,
    undrained: undrained.outcomes.filter((outcome) => outcome === "done").length,
    drained: drained.outcomes.filter((outcome) => outcome === "done").length,
    removed: stepped.outcomes.filter((outcome) => outcome === "removed").length,
    limits: created.limits,
    failures: adopted.failures + stepped.failures + undrained.failures + drained.failures + created.failures,
  };
}

/** What the same act on several runners came to. */
interface Acts<Outcome> {
  /** Of those that did not fail. */
  readonly outcomes: readonly Outcome[];
  readonly failures: number;
}

/** Acts on each, some at a time. What fails is told, and the others go on. */
async function sideBySide<Item, Outcome>(
  { deps, scope, group }: GroupPass,
  operation: Operation,
  items: readonly Item[],
  act: (item: Item) => Promise<Outcome>,
  width = SIDE_BY_SIDE,
): Promise<Acts<Outcome>> {
  const about = { scope: scopeName(scope), group: group.name };
  const results = await inParallel(items, width, act);
  const outcomes = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  for (const result of results)
    if (result.status === "rejected") deps.emit({ type: "failure", operation, about, error: result.reason });
  return { outcomes, failures: results.length - outcomes.length };
}

/** The same; with fixed pacing one after the other, with the original's pause between. */
async function paced<Item, Outcome>(
  pass: GroupPass,
  operation: Operation,
  items: readonly Item[],
  act: (item: Item) => Promise<Outcome>,
): Promise<Acts<Outcome>> {
  const { deps, constants } = pass;
  if (constants.pacing === "adaptive") return sideBySide(pass, operation, items, act);
  const last = items.at(-1);
  const actAndPause = async (item: Item) => {
    const outcome = await act(item);
    if (item !== last) await deps.clock.pause(constants.deleteSleepMs, deps.stopping);
    return outcome;
  };
  return sideBySide(pass, operation, items, actAndPause, 1);
}
