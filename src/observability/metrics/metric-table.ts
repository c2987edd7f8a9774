/** One metric: what Prometheus needs to know of it, and what the reference page says. */
export interface MetricDefinition {
  readonly kind: "gauge" | "counter" | "histogram";
  /** Without the prefix that all of them share. */
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds, for histograms. */
  readonly buckets?: readonly number[];
}

export const METRIC_PREFIX = "runners_autoscaler_";

/** From a reply out of a cache to a time-out. */
const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;
const PASS_SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300] as const;

/** Every metric of both processes. Label values come from closed lists or from the configuration, so their number is bounded. */
export const METRICS = {
  buildInfo: {
    kind: "gauge",
    name: "build_info",
    help: "Always 1; its labels say what runs: the process, the program's version and Node's.",
    labels: ["process", "version", "node"],
  },
  startTime: {
    kind: "gauge",
    name: "process_start_time_seconds",
    help: "When the process started, in seconds since the epoch.",
    labels: [],
  },
  residentMemory: {
    kind: "gauge",
    name: "process_resident_memory_bytes",
    help: "Memory that the process holds in RAM.",
    labels: [],
  },
  cpuTime: {
    kind: "counter",
    name: "process_cpu_seconds_total",
    help: "Processor time used since the start, user and system.",
    labels: [],
  },
  runners: {
    kind: "gauge",
    name: "group_runners",
    help: "Runners of the group by phase, at its last pass.",
    labels: ["group", "phase"],
  },
  desired: {
    kind: "gauge",
    name: "group_desired_runners",
    help: "How many runners the last decision wants.",
    labels: ["group"],
  },
  live: {
    kind: "gauge",
    name: "group_live_runners",
    help: "Every runner of the group seen in Bitbucket or Kubernetes, and registrations whose fate is not known yet: what max limits.",
    labels: ["group"],
  },
  min: { kind: "gauge", name: "group_min_runners", help: "The group's configured min.", labels: ["group"] },
  max: { kind: "gauge", name: "group_max_runners", help: "The group's configured max.", labels: ["group"] },
  demand: {
    kind: "gauge",
    name: "group_queued_steps",
    help: "Steps that wait for a runner of the group; no series while that is not known.",
    labels: ["group"],
  },
  busyRatio: {
    kind: "gauge",
    name: "group_busy_ratio",
    help: "Busy runners over all that serve or are about to (0 to 1); no series while there are none.",
    labels: ["group"],
  },
  decisions: {
    kind: "counter",
    name: "decisions_total",
    help: "Decisions by reason, one a pass.",
    labels: ["group", "reason"],
  },
  limits: {
    kind: "counter",
    name: "limited_passes_total",
    help: "Passes in which a limit kept the group from what was decided.",
    labels: ["group", "limit"],
  },
  created: { kind: "counter", name: "runners_created_total", help: "Runners created.", labels: ["group"] },
  undrained: {
    kind: "counter",
    name: "runners_undrained_total",
    help: "Draining runners that were enabled again because they were needed.",
    labels: ["group"],
  },
  drained: { kind: "counter", name: "drains_started_total", help: "Runners taken out of service.", labels: ["group"] },
  removed: { kind: "counter", name: "runners_removed_total", help: "Runners removed.", labels: ["group"] },
  passAge: {
    kind: "gauge",
    name: "group_pass_age_seconds",
    help: "Time since the group's last complete pass ended.",
    labels: ["group"],
  },
  scopeRunners: {
    kind: "gauge",
    name: "scope_runners",
    help: "Runners of this installation in the scope, at its last clean-up.",
    labels: ["scope"],
  },
  leftAlone: {
    kind: "gauge",
    name: "scope_runners_left_alone",
    help: "Runners that the last clean-up left alone, by why.",
    labels: ["scope", "why"],
  },
  cleaned: {
    kind: "counter",
    name: "leftovers_removed_total",
    help: "Leftovers that the clean-up removed.",
    labels: ["scope", "kind"],
  },
  scopePassAge: {
    kind: "gauge",
    name: "scope_pass_age_seconds",
    help: "Time since the scope's last complete clean-up ended.",
    labels: ["scope"],
  },
  passDuration: {
    kind: "histogram",
    name: "pass_duration_seconds",
    help: "How long passes took, from the first read to the last write.",
    labels: [],
    buckets: PASS_SECONDS,
  },
  failures: {
    kind: "counter",
    name: "troubles_total",
    help: "Passes, or parts of them, that failed, by what they were for.",
    labels: ["where"],
  },
  requests: {
    kind: "counter",
    name: "requests_total",
    help: "Requests sent, by plane (bitbucket or kubernetes), method, route and HTTP status; status error when no complete reply came.",
    labels: ["plane", "method", "route", "status"],
  },
  requestDuration: {
    kind: "histogram",
    name: "request_duration_seconds",
    help: "How long requests took until their reply was read.",
    labels: ["plane", "method", "route"],
    buckets: REQUEST_SECONDS,
  },
  budgetCapacity: {
    kind: "gauge",
    name: "bitbucket_budget_capacity_requests",
    help: "Bitbucket requests that this process may send in a rolling hour.",
    labels: [],
  },
  budgetLeft: {
    kind: "gauge",
    name: "bitbucket_budget_left_requests",
    help: "Of those, how many are left now.",
    labels: [],
  },
  budgetPause: {
    kind: "gauge",
    name: "bitbucket_budget_pause_seconds",
    help: "How long this process still holds back because Bitbucket asked it to; 0 when it does not.",
    labels: [],
  },
  configurationGood: {
    kind: "gauge",
    name: "configuration_last_reload_successful",
    help: "1 when the configuration was valid at its last reading, 0 when it was not and the last good one stays in force.",
    labels: [],
  },
  configurationGoodTime: {
    kind: "gauge",
    name: "configuration_last_reload_success_timestamp_seconds",
    help: "When the configuration was last read and found valid, in seconds since the epoch.",
    labels: [],
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

/** What each label can be, for the reference page. */
export const LABEL_MEANINGS: Readonly<Record<string, string>> = {
  process: "`controller` or `cleaner`.",
  version: "The program's version.",
  node: "Node's version.",
  group:
    "The group's name in the configuration. A group that left the configuration loses its series once nothing of it remains.",
  scope: "A workspace, or `workspace/repository`, by slug.",
  why: "The reason's code, such as `healthy`, `starting`, `held` or `not-proven-dead`.",
  kind: "`runner` or `secret`.",
  where:
    "A group's name; a workspace, or `workspace/repository`; or a part of the process, `configuration` or `cluster`.",
  plane: "`bitbucket` or `kubernetes`.",
  method: "For Bitbucket the HTTP method; for Kubernetes the verb, such as `list` or `watch`.",
  route:
    "For Bitbucket the path with placeholders for names and uuids; for Kubernetes the resource. `other` beyond a hundred different ones.",
  status: "The HTTP status, or `error`.",
};
