import fc from "fast-check";
import { LIMITS, REASONS } from "../../src/domain/decision.ts";
import type { CleanReport, GroupReport, RunnerView } from "../../src/domain/report.ts";
import { PHASES, type Phase } from "../../src/domain/runner.ts";

/** 2026-01-01T00:00:00Z. */
export const START = Date.UTC(2026, 0, 1);

/** A pass that decided nothing new, over one idle runner. */
export function aGroupReport(changes: Partial<GroupReport> = {}): GroupReport {
  return {
    group: "Runner group 1",
    scope: "woodpeckernew",
    namespace: "default",
    startedAt: START - 2_000,
    at: START,
    decision: {
      desired: 1,
      reason: "within-thresholds",
      numbers: {
        min: 1,
        max: 10,
        supply: { starting: 0, idle: 1, busy: 0, total: 1 },
        unknown: 0,
        draining: 0,
        live: 1,
        demand: undefined,
        busyRatio: 0,
      },
    },
    limits: [],
    runners: [aRunnerView("idle")],
    created: 0,
    undrained: 0,
    drained: 0,
    removed: 0,
    ...changes,
  };
}

export function aRunnerView(phase: Phase): RunnerView {
  return {
    uuid: "{6d1f6a3e-8c5b-4d0a-9b7f-0a1b2c3d4e5f}",
    name: "Runner group 1 [abcdefgh-xyz]",
    phase,
    ownership: "ours",
    status: "ONLINE",
    job: "runner-6d1f6a3e-8c5b-4d0a-9b7f-0a1b2c3d4e5f",
    pod: undefined,
    createdAt: START - 60_000,
  };
}

/** A clean-up that removed one runner and left two. */
export function aCleanReport(changes: Partial<CleanReport> = {}): CleanReport {
  return {
    scope: "woodpeckernew",
    startedAt: START - 3_000,
    at: START,
    runners: 3,
    removedRunners: 1,
    removedSecrets: 0,
    left: { healthy: 2 },
    ...changes,
  };
}

const count = fc.nat({ max: 100 });
const time = fc.integer({ min: START, max: START + 86_400_000 });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

/** Any report that a pass could give. */
export function anyGroupReport(): fc.Arbitrary<GroupReport> {
  const supply = fc.record({ starting: count, idle: count, busy: count, total: count });
  const runner: fc.Arbitrary<RunnerView> = fc.record({
    uuid: fc.uuid().map((uuid) => `{${uuid}}`),
    name: maybe(fc.string()),
    phase: fc.constantFrom(...PHASES),
    ownership: fc.constantFrom("ours", "adoptable", "foreign"),
    status: maybe(fc.constantFrom("ONLINE", "OFFLINE", "OTHER")),
    job: maybe(fc.string()),
    pod: maybe(fc.string()),
    createdAt: maybe(time),
  });
  return fc.record({
    group: fc.string(),
    scope: fc.string(),
    namespace: fc.string(),
    at: time,
    decision: fc.record({
      desired: count,
      reason: fc.constantFrom(...REASONS),
      numbers: fc.record({
        min: count,
        max: count,
        supply,
        unknown: count,
        draining: count,
        live: count,
        demand: maybe(count),
        busyRatio: maybe(fc.double({ min: 0, max: 1, noNaN: true })),
      }),
    }),
    limits: fc.uniqueArray(fc.constantFrom(...LIMITS)),
    runners: fc.array(runner, { maxLength: 5 }),
    created: count,
    undrained: count,
    drained: count,
    removed: count,
  });
}

/** Any report that a clean-up could give. */
export function anyCleanReport(): fc.Arbitrary<CleanReport> {
  return fc.record({
    scope: fc.string(),
    startedAt: time,
    at: time,
    runners: count,
    removedRunners: count,
    removedSecrets: count,
    left: fc.dictionary(fc.constantFrom("healthy", "starting", "held"), count),
  });
}
