import type { BitbucketEvent } from "../bitbucket/events.ts";

/** What was really so of one runner from some moment on. */
interface State {
  readonly at: number;
  readonly disabled: boolean;
  /** Steps that ran on it. */
  readonly running: number;
}

/** How each runner fared, so that one can tell what was so at the moment that a reply told of. */
export class Course {
  readonly #states = new Map<string, State[]>();

  note(event: BitbucketEvent): void {
    if (!("runner" in event)) return;
    const { runner, at } = event;
    const states = this.#states.get(runner) ?? [{ at: Number.NEGATIVE_INFINITY, disabled: false, running: 0 }];
    const last = states.at(-1) ?? { disabled: false, running: 0 };
    const disabled = event.type === "runner-disabled" || (last.disabled && event.type !== "runner-enabled");
    states.push({ at, disabled, running: last.running + change(event) });
    this.#states.set(runner, states);
  }

  /** What was so at a moment. */
  at(time: number, runner: string): Pick<State, "disabled" | "running"> {
    return this.#states.get(runner)?.findLast((state) => state.at <= time) ?? { disabled: false, running: 0 };
  }

  /** Since when, at a moment, the runner had been disabled; undefined when it was not. */
  disabledSince(time: number, runner: string): number | undefined {
    const states = (this.#states.get(runner) ?? []).filter((state) => state.at <= time);
    const enabled = states.findLastIndex((state) => !state.disabled);
    return states[enabled + 1]?.at;
  }
}

function change({ type }: BitbucketEvent): number {
  if (type === "step-started") return 1;
  return type === "step-finished" || type === "step-killed" ? -1 : 0;
}
