/** The two processes of an installation. */
export type ProcessName = "controller" | "cleaner";

/** What each may use of the requests that an hour's budget holds: the cleaner runs only every few minutes. */
export const BUDGET_SHARES: Readonly<Record<ProcessName, number>> = { controller: 0.85, cleaner: 0.15 };
