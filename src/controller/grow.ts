import type { Limit } from "../domain/decision.ts";
import { NAME_ANNOTATION, SCOPE_ANNOTATION, writeScope } from "../domain/mark.ts";
import type { Constants } from "../domain/settings.ts";
import { EXAMPLE_RUNNER_UUID, renderExample } from "../template/render-example.ts";
import { ownLabels } from "./adopt.ts";
import { type Creation, createBatch } from "./create.ts";
import type { GroupMemory } from "./group-state.ts";
import type { ScopeRoom } from "./scope-capacity.ts";

/** Created side by side at most: beyond that a kubelet may look for a Secret before it is made. */
const LARGEST_BATCH = 10;

export interface Growth {
  readonly made: number;
  readonly limits: readonly Limit[];
  readonly errors: readonly unknown[];
}

/**
 * Creates `count` runners in batches, until one goes wrong: the next pass looks at what came of it first, waits, and tries a single one.
 * With fixed pacing one at a time, with the original's pause between them.
 *
 * @param stopping begins no further batch. @param signal gives up what is under way.
 */
export async function grow(
  creation: Creation,
  count: number,
  constants: Constants,
  memory: GroupMemory,
  room: ScopeRoom,
  stopping: AbortSignal,
  signal: AbortSignal,
): Promise<Growth> {
  const { worlds, group } = creation;
  const problem = templateProblem(creation);
  if (problem !== undefined) {
    memory.backOff.fail(constants.setupSleepMs);
    return { made: 0, limits: ["bad-template"], errors: [problem] };
  }
  if (!memory.namespaceReady) {
    await worlds.cluster.ensureNamespace(group.namespace, signal);
    memory.namespaceReady = true;
  }

  let made = 0;
  for (let left = count; left > 0 && !stopping.aborted; left = count - made) {
    const size = room.take(Math.min(batchSize(constants, memory), left));
    if (size === 0) return { made, limits: ["scope-full"], errors: [] };

    const batch = await createBatch(creation, size, signal);
    made += batch.made;
    for (const attempt of batch.lost) memory.lost(attempt.name, attempt.sentAt);
    if (batch.made < size) {
      memory.namespaceReady = false;
      memory.backOff.fail(constants.setupSleepMs);
      return { made, limits: [], errors: batch.errors };
    }
    memory.backOff.succeed();
    if (constants.pacing === "fixed" && left > size) await worlds.clock.pause(constants.setupSleepMs, stopping);
  }
  return { made, limits: [], errors: [] };
}

/** One at a time with fixed pacing, and after a failure, which costs a registration for each that is tried. */
function batchSize({ pacing }: Constants, { backOff }: GroupMemory): number {
  return pacing === "fixed" || backOff.failing ? 1 : LARGEST_BATCH;
}

/** Renders for a runner that does not exist: a template that cannot be used must not cost a registration. */
function templateProblem({ worlds, template, scope, group, key }: Creation): unknown {
  const marks = {
    labels: ownLabels(worlds.installation, scope, key, EXAMPLE_RUNNER_UUID),
    annotations: { [NAME_ANNOTATION]: group.name, [SCOPE_ANNOTATION]: writeScope(scope) },
  };
  try {
    renderExample(template, group, scope, marks);
    return undefined;
  } catch (error) {
    return error;
  }
}
