/** The protocol's times, in milliseconds (docs/protocols.md says what each is for). */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** A: a creator that has not sent the Job by then gives the attempt up. */
export const CREATOR_GIVES_UP_MS = 30 * SECOND;
/** G: nothing younger is a leftover. */
export const LEFTOVER_AGE_MS = 120 * SECOND;
/** B: an agent polls every 30 s; a read may lag by 10 s, and a step be shown some seconds late. A disable is certain after that. */
export const AGENT_POLL_MS = 45 * SECOND;
/** S: the longest possible step (720 min) and a margin. */
export const LONGEST_STEP_MS = 735 * MINUTE;
/** A look at Bitbucket that began longer ago justifies no write: who was paused looks again. */
export const LOOK_MS = 10 * SECOND;
/** A read may come from a replica that is behind by up to 10 s; what one shows this long after a write of ours is not older than that. */
export const REPLICA_LAG_MS = 30 * SECOND;
/** A request of ours that nobody answered may still arrive for so long. */
export const LATE_MS = 15 * MINUTE;
/** An unresolved registration that listings begun this long after it do not show does not exist. */
export const ATTEMPT_SETTLES_MS = 30 * SECOND;
/** After a Secret was emptied, a kubelet may still start a container from its cache for this long. */
export const SECRET_CACHE_MS = 60 * SECOND;
/** Full silence: an agent that Bitbucket has not heard of for this long, with no pod that could hold it, is dead. */
export const SILENCE_MS = 15 * MINUTE;
/** A complete runner (Job and Secret made) may wait this long for its first container: nodes take minutes to come. */
export const START_PATIENCE_MS = 15 * MINUTE;
/** A Job that the cluster makes no pod for (quota, admission) is given up after this long: its controller tries again by itself. */
export const REFUSED_PATIENCE_MS = 6 * 60 * MINUTE;
/** An agent that runs may take this long to reach Bitbucket for the first time. */
export const CONNECT_PATIENCE_MS = 30 * MINUTE;
/** An agent whose pod runs may be OFFLINE this long: networks come back. */
export const HANG_PATIENCE_MS = 60 * MINUTE;
/** A container beside the agent (its Docker daemon) may be down this long before the runner is replaced. */
export const HELPER_PATIENCE_MS = 2 * MINUTE;
/** The `Date` header counts whole seconds: two of them are further apart by up to this. */
export const DATE_GRAIN_MS = SECOND;
