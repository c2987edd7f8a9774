import { describe, expect, test } from "vitest";
import type { GroupSettings, Settings } from "../../src/domain/settings.ts";
import type { ChooseFault, Fault } from "../../src/simulator/faults.ts";
import { SEED_SETTINGS, seedGroup } from "../support/seed.ts";
import { MINUTE, NOTHING_LEFT, openStage, SECOND, type Stage } from "../support/stage.ts";

const HEALTHY = seedGroup();
const BROKEN = seedGroup({ name: "Broken", workspace: "broken-team", namespace: "broken" });
const SETTINGS: Settings = { ...SEED_SETTINGS, groups: [HEALTHY, BROKEN] };
/** The longest time between two passes over a quiet scope, and what a pass itself takes. */
const LONGEST_GAP_MS = 15 * SECOND + 2 * SECOND;

function twoScopes(): Stage {
  const stage = openStage();
  stage.bitbucket.addWorkspace({ slug: BROKEN.workspace });
  stage.settings = SETTINGS;
  return stage;
}

/** The longest time between the ends of two passes over a group, and from the last one until now. */
function longestGapMs(stage: Stage, group: GroupSettings, from: number): number {
  const ends = stage.reports.filter((report) => report.group === group.name && report.at >= from).map(({ at }) => at);
  const marks = [from, ...ends, stage.clock.now()];
  return Math.max(...marks.slice(1).map((at, i) => at - (marks[i] ?? 0)));
}

const everything =
  (part: string, fault: Fault): ChooseFault =>
  ({ url }) =>
    decodeURIComponent(url).includes(part) ? fault : undefined;
const HANG = { kind: "hang", acts: "never" } as const;

describe("one scope that is broken", () => {
  const KINDS: [string, Fault][] = [
    ["every call hangs", HANG],
    ["every call fails", { kind: "status", status: 500, acts: "never" }],
    ["every call is slow", { kind: "slow", requestMs: 12 * SECOND, replyMs: 12 * SECOND }],
    ["every reply is torn", { kind: "torn-body", afterCharacters: 10 }],
  ];

  test.each(KINDS)("%s: the other's passes and growth are not held up", async (_what, fault) => {
    const stage = twoScopes();
    stage.startBoth();
    await stage.run(2 * MINUTE);
    const { uuid } = stage.bitbucket.places.workspace(BROKEN.workspace) ?? {};
    stage.faults = { bitbucket: everything(uuid ?? "", fault) };
    const from = stage.clock.now();
    await stage.run(10 * MINUTE);
    expect(longestGapMs(stage, HEALTHY, from)).toBeLessThanOrEqual(LONGEST_GAP_MS);
    stage.queue(3, 5 * MINUTE);
    const tookMs = await stage.until(() => stage.runners.length > 1, MINUTE);
    expect(tookMs).toBeLessThanOrEqual(30 * SECOND + LONGEST_GAP_MS);
    await stage.run(15 * MINUTE);
    expect(stage.steps).toEqual({ successful: 3 });
    expect(longestGapMs(stage, HEALTHY, from)).toBeLessThanOrEqual(LONGEST_GAP_MS);
    stage.faults = {};
    await stage.run(10 * MINUTE);
    expect(stage.lastReport(BROKEN.name).decision.numbers.supply.idle).toBe(1);
    expect(stage.breaches).toEqual([]);
  });

  test("broken from the start: the other one is served within seconds", async () => {
    const stage = twoScopes();
    stage.faults = { bitbucket: everything(BROKEN.workspace, HANG) };
    stage.startBoth();
    await stage.until(() => stage.serving.length === 1, 30 * SECOND);
    await stage.run(10 * MINUTE);
    expect(longestGapMs(stage, HEALTHY, stage.clock.now() - 5 * MINUTE)).toBeLessThanOrEqual(LONGEST_GAP_MS);
    expect(stage.breaches).toEqual([]);
  });

  test("does not keep the other's leftovers from being cleaned", async () => {
    const stage = twoScopes();
    stage.startBoth();
    await stage.run(2 * MINUTE);
    const { uuid } = stage.bitbucket.places.workspace(BROKEN.workspace) ?? {};
    stage.faults = { bitbucket: everything(uuid ?? "", HANG) };
    const runner = stage.anyRunner;
    stage.cluster.delete("jobs", "default", `runner-${runner.uuid.slice(1, -1)}`, { propagationPolicy: "Background" });
    await stage.until(() => stage.runner(runner.uuid) === undefined, 30 * MINUTE);
    expect(stage.serving).toHaveLength(1);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });
});

