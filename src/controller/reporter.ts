import type { GroupReport, Trouble } from "../domain/report.ts";

/** Where passes tell what they saw and did: the board behind the API, and the metrics. */
export interface Reporter {
  report(report: GroupReport): void;
  /** A pass, or a part of it, failed. */
  trouble(trouble: Trouble): void;
  /** A group is gone for good. */
  forget(group: string): void;
}
