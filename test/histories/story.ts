import type { Settings } from "../../src/domain/settings.ts";
import type { BitbucketBehaviour } from "../../src/simulator/bitbucket/behaviour.ts";
import type { FaultRates } from "../../src/simulator/faults.ts";
import type { Random } from "../../src/support/random.ts";
import { withLimits } from "../support/seed.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** What happens in one history: drawn from its seed, played by history.ts. Times are milliseconds after its start. */
export interface Story {
  readonly behaviour: Partial<BitbucketBehaviour>;
  readonly settings: Settings;
  /** Later values of `max`. */
  readonly newMax: { readonly atMs: number; readonly max: number } | undefined;
  readonly bursts: readonly { readonly atMs: number; readonly stepsMs: readonly number[] }[];
  readonly rates: FaultRates;
  /** Faults, crashes and hands stop then; what is left must come to rest by itself. */
  readonly troubleEndsMs: number;
  /** By then it must have. */
  readonly endMs: number;
  /** The controller (or the cleaner) dies at one of its requests to a plane, before or after the server acts, and is started again. */
  readonly crashes: readonly Crash[];
  /** A second controller that knows nothing of the first runs for a while. */
  readonly twin: { readonly fromMs: number; readonly toMs: number } | undefined;
  readonly hands: readonly { readonly atMs: number; readonly what: Hand }[];
}

export interface Crash {
  readonly process: "controller" | "cleaner";
  readonly plane: "bitbucket" | "kubernetes";
  /** Counted from 0 over all of its requests to that plane, or over its writes alone. */
  readonly at: number;
  readonly counting: "requests" | "writes";
  readonly when: "before" | "after";
  readonly restartAfterMs: number;
}

/** A human's or nature's hand on one runner or node, chosen when its time comes. */
export type Hand =
  | "disable-runner"
  | "enable-runners"
  | "delete-registration"
  | "delete-job"
  | "delete-pod"
  | "evict-pod"
  | "crash-agent"
  | "cut-off-agent"
  | "lose-node";

const HANDS: readonly Hand[] = [
  "disable-runner",
  "delete-registration",
  "delete-job",
  "delete-pod",
  "evict-pod",
  "crash-agent",
  "cut-off-agent",
  "lose-node",
];

/**
 * Draws a story.
 *
 * @param base the configuration that it varies
 * @param minutes how long there is trouble; the load falls within it
 */
export function drawStory(random: Random, base: Settings, minutes = 12): Story {
  const between = (from: number, to: number) => from + random.next() * (to - from);
  const whole = (from: number, to: number) => Math.floor(between(from, to + 1));
  const oneOf = <T>(first: T, ...others: readonly T[]): T => [first, ...others][whole(0, others.length)] ?? first;
  const perhaps = (chance: number) => random.next() < chance;
  const several = <T>(most: number, draw: () => T): readonly T[] => Array.from({ length: whole(0, most) }, draw);

  const troubleEndsMs = minutes * MINUTE;
  const within = (from: number, to: number) => between(from, to) * troubleEndsMs;
  const internal = oneOf<BitbucketBehaviour["internal"]>("served", "served", "served", "served", "served", 404, 410);
  const max = whole(2, 10);
  const min = perhaps(0.7) ? 1 : whole(1, Math.min(3, max));
  // Pages of a shuffled list never add up, which the adapter rightly refuses.
  const maxPagelen = oneOf(100, 100, 3);
  const rate = perhaps(0.7) ? between(0.005, 0.05) : 0;
  return {
    behaviour: {
      internal,
      publicShowsStep: perhaps(0.8),
      disableShows: oneOf<BitbucketBehaviour["disableShows"]>("status", "status", "cordoned"),
      enableShows: oneOf<BitbucketBehaviour["enableShows"]>("own-status", "enabled-until-beat"),
      disableReaches: oneOf<BitbucketBehaviour["disableReaches"]>("at-once", "next-poll"),
      listOrder:
        maxPagelen === 3
          ? "oldest-first"
          : oneOf<BitbucketBehaviour["listOrder"]>("oldest-first", "newest-first", "shuffled"),
      maxPagelen,
      stepShownAfterMs: oneOf(0, 0, 3 * SECOND),
      beatsMoveUpdatedOn: perhaps(0.3),
      errorShape: oneOf<BitbucketBehaviour["errorShape"]>("typed", "typed", "text", "empty"),
      agentOnDeleted: oneOf<BitbucketBehaviour["agentOnDeleted"]>("exits", "stays"),
      createdListedAfterMs: oneOf(0, 0, 0, 2 * SECOND),
      // Each process that is started anew, and each twin, has an hour's budget of its own.
      requestsPerHour: 5_000,
    },
    settings: withLimits(base, min, max),
    newMax: perhaps(0.2) ? { atMs: within(0.2, 0.8), max: whole(min, max) } : undefined,
    bursts: Array.from({ length: whole(1, 2) }, () => ({
      atMs: within(0.02, 0.7),
      stepsMs: Array.from({ length: whole(1, 14) }, () => between(20 * SECOND, (minutes / 5) * MINUTE)),
    })),
    rates: {
      lostRequest: rate,
      lostReply: rate,
      lateRequest: rate / 2,
      hang: rate / 3,
      serverError: rate,
      tooManyRequests: rate / 3,
      slow: rate,
      tornBody: rate / 2,
      refused: rate / 2,
    },
    troubleEndsMs,
    // The dead are buried 15 minutes after their last sign. Where busy is not told, the group does not grow and takes its time.
    endMs: troubleEndsMs + (internal === "served" ? 28 + minutes : 28 + 5 * minutes) * MINUTE,
    crashes: several(4, () => ({
      process: perhaps(0.75) ? ("controller" as const) : ("cleaner" as const),
      plane: oneOf<Crash["plane"]>("bitbucket", "kubernetes"),
      at: whole(1, 100),
      counting: "requests" as const,
      when: oneOf<Crash["when"]>("before", "after"),
      restartAfterMs: between(SECOND, 90 * SECOND),
    })),
    twin: perhaps(0.2) ? { fromMs: within(0, 0.4), toMs: within(0.5, 0.9) } : undefined,
    hands: several(3, () => ({
      atMs: within(0.1, 0.9),
      what: HANDS[whole(0, HANDS.length - 1)] ?? "delete-pod",
    })),
  };
}