describe("one namespace whose every request hangs", () => {
  const hanging = { kubernetes: everything(`/namespaces/${BROKEN.namespace}/`, HANG) };

  test("does not hold up the scopes that have nothing in it", async () => {
    const stage = twoScopes();
    stage.startBoth();
    await stage.run(2 * MINUTE);
    stage.faults = hanging;
    const from = stage.clock.now();
    await stage.run(20 * MINUTE);
    expect(longestGapMs(stage, HEALTHY, from)).toBeLessThanOrEqual(LONGEST_GAP_MS);
    expect(stage.breaches).toEqual([]);
  });

  test("does not keep their leftovers from being cleaned", async () => {
    const stage = twoScopes();
    stage.startBoth();
    await stage.run(2 * MINUTE);
    stage.faults = hanging;
    const runner = stage.anyRunner;
    stage.cluster.delete("jobs", "default", `runner-${runner.uuid.slice(1, -1)}`, { propagationPolicy: "Background" });
    await stage.until(() => stage.runner(runner.uuid) === undefined, 30 * MINUTE);
    expect(stage.breaches).toEqual([]);
  });
});

test("one runner whose every call fails keeps no other from being drained and removed", async () => {
  const stage = openStage({
    settings: { ...SEED_SETTINGS, groups: [seedGroup({ parameters: { ...HEALTHY.parameters, min: 4 } })] },
  });
  stage.startBoth();
  await stage.until(() => stage.serving.length === 4, MINUTE);
  await stage.run(6 * MINUTE);
  const stuck = stage.anyRunner.uuid;
  stage.faults = { bitbucket: everything(`/runners/${stuck}`, HANG) };
  stage.settings = SEED_SETTINGS;
  await stage.run(20 * MINUTE);
  expect(stage.runners.length).toBeLessThanOrEqual(2);
  expect(stage.runner(stuck)).toBeDefined();
  stage.faults = {};
  await stage.run(10 * MINUTE);
  expect(stage.serving).toHaveLength(1);
  expect(stage.leftovers).toEqual(NOTHING_LEFT);
  expect(stage.breaches).toEqual([]);
});

describe("reads that fail justify no write", () => {
  const READS: [string, "bitbucket" | "kubernetes", RegExp][] = [
    ["everything in the cluster", "kubernetes", /./],
    ["the pods", "kubernetes", /\/pods$/],
    ["the Jobs", "kubernetes", /\/namespaces\/default\/jobs$/],
    ["the listing of runners", "bitbucket", /\/runners$/],
    ["single runners", "bitbucket", /\/runners\/[^/]+$/],
  ];

  test.each(READS)("%s", async (_what, plane, path) => {
    const stage = openStage({
      settings: { ...SEED_SETTINGS, groups: [seedGroup({ parameters: { ...HEALTHY.parameters, min: 2 } })] },
    });
    stage.startBoth();
    await stage.run(8 * MINUTE);
    const before = [stage.runners, stage.registrations, stage.names("jobs")];
    const unreadable: ChooseFault = ({ method, url }) =>
      method === "GET" && path.test(new URL(url).pathname) ? { kind: "status", status: 503, acts: "never" } : undefined;
    stage.faults = { [plane]: unreadable };
    await stage.run(20 * MINUTE);
    expect([stage.runners, stage.registrations, stage.names("jobs")]).toEqual(before);
    // Nor does one that is to go: it is not removed before the reads are back.
    stage.settings = SEED_SETTINGS;
    await stage.run(10 * MINUTE);
    expect([stage.runners.length, stage.registrations]).toEqual([2, 2]);
    stage.faults = {};
    await stage.run(10 * MINUTE);
    expect(stage.serving).toHaveLength(1);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });
});
