import { runnersOf } from "../src/controller/observe.ts";
import { configuredGroup, type ManagedGroup } from "../src/domain/managed-group.ts";
import { GROUP_LABEL, INSTALLATION_LABEL, RUNNER_UUID_LABEL } from "../src/domain/mark.ts";
import type { Scope } from "../src/domain/scope.ts";
import { Sightings } from "../src/reconcile/sightings.ts";
import { mergePlanes, type Planes } from "../src/runners/merge.ts";
import { type GroupPlan, planGroup } from "../src/scaling/plan.ts";
import type { GroupSnapshot } from "../src/scaling/snapshot.ts";
import { median } from "../src/simulation/statistics.ts";
import { aSnapshot } from "../test/support/groups.ts";
import { aJob, aPod, aRemote, INSTALLATION, NOW } from "../test/support/runners.ts";
import { settingsFor } from "./configuration.ts";
import type { Measurement } from "./row.ts";
import { verdict } from "./row.ts";
import { millisecondsText } from "./units.ts";

const GROUPS = 100;
const RUNNERS = 100;
const RUNS = 15;
const TARGET_MS = 250;

/** What a pass computes between reading and acting, for a hundred groups of a hundred runners, each in a workspace of its own. */
export const decide: Measurement = {
  name: "decide",
  about: `decide pass of ${GROUPS} × ${RUNNERS}, ${RUNS} runs`,
  async measure() {
    const scopes = Array.from({ length: GROUPS }, (_, i) => scopeOf(i));
    const planMs: number[] = [];
    const passMs: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      const merged = timed(() => scopes.map((scope) => snapshotOf(scope)));
      const planned = timed(() => merged.result.map((snapshot) => planGroup(snapshot)));
      checkPlans(planned.result);
      planMs.push(planned.cpuMs);
      passMs.push(merged.cpuMs + planned.cpuMs);
    }
    return [
      {
        what: "decide pass, 100 groups × 100 runners: CPU, merging both planes included",
        original: "not possible",
        target: "≤ 250 ms",
        measured: `${millisecondsText(median(passMs))} (the first, cold, ${millisecondsText(passMs[0] ?? Number.NaN)})`,
        verdict: verdict(median(passMs) <= TARGET_MS),
        figures: { passMs },
      },
      {
        what: "the same: deciding and planning alone",
        original: "",
        target: "",
        measured: millisecondsText(median(planMs)),
        verdict: "no target",
        figures: { planMs },
      },
    ];
  },
};

/** Processor time of this process, not the time that passes. */
function timed<T>(task: () => T): { readonly result: T; readonly cpuMs: number } {
  const before = process.cpuUsage();
  const result = task();
  const { user, system } = process.cpuUsage(before);
  return { result, cpuMs: (user + system) / 1_000 };
}

/** Two thirds of the runners are busy: every group is full, and wants more. */
function checkPlans(plans: readonly GroupPlan[]): void {
  const isExpected = ({ decision }: GroupPlan) =>
    decision.reason === "at-max" && decision.numbers.supply.total === RUNNERS;
  if (!plans.every(isExpected))
    throw new Error(`a plan is not what it should be: ${JSON.stringify(plans[0]?.decision)}`);
}

/** One scope, as it is read: what its planes hold, and what was seen of its runners before. */
interface SampleScope {
  readonly group: ManagedGroup;
  readonly planes: Planes;
  readonly sightings: Sightings;
}

function scopeOf(index: number): SampleScope {
  const [settings] = settingsFor({ groups: 1, min: 1, max: RUNNERS }).groups;
  if (settings === undefined) throw new Error("the configuration has no group");
  const scope: Scope = { workspace: { uuid: uuidOf(index, 0), slug: `workspace-${index}` } };
  const group = configuredGroup(settings, scope);
  const uuids = Array.from({ length: RUNNERS }, (_, i) => uuidOf(index, i + 1));
  return {
    group,
    sightings: new Sightings(),
    planes: {
      installation: INSTALLATION,
      remotes: uuids.map((uuid, i) => aRemote({ uuid, labels: settings.labels, busy: i % 3 > 0 ? "busy" : "idle" })),
      jobs: uuids.map((uuid) => aJob({ runnerUuid: uuid, labels: labelsOf(group, uuid) })),
      pods: uuids.map((uuid) => aPod({ runnerUuid: uuid, jobUid: `job-${uuid}` })),
      secrets: [],
      namespaces: new Set(["default"]),
      entries: Object.fromEntries(uuids.map((uuid) => [uuid, {}])),
    },
  };
}

function labelsOf(group: ManagedGroup, uuid: string): Readonly<Record<string, string>> {
  return { [INSTALLATION_LABEL]: INSTALLATION, [GROUP_LABEL]: group.key, [RUNNER_UUID_LABEL]: uuid.slice(1, -1) };
}

function snapshotOf({ planes, group, sightings }: SampleScope): GroupSnapshot {
  const merged = mergePlanes(planes, group.settings === undefined ? [] : [group.settings]);
  const runners = sightings.see(merged, { begunAt: NOW, endedAt: NOW, flavour: "internal" });
  return aSnapshot(runnersOf({ runners }, group), { group, affordable: RUNNERS });
}

function uuidOf(scope: number, runner: number): string {
  const part = (value: number, length: number) => value.toString(16).padStart(length, "0");
  return `{${part(scope, 8)}-0000-4000-8000-${part(runner, 12)}}`;
}
