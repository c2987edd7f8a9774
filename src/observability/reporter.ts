import type { CleanReport, GroupReport, Trouble } from "../domain/report.ts";
import type { Health } from "./health.ts";
import type { Metrics, RequestOutcome } from "./metrics/metrics.ts";
import type { Board, ConfigurationState } from "./state-store.ts";

/** One place to tell: the board, the metrics and the probes all hear it. */
export interface ProcessReporter {
  /** A group's pass is done. */
  report(report: GroupReport): void;
  /** A scope's clean-up is done. */
  cleaned(report: CleanReport): void;
  /** A pass, or a part of it, failed. */
  trouble(trouble: Trouble): void;
  /** The loop came round. @param intervalMs the longest time until it does so again, in world time */
  turned(intervalMs: number): void;
  /** A group or scope is gone for good. */
  forget(name: string): void;
  /** The configuration was read. */
  configuration(state: ConfigurationState): void;
  /** A request to Bitbucket ended. */
  bitbucketRequest(outcome: RequestOutcome): void;
  /** A request to Kubernetes ended; `status` is undefined when no reply came. */
  kubernetesRequest(facts: {
    readonly verb: string;
    readonly resource: string;
    readonly status: number | undefined;
    readonly durationMs: number;
  }): void;
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
    cleaned(report) {
      board.cleaned(report);
      metrics.cleaned(report);
      health.passed();
    },
    trouble(trouble) {
      board.trouble(trouble);
      metrics.trouble(trouble);
      health.passed();
    },
    turned: (intervalMs) => health.turned(intervalMs),
    forget(name) {
      board.forget(name);
      metrics.forget(name);
    },
    configuration(state) {
      board.configuration(state);
      metrics.configuration(state);
      health.configuration(state.good);
    },
    bitbucketRequest(outcome) {
      metrics.request("bitbucket", outcome);
      const verdict = credentialsVerdict(outcome);
      if (verdict !== undefined) health.credentials(verdict);
    },
    kubernetesRequest({ verb, resource, status, durationMs }) {
      metrics.request("kubernetes", { method: verb, route: resource, status: status ?? "error", durationMs });
    },
  };
}

/**
 * What a reply says of the credentials; nothing when it failed for another reason. An expired token is refused once, then renewed and
 * accepted.
 */
function credentialsVerdict({ route, status }: RequestOutcome): "accepted" | "refused" | undefined {
  if (status === "error") return undefined;
  if (status >= 200 && status < 300) return "accepted";
  // The token endpoint turns consumers away with 400 as well as with 401.
  return status === 401 || (status === 400 && route.includes("access_token")) ? "refused" : undefined;
}
