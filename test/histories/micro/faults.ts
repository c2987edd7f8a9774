import type { Fault } from "../../../src/simulator/faults.ts";
import { MINUTE, SECOND } from "./times.ts";

/** What the one request suffers, and until when its consequences may come. */
export interface FaultKind {
  readonly lastsMs: number;
  /** The event happens so long after the request was made: while a process stands still that has seen the reply, or is about to. */
  readonly eventAfterMs?: number;
  /** @param crash lets the process die that sent the request; it is started again */
  readonly of: (method: string, crash: () => void) => Fault | undefined;
}

const isRead = (method: string) => method === "GET";
const always = (fault: Fault, lastsMs = 0): FaultKind => ({ lastsMs, of: () => fault });
const crashes = (when: "before" | "after"): FaultKind => ({
  lastsMs: 20 * SECOND,
  of: (_, crash) => ({ kind: "crash", when, crash }),
});
const pauses = (when: "before" | "after", ms: number): FaultKind => ({
  ...always({ kind: "pause", when, ms }, ms),
  eventAfterMs: 500,
});

export const FAULTS = {
  none: { lastsMs: 0, of: () => undefined },
  "lost-request": always({ kind: "lost-request" }),
  "lost-reply": always({ kind: "lost-reply" }),
  "late-20s": always({ kind: "late-request", afterMs: 20 * SECOND }, 20 * SECOND),
  "late-5min": always({ kind: "late-request", afterMs: 5 * MINUTE }, 5 * MINUTE),
  hang: always({ kind: "hang", acts: "at-once" }, 30 * SECOND),
  "status-503": always({ kind: "status", status: 503, acts: "at-once" }),
  "status-429": always({ kind: "status", status: 429, acts: "never" }, MINUTE),
  "torn-body": always({ kind: "torn-body", afterCharacters: 40 }),
  "no-effect": {
    lastsMs: 0,
    of: (method) => (method === "PUT" || method === "DELETE" ? { kind: "no-effect" } : { kind: "lost-reply" }),
  },
  stale: {
    lastsMs: 8 * SECOND,
    of: (method) => (isRead(method) ? { kind: "stale", lagMs: 8 * SECOND } : { kind: "slow", requestMs: 8 * SECOND }),
  },
  "empty-list": { lastsMs: 0, of: (method) => (isRead(method) ? { kind: "empty-list" } : { kind: "lost-reply" }) },
  "crash-before": crashes("before"),
  "crash-after": crashes("after"),
  "pause-1s": pauses("after", SECOND),
  "pause-1min": pauses("after", MINUTE),
  "pause-10min": pauses("after", 10 * MINUTE),
  "pause-before-1min": pauses("before", MINUTE),
} as const satisfies Readonly<Record<string, FaultKind>>;

export type FaultName = keyof typeof FAULTS;
