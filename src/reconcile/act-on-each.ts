import { type Failure, type Operation, runnerRef } from "../domain/events.ts";
import type { Runner } from "../domain/runner.ts";
import { inParallel } from "../support/parallel.ts";
import type { Dependencies } from "./dependencies.ts";

/** The same act on several things. */
export interface Acting<Item, Outcome> {
  readonly operation: Operation;
  readonly about: Failure["about"];
  readonly items: readonly Item[];
  /** How many at a time. */
  readonly width: number;
  readonly act: (item: Item) => Promise<Outcome>;
  /** The runner that an item is about; undefined when it is about none. */
  readonly runnerOf: (item: Item) => Runner | undefined;
}

/** The outcome. */
export interface Acts<Outcome> {
  /** Of those that did not fail. */
  readonly outcomes: readonly Outcome[];
  readonly failures: number;
}

/** Acts on each, some at a time. What fails is told, with the runner that it was about, and the others continue. */
export async function actOnEach<Item, Outcome>(
  { emit }: Pick<Dependencies, "emit">,
  { operation, about, items, width, act, runnerOf }: Acting<Item, Outcome>,
): Promise<Acts<Outcome>> {
  const results = await inParallel(items, width, async (item) => {
    try {
      return await act(item);
    } catch (error) {
      const runner = runnerOf(item);
      const named = runner && { runner: runnerRef(runner) };
      emit({ type: "failure", operation, about, ...named, error });
      throw error;
    }
  });
  const outcomes = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  return { outcomes, failures: results.length - outcomes.length };
}
