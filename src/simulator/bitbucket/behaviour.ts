/**
 * How this Bitbucket behaves where the real one is undocumented, or has been seen to behave both ways. All fields may be changed while
 * the world runs. Durations are world time.
 */
export interface BitbucketBehaviour {
  /** Whether `/internal` is served, else the status that every call there gets. */
  internal: "served" | 403 | 404 | 410;
  /** Whether `/2.0` shows `state.step` on a busy runner. */
  publicShowsStep: boolean;
  /** Which form of `PUT /2.0/…/runners/{uuid}` disables: `state: {status}`, `disabled`, `enabled`; any other form is answered with 200 and ignored. */
  publicDisable: "state" | "disabled" | "enabled" | "ignored";
  /** What a disabled runner shows: status DISABLED, or its own status with `cordoned: true`. */
  disableShows: "status" | "cordoned";
  /** What a runner shows after it was enabled: its own status at once, or ENABLED until its next beat. */
  enableShows: "own-status" | "enabled-until-beat";
  /** Whether a disable keeps even the agent's next poll from a step, or may cross with it. */
  disableReaches: "at-once" | "next-poll";
  /** The status of a successful registration. */
  createdStatus: 200 | 201;
  /** The order of runner listings; "shuffled" differs from request to request, pages included. */
  listOrder: "oldest-first" | "newest-first" | "shuffled";
  /** A new runner is missing from listings (not from direct reads) for so long. */
  createdListedAfterMs: number;
  /** Pages never hold more, whatever `pagelen` asks for. */
  maxPagelen: number;
  /** Whether listings tell their `size`. */
  listsSize: boolean;
  /** Runners that a workspace or a repository may hold. */
  runnersPerScope: number;
  /** The shape of error bodies. "typed" is the documented one; scopes that are missing can only be told by the first two. */
  errorShape: "typed" | "untyped" | "string" | "text" | "empty";
  /** Whether heart-beats move `state.updated_on`, or only changes of state do. */
  beatsMoveUpdatedOn: boolean;
  /** A step shows on its runner so long after the agent took it. */
  stepShownAfterMs: number;
  /** Every read of runners comes from a replica that is behind by up to so much, drawn anew for each: the next one may go back. */
  readLagMs: number;
  /** Replies carry a `Date`; a proxy may strip it. */
  sendsDate: boolean;
  /**
   * What becomes of the step of an agent that is not heard of any more, but lives: it dies when the runner turns OFFLINE; or it goes on, and ends
   * when the agent is heard again, shown all the time or not before that.
   */
  offlineStep: "dies" | "lives-shown" | "lives-hidden";
  /** How a step that waits for a runner is shown. */
  queuedStepShows: "PENDING" | "READY";
  /** What becomes of a step that is queued while no matching runner is online. */
  unmatchedStep: "waits" | "fails";
  /** A step that found no runner for so long fails. */
  queueLimitMs: number;

  /** From the start of an agent's process to its first contact: drawn evenly from this range. */
  connectDelayMs: readonly [min: number, max: number];
  /** An agent beats and polls this often. */
  beatMs: number;
  /** A runner turns OFFLINE so long after its last beat. */
  offlineAfterMs: number;
  /** Whether an agent polls at once when its step is done, or at its next beat. */
  pollAfterStep: boolean;
  /** What an agent does at its next beat when its registration is gone. */
  agentOnDeleted: "exits" | "stays";

  /** Life of the tokens that OAuth consumers get. */
  tokenLifeMs: number;
  /** How the token endpoint refuses a wrong client id or secret. */
  badClient: { status: 400 | 401; error: "invalid_client" | "unauthorized_client" };
  /** Requests that one credential may send in a rolling hour. */
  requestsPerHour: number;
  /** Which requests that limit counts. */
  limitCovers: "repositories" | "everything";
  /** Sent as `Retry-After` with a 429 when given. */
  retryAfterSeconds: number | undefined;
}

/** The documented behaviour, and the likelier one where the documents are silent. */
export function defaultBehaviour(): BitbucketBehaviour {
  return {
    internal: "served",
    publicShowsStep: false,
    publicDisable: "state",
    disableShows: "status",
    enableShows: "own-status",
    disableReaches: "at-once",
    createdStatus: 200,
    listOrder: "oldest-first",
    createdListedAfterMs: 0,
    maxPagelen: 100,
    listsSize: true,
    runnersPerScope: 100,
    errorShape: "typed",
    beatsMoveUpdatedOn: false,
    stepShownAfterMs: 0,
    readLagMs: 0,
    sendsDate: true,
    offlineStep: "dies",
    queuedStepShows: "PENDING",
    unmatchedStep: "waits",
    queueLimitMs: 150 * 60_000,
    connectDelayMs: [4_000, 10_000],
    beatMs: 30_000,
    offlineAfterMs: 120_000,
    pollAfterStep: true,
    agentOnDeleted: "exits",
    tokenLifeMs: 7_200_000,
    badClient: { status: 400, error: "unauthorized_client" },
    requestsPerHour: 1_000,
    limitCovers: "everything",
    retryAfterSeconds: undefined,
  };
}
