import type { BitbucketBehaviour } from "../../../src/simulator/bitbucket/behaviour.ts";
import { SECOND } from "./times.ts";

/** How Bitbucket behaves in a short history: one of these. */
export const BEHAVIOURS = {
  documented: {},
  "disable-late": { disableReaches: "next-poll", stepShownAfterMs: 3 * SECOND, pollAfterStep: false },
  cordoned: { disableShows: "cordoned", enableShows: "enabled-until-beat" },
  "no-date": { sendsDate: false, offlineStep: "lives-hidden" },
  replicas: { readLagMs: 8 * SECOND, offlineStep: "lives-shown", beatsMoveUpdatedOn: true },
  "single-pages": { maxPagelen: 1 },
  "agents-stay": { agentOnDeleted: "stays", createdListedAfterMs: 2 * SECOND, listOrder: "shuffled" },
  /** Nobody can tell whether a runner is busy. */
  mute: { internal: 404, publicShowsStep: false },
  bare: { errorShape: "empty", listsSize: false, createdStatus: 201, disableReaches: "next-poll" },
} as const satisfies Readonly<Record<string, Partial<BitbucketBehaviour>>>;

export type BehaviourName = keyof typeof BEHAVIOURS;
