/** The protocol's times, in milliseconds (docs/protocols.md says what each is for). */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** A: a creator that has not sent the Job by then gives the attempt up. */
export const CREATOR_GIVES_UP_MS = 30 * SECOND;
/** G: nothing younger is a leftover. */
export const LEFTOVER_AGE_MS = 120 * SECOND;
/** B: an agent polls every 30 s; a disable has reached it after that and a margin. */
export const AGENT_POLL_MS = 35 * SECOND;
/** S: the longest possible step (720 min) and a margin. */
export const LONGEST_STEP_MS = 735 * MINUTE;
/** An unresolved registration that a listing begun this long after it does not show does not exist. */
export const ATTEMPT_SETTLES_MS = 30 * SECOND;
/** After a Secret was emptied, a kubelet may still start a container from its cache for this long. */
export const SECRET_CACHE_MS = 60 * SECOND;
/** A runner without pod that has been OFFLINE for this long is dead. */
export const OFFLINE_DEAD_MS = 15 * MINUTE;
/** A complete runner (Job and Secret made) may wait this long for its first container: nodes take minutes to come. */
export const START_PATIENCE_MS = 15 * MINUTE;
