import type { Limit } from "../domain/decision.ts";
import type { ManagedGroup } from "../domain/managed-group.ts";
import type { Constants } from "../domain/settings.ts";
import type { Plan } from "../scaling/plan.ts";
import { inParallel } from "../support/parallel.ts";
import type { JobTemplate } from "../template/port.ts";
import { adopt } from "./adopt.ts";
import { beginDrain, type Ground, type Outcome, takeDrainStep, undrain } from "./drain.ts";
import type { GroupMemory } from "./group-state.ts";
import { grow } from "./grow.ts";
import type { ScopeRoom } from "./scope-capacity.ts";

/** Runners acted on side by side. */
const SIDE_BY_SIDE = 10;

export interface Execution {
  readonly ground: Ground;
  readonly group: ManagedGroup;
  readonly template: JobTemplate;
  readonly constants: Constants;
  readonly memory: GroupMemory;
  readonly room: ScopeRoom;
  /** Begin nothing new. */
  readonly stopping: AbortSignal;
  /** Give up what is under way. */
  readonly signal: AbortSignal;
}

export interface Executed {
  readonly created: number;
  readonly undrained: number;
  readonly drained: number;
  readonly removed: number;
  readonly limits: readonly Limit[];
  readonly errors: readonly unknown[];
}

/** Carries a plan out. Draining runners come back before any is created; one runner that fails keeps nobody else from being served. */
export async function execute(execution: Execution, plan: Plan): Promise<Executed> {
  const { ground, group, signal } = execution;
  const { worlds, scope } = ground;
  const [adopted, steps, undrained] = await Promise.all([
    inParallel(plan.adopt, SIDE_BY_SIDE, (runner) => adopt(worlds, scope, group.key, runner, signal)),
    paced(execution, plan.steps, ({ runner, step }) => takeDrainStep(ground, runner, step, signal)),
    inParallel(plan.undrain, SIDE_BY_SIDE, (runner) => undrain(ground, runner, signal)),
  ]);
  const [grown, drained] = await Promise.all([
    settle(growIfPlanned(execution, plan)),
    paced(execution, plan.drain, ({ runner, cause }) => beginDrain(ground, runner, cause, signal)),
  ]);
  return {
    created: grown.value?.made ?? 0,
    undrained: count(undrained, "done"),
    drained: count(drained, "done"),
    removed: count(steps, "removed"),
    limits: grown.value?.limits ?? [],
    errors: [
      ...failures([...adopted, ...steps, ...undrained, ...drained]),
      ...grown.errors,
      ...(grown.value?.errors ?? []),
    ],
  };
}

function growIfPlanned(
  { ground, group, template, constants, memory, room, stopping, signal }: Execution,
  { create, jobless }: Plan,
) {
  if (create === 0 || group.settings === undefined) return Promise.resolve({ made: 0, limits: [], errors: [] });
  const creation = {
    worlds: ground.worlds,
    template,
    scope: ground.scope,
    group: group.settings,
    key: group.key,
    jobless,
  };
  return grow(creation, create, constants, memory, room, stopping, signal);
}

/** Side by side, or, with fixed pacing, one after the other with the original's pause between. */
async function paced<T, R>(
  { ground, constants, stopping }: Execution,
  items: readonly T[],
  task: (item: T) => Promise<R>,
): Promise<PromiseSettledResult<R>[]> {
  if (constants.pacing === "adaptive") return inParallel(items, SIDE_BY_SIDE, task);
  const last = items.at(-1);
  return inParallel(items, 1, async (item) => {
    const result = await task(item);
    if (item !== last) await ground.worlds.clock.pause(constants.deleteSleepMs, stopping);
    return result;
  });
}

async function settle<T>(promise: Promise<T>): Promise<{ readonly value?: T; readonly errors: readonly unknown[] }> {
  try {
    return { value: await promise, errors: [] };
  } catch (error) {
    return { errors: [error] };
  }
}

function count(results: readonly PromiseSettledResult<Outcome>[], outcome: Outcome): number {
  return results.filter((result) => result.status === "fulfilled" && result.value === outcome).length;
}

function failures(results: readonly PromiseSettledResult<unknown>[]): readonly unknown[] {
  return results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
}
