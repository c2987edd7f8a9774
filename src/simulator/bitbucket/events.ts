import type { Clock } from "../../support/clock.ts";

/** Who did something: a caller of the API (named by its credential, never by a secret), or a human in the web interface. */
export type Actor =
  | { readonly kind: "api"; readonly credential: string; readonly flavour: ApiFlavour }
  | { readonly kind: "human" };

/** Which of the two runner APIs was called. */
export type ApiFlavour = "public" | "internal";

export const HUMAN: Actor = { kind: "human" };

/** Why a step ended before its time. */
export type KillCause = "container-stopped" | "agent-crashed" | "registration-deleted" | "offline";

/** What happened. Uuids carry their braces; `runner`, `step` and `pipeline` are uuids. */
export type BitbucketFact =
  | {
      readonly type: "runner-created";
      readonly runner: string;
      readonly name: string;
      readonly scope: string;
      readonly by: Actor;
    }
  | {
      readonly type: "runner-updated" | "runner-disabled" | "runner-enabled";
      readonly runner: string;
      readonly by: Actor;
    }
  /** `running`: the steps that its agents really ran at that moment; each is killed. */
  | {
      readonly type: "runner-deleted";
      readonly runner: string;
      readonly by: Actor;
      readonly running: readonly string[];
      readonly connectedOnce: boolean;
    }
  | { readonly type: "runner-online" | "runner-offline"; readonly runner: string }
  | { readonly type: "agent-started" | "agent-connected" | "agent-refused"; readonly runner: string }
  | { readonly type: "agent-stopped"; readonly runner: string; readonly exitCode: number | "killed" }
  | { readonly type: "pipeline-started" | "pipeline-finished"; readonly pipeline: string; readonly repository: string }
  | { readonly type: "step-queued" | "step-expired"; readonly step: string; readonly pipeline: string }
  | { readonly type: "step-started"; readonly step: string; readonly runner: string }
  | {
      readonly type: "step-finished";
      readonly step: string;
      readonly runner: string;
      readonly outcome: "successful" | "failed";
    }
  | { readonly type: "step-killed"; readonly step: string; readonly runner: string; readonly cause: KillCause };

/** A fact with its place in the world's history. */
export type BitbucketEvent = BitbucketFact & {
  /** World time. */
  readonly at: number;
  /** Counts from 0 without a gap. */
  readonly sequence: number;
};

/** Everything that ever happened in a world, in order. */
export class EventLog {
  readonly #clock: Clock;
  readonly #events: BitbucketEvent[] = [];
  readonly #listeners = new Set<(event: BitbucketEvent) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get all(): readonly BitbucketEvent[] {
    return this.#events;
  }

  append(fact: BitbucketFact): void {
    const event = { ...fact, at: this.#clock.now(), sequence: this.#events.length };
    this.#events.push(event);
    for (const listener of this.#listeners) listener(event);
  }

  /** Calls `listener` after each event, once the state shows it; it must not throw. Gives the way to stop. */
  listen(listener: (event: BitbucketEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
