/** Set by the sandbox for the processes that it starts: an anchor (clock.ts) as JSON. */
export const ANCHOR_VARIABLE = "RUNNERS_AUTOSCALER_ANCHOR";
/** Where both worlds of a sandbox say which anchor they run by. */
export const ANCHOR_PATH = "/sandbox/anchor";
