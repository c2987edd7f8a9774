import type { Limit } from "../domain/decision.ts";
import type { Operation } from "../domain/events.ts";
import type { Runner } from "../domain/runner.ts";
import { type Acts, actOnEach } from "../reconcile/act-on-each.ts";
import { type DisablesIn, noteDisables } from "../reconcile/ledger-notes.ts";
import type { GroupPlan } from "../scaling/plan.ts";
import { adopt } from "./adopt.ts";
import { createRunners } from "./create.ts";
import { disable, markDraining, type Outcome, takeDrainStep, undrain } from "./drain.ts";
import { type GroupPass, groupOf } from "./group-pass.ts";

/** Runners acted on side by side. */
const SIDE_BY_SIDE = 10;

/** The outcome of a plan. */
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

/** Carries a plan out. Draining runners come back before any is created; a runner that fails does not hold up the others. */
export async function execute(pass: GroupPass, plan: GroupPlan): Promise<Executed> {
  const [adopted, stepped, undrained] = await Promise.all([
    sideBySide(pass, "adopt", plan.adopt.map(alone), ({ runner }) => adopt(pass, runner)),
    paced(pass, "drain-step", plan.steps, ({ runner, step }) => takeDrainStep(pass, runner, step)),
    sideBySide(pass, "undrain", plan.undrain.map(alone), ({ runner }) => undrain(pass, runner)),
  ]);
  const [created, drained] = await Promise.all([createRunners(pass, plan), drainAll(pass, plan)]);
  return {
    created: created.made,
    undrained: undrained.outcomes.filter((outcome) => outcome === "done").length,
    drained: drained.outcomes.filter((outcome) => outcome === "done").length,
    removed: stepped.outcomes.filter((outcome) => outcome === "removed").length,
    limits: created.limits,
    failures: adopted.failures + stepped.failures + undrained.failures + drained.failures + created.failures,
  };
}

/** Marks the victims, writes down that they are about to be disabled, and only then sends that. */
async function drainAll(pass: GroupPass, { drain }: GroupPlan): Promise<Acts<Outcome>> {
  const marked = await sideBySide(pass, "drain", drain, ({ runner, cause }) => markDraining(pass, runner, cause));
  const begun = marked.outcomes.flatMap((runner) => (runner === undefined ? [] : [{ runner }]));
  await noteDisables(pass.deps, disablesIn(pass), uuidsOf(begun));
  const disabled = await paced(pass, "drain", begun, ({ runner }) => disable(pass, runner));
  return { ...disabled, failures: marked.failures + disabled.failures };
}

function disablesIn({ scope, memory, listing }: GroupPass): DisablesIn {
  return { scope, memory, serverTime: listing.serverTime };
}

function uuidsOf(items: readonly Due[]): readonly string[] {
  return items.map(({ runner }) => runner.uuid);
}

/** A runner, and what is to be done with it. */
interface Due {
  readonly runner: Runner;
}

function alone(runner: Runner): Due {
  return { runner };
}

function sideBySide<Item extends Due, Result>(
  pass: GroupPass,
  operation: Operation,
  items: readonly Item[],
  act: (item: Item) => Promise<Result>,
): Promise<Acts<Result>> {
  return actOnEach(pass.deps, {
    operation,
    about: groupOf(pass),
    items,
    width: SIDE_BY_SIDE,
    act,
    runnerOf: ({ runner }) => runner,
  });
}

/** The same; with fixed pacing one after the other, with the original's pause between. */
function paced<Item extends Due, Result>(
  pass: GroupPass,
  operation: Operation,
  items: readonly Item[],
  act: (item: Item) => Promise<Result>,
): Promise<Acts<Result>> {
  const { deps, constants } = pass;
  if (constants.pacing === "adaptive") return sideBySide(pass, operation, items, act);
  const last = items.at(-1);
  const actAndPause = async (item: Item) => {
    const outcome = await act(item);
    if (item !== last) await deps.clock.pause(constants.deleteSleepMs, deps.stopping);
    return outcome;
  };
  return actOnEach(deps, {
    operation,
    about: groupOf(pass),
    items,
    width: 1,
    act: actAndPause,
    runnerOf: ({ runner }) => runner,
  });
}
