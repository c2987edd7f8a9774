import type { GroupReport, Trouble } from "../domain/report.ts";
import type { Board, ConfigurationState } from "./board.ts";
import type { Health } from "./health.ts";
import type { Metrics, RequestOutcome } from "./metrics.ts";

/** One place to tell: the board, the metrics and the probes all hear it. */
export interface ProcessReporter {
  report(report: GroupReport): void;
  /** A pass, or a part of it, failed. */
  trouble(trouble: Trouble): void;
  /** A group is gone for good. */
  forget(group: string): void;
  /** The configuration was read. */
  configuration(state: ConfigurationState): void;
  /** A request ended. */
  request(plane: "bitbucket" | "kubernetes", outcome: RequestOutcome): void;
}

export function createReporter(heard: {
  readonly board: Board;
  readonly metrics: Metrics;
  readonly health: Health;
}): ProcessReporter {
  const { board, metrics, health } = heard;
  return {
    report(report) {
      board.report(report);
      metrics.pass(report);
      health.passed();
    },
    trouble(trouble) {
      board.trouble(trouble);
      metrics.trouble(trouble);
      health.passed();
    },
    forget(group) {
      board.forget(group);
      metrics.forget(group);
    },
    configuration(state) {
      board.configuration(state);
      metrics.configuration(state);
      health.configuration(state.good);
    },
    request(plane, outcome) {
      metrics.request(plane, outcome);
      const verdict = plane === "bitbucket" ? credentialsVerdict(outcome) : undefined;
      if (verdict !== undefined) health.credentials(verdict);
    },
  };
}

/** What a reply says of the credentials; nothing when it failed for another reason. An expired token is refused once, then renewed and accepted. */
function credentialsVerdict({ route, status }: RequestOutcome): "accepted" | "refused" | undefined {
  if (status === undefined) return undefined;
  if (status >= 200 && status < 300) return "accepted";
  // The token endpoint turns consumers away with 400 as well as with 401.
  return status === 401 || (status === 400 && route.includes("access_token")) ? "refused" : undefined;
}
