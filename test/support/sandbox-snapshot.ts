import type { Snapshot } from "../../src/sandbox/snapshot.ts";
import type { RunFacts } from "../../src/sandbox/terminal/summary.ts";

const AT = Date.UTC(2026, 5, 1, 12, 3, 10);
const numbers = (total: number, busy: number) => ({ supply: { total, busy, starting: total - busy } });
const did = { created: 0, undrained: 0, drained: 0, removed: 0 };

/** A burst on its way up, for tests of what draws it. */
export const GROWING: Snapshot = {
  scenario: "burst",
  speed: 20,
  now: AT,
  elapsedMs: 42_000,
  durationMs: 90_000,
  steps: {
    queued: 11,
    running: 3,
    done: 0,
    aborted: 0,
    waits: { p50Ms: 9_000, p90Ms: 27_000, p99Ms: 27_000, maxMs: 27_000 },
  },
  groups: [
    {
      name: "Runner group 1",
      scope: "woodpeckernew",
      desired: 5,
      reason: "busy-above-threshold",
      numbers: { min: 1, max: 10 },
      phases: { starting: 2, idle: 0, busy: 3, draining: 0, foreign: 4 },
      decisions: [
        {
          since: "2026-06-01T12:03:05.000Z",
          desired: 5,
          reason: "busy-above-threshold",
          numbers: numbers(3, 2),
          limits: [],
          did: { ...did, created: 2 },
        },
        {
          since: "2026-06-01T12:02:50.000Z",
          desired: 1,
          reason: "within-thresholds",
          numbers: numbers(1, 0),
          limits: ["budget"],
          did,
        },
      ],
    },
  ],
  history: {
    most: 4,
    stretches: [
      { queued: 0, runners: 1 },
      { queued: 14, runners: 5 },
    ],
  },
  log: [
    { at: AT - 5_000, process: "controller", text: "INFO: Runner created on Bitbucket workspace: woodpeckernew" },
    { at: AT - 1_000, process: "cleaner", text: "WARN: \u001b[31mred\u0007" },
  ],
  problems: [],
  hints: ["kubectl --kubeconfig .sandbox/kubeconfig get jobs,pods,secrets -A", "Bitbucket :8480"],
};

/** What a run came to that kept all promises. */
export function aGoodRun(changes: Partial<RunFacts> = {}): RunFacts {
  return {
    scenario: "burst",
    speed: 20,
    elapsedMs: 30 * 60_000,
    steps: {
      queued: 0,
      running: 0,
      done: 14,
      aborted: 0,
      waits: { p50Ms: 50_000, p90Ms: 305_000, p99Ms: 331_000, maxMs: 331_000 },
    },
    missedSteps: 0,
    mostRunners: 10,
    runnersLeft: 1,
    orphans: [],
    halfWay: 0,
    breaches: [],
    requests: 195,
    ends: [
      { name: "controller", end: "cleanly" },
      { name: "cleaner", end: "cleanly" },
    ],
    deaths: [],
    simulationErrors: [],
    ...changes,
  };
}
