import type { Clock } from "../../support/clock.ts";
import type { Repository } from "../bitbucket/places.ts";
import type { BitbucketWorld } from "../bitbucket/world.ts";
import type { Scenario } from "./scenario.ts";

/**
 * Starts a scenario's pipelines when their time comes, counted from now, in one repository or in several in turn.
 * Resolves when the last one was started, or when `signal` aborts.
 */
export async function runWorkload(
  scenario: Scenario,
  world: BitbucketWorld,
  repositories: readonly [Repository, ...Repository[]],
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = clock.now();
  for (const [i, { atMs, pipeline }] of scenario.pipelines.entries()) {
    const waitMs = startedAt + atMs - clock.now();
    try {
      if (waitMs > 0) await clock.sleep(waitMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    if (signal.aborted) return;
    world.pipelines.start(repositories[i % repositories.length] ?? repositories[0], pipeline);
  }
}
