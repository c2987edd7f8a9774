import type { GroupReport, Trouble } from "../domain/report.ts";

/** Where passes tell what they saw and did: the board behind the API, and the metrics. */
export interface Reporter {
  report(report: GroupReport): void;
  /** A pass, or a part of it, failed. */
  trouble(trouble: Trouble): void;
  /** The process came round and is alive. @param intervalMs the longest time until it does so again */
  turned(intervalMs: number): void;
  /** A group is gone for good. */
  forget(group: string): void;
}
