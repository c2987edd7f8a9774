import { describe, expect, test } from "vitest";
import { aboutName } from "../../src/domain/events.ts";
import { type ChooseFault, type Fault } from "../../src/simulator/faults.ts";
import { messageOf, remedyOf } from "../../src/support/errors.ts";
import { parseTemplate } from "../../src/template/parse.ts";
import { SEED_SETTINGS, SHIPPED_TEMPLATE, SHIPPED_TEMPLATE_TEXT, seedGroup, withLimits } from "../support/seed.ts";
import { HOUR, MINUTE, NOTHING_LEFT, openStage, SECOND, type Stage } from "../support/stage.ts";

/** The clean-up's promise for what is inert: so long after it was made, and two of the cleaner's passes. */
const INERT_GONE_MS = 3 * MINUTE + 2 * 5 * MINUTE;

const template = (from: string, to: string) =>
  parseTemplate(SHIPPED_TEMPLATE_TEXT.replace(from, to), "job.yaml.template");

/** The first `count` requests that fit suffer a fault. */
function first(count: number, method: string, path: string, fault: Fault): ChooseFault {
  let left = count;
  return (request) => {
    if (left === 0 || request.method !== method || !new URL(request.url).pathname.endsWith(path)) return undefined;
    left -= 1;
    return fault;
  };
}

/** How long each registration lived that is gone, in milliseconds. */
function livesMs(stage: Stage): readonly number[] {
  const born = new Map<string, number>();
  return stage.bitbucket.events.flatMap((event) => {
    if (event.type === "runner-created") born.set(event.runner, event.at);
    return event.type === "runner-deleted" ? [event.at - (born.get(event.runner) ?? 0)] : [];
  });
}

describe("registrations whose reply is lost", () => {
  const LOST: [string, Fault][] = [
    ["lost on its way back", { kind: "lost-reply" }],
    ["lost on its way there", { kind: "lost-request" }],
    ["late by 20 s", { kind: "late-request", afterMs: 20 * SECOND }],
    ["an error of something in between, after Bitbucket acted", { kind: "status", status: 504, acts: "at-once" }],
    ["an error of something in between, before Bitbucket acted", { kind: "status", status: 503, acts: "never" }],
    ["never coming, though Bitbucket acted", { kind: "hang", acts: "at-once" }],
    ["torn", { kind: "torn-body", afterCharacters: 40 }],
  ];

  test.each(LOST)("%s: the name settles, and what it left is gone in time", async (_what, fault) => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 2, 4) });
    stage.faults = { bitbucket: first(2, "POST", "/runners", fault) };
    stage.startBoth();
    await stage.until(() => stage.serving.length === 2, 2 * MINUTE);
    await stage.run(INERT_GONE_MS);
    expect(stage.runners).toHaveLength(2);
    for (const lifeMs of livesMs(stage)) expect(lifeMs).toBeLessThanOrEqual(INERT_GONE_MS);
    // None of them is ever counted against max again.
    expect(stage.lastReport().decision.numbers.live).toBe(2);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });

  test.each([
    ["", { kind: "lost-reply" }],
    [" and come late", { kind: "late-request", afterMs: 25 * SECOND }],
  ] as const)("that all get lost%s never make more than max registrations at one time", async (_what, fault) => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 3, 3) });
    stage.faults = { bitbucket: first(1_000, "POST", "/runners", fault) };
    stage.startBoth();
    let most = 0;
    await stage.clock.advance(HOUR / 2, () => (most = Math.max(most, stage.runners.length)));
    expect(most).toBeLessThanOrEqual(3);
    expect(stage.reports.slice(-20).some(({ limits }) => limits.length > 0)).toBe(true);
    stage.faults = {};
    await stage.run(20 * MINUTE);
    expect(stage.serving).toHaveLength(3);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });
});

test("where the group's Jobs cannot be listed, no runner gets credentials, and late registrations still count", async () => {
  const stage = openStage({ settings: withLimits(SEED_SETTINGS, 4, 4) });
  let posts = 0;
  stage.faults = {
    // Half of the registrations arrive when their sender has long given them up.
    bitbucket: ({ method, url }) =>
      method === "POST" && url.endsWith("/runners") && (posts += 1) % 2 === 0
        ? { kind: "late-request", afterMs: 25 * SECOND }
        : undefined,
    kubernetes: ({ method, url }) =>
      method === "GET" && decodeURIComponent(url).includes("runners-autoscaler/group=")
        ? { kind: "status", status: 500, acts: "never" }
        : undefined,
  };
  stage.startBoth();
  let most = 0;
  await stage.clock.advance(10 * MINUTE, () => (most = Math.max(most, stage.runners.length)));
  expect(most).toBeLessThanOrEqual(4);
  expect(stage.observer.mostRunners).toBe(0);
  expect(stage.failures.length).toBeGreaterThan(0);
  stage.faults = {};
  await stage.run(20 * MINUTE);
  expect(stage.serving).toHaveLength(4);
  expect(stage.leftovers).toEqual(NOTHING_LEFT);
  expect(stage.breaches).toEqual([]);
});

describe("a Job that the API server refuses", () => {
  const quota = JSON.stringify({
    kind: "Status",
    status: "Failure",
    reason: "Forbidden",
    code: 403,
    message: 'jobs.batch "x" is forbidden: exceeded quota: runners, requested: count/jobs.batch=1',
  });
  const REFUSALS: [string, (stage: Stage) => void][] = [
    [
      "for a field of the template",
      (stage) => (stage.template = template('memory: "<%requests_memory%>"', 'memory: "900Gi"')),
    ],
    [
      "for its quota",
      (stage) =>
        (stage.faults = {
          kubernetes: first(10_000, "POST", "/jobs", {
            kind: "status",
            status: 403,
            acts: "never",
            headers: { "content-type": "application/json" },
            body: quota,
          }),
        }),
    ],
  ];

  test.each(REFUSALS)("%s costs a few registrations an hour, which go, and is said", async (_what, break_) => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 1, 10) });
    break_(stage);
    stage.startBoth();
    await stage.run(40 * MINUTE);
    expect(stage.registrations).toBeGreaterThan(1);
    expect(stage.registrations).toBeLessThan(20);
    const before = stage.registrations;
    expect(stage.runners.length).toBeLessThanOrEqual(4);
    await stage.run(20 * MINUTE);
    expect(stage.registrations - before).toBeLessThan(9);
    for (const lifeMs of livesMs(stage)) expect(lifeMs).toBeLessThanOrEqual(INERT_GONE_MS);
    expect(
      stage.failures.some(({ about, error }) => aboutName(about) === seedGroup().name && remedyOf(error) !== undefined),
    ).toBe(true);
    expect(stage.names("jobs")).toEqual([]);

    stage.template = SHIPPED_TEMPLATE;
    stage.faults = {};
    await stage.until(() => stage.serving.length === 1, 6 * MINUTE);
    await stage.run(INERT_GONE_MS);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });

  test("costs no more when ten are wanted than when one is", async () => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 10, 20) });
    REFUSALS[0]?.[1](stage);
    stage.startBoth();
    await stage.run(HOUR / 2);
    expect(stage.registrations).toBeLessThan(25);
  });
});

test("a template that does not render costs no registration, and is used again once it is good", async () => {
  const stage = openStage();
  const bad = new Error('job.yaml.template:8: unknown variable "runner_id"');
  stage.template = {
    render() {
      throw bad;
    },
  };
  stage.startBoth();
  await stage.run(30 * MINUTE);
  expect(stage.registrations).toBe(0);
  expect(stage.reports.some(({ limits }) => limits.includes("bad-template"))).toBe(true);
  expect(messageOf(stage.failures[0]?.error)).toContain("runner_id");
  stage.template = SHIPPED_TEMPLATE;
  await stage.until(() => stage.serving.length === 1, 6 * MINUTE);
  expect(stage.breaches).toEqual([]);
});

test("a template that cannot even be read keeps no runner from being drained, and no other pass from being done", async () => {
  const stage = openStage({ settings: withLimits(SEED_SETTINGS, 3, 10) });
  stage.startBoth();
  await stage.until(() => stage.serving.length === 3, MINUTE);
  const other = seedGroup({ name: "Other", labels: ["other"] });
  const [group] = withLimits(SEED_SETTINGS, 1, 10).groups;
  Object.defineProperty(stage, "template", {
    get() {
      throw new Error("the disk is gone");
    },
  });
  stage.settings = { ...SEED_SETTINGS, groups: [group ?? seedGroup(), other] };
  await stage.run(15 * MINUTE);
  expect(stage.runners).toHaveLength(1);
  const told = stage.reports.filter(({ group: name }) => name === "Other").flatMap(({ limits }) => limits);
  expect(new Set(told)).toEqual(new Set(["bad-template", "back-off"]));
  expect(new Set(stage.failures.map(({ operation }) => operation))).toEqual(new Set(["create"]));
  expect(stage.breaches).toEqual([]);
});

describe("a namespace", () => {
  const settings = { ...SEED_SETTINGS, groups: [seedGroup({ namespace: "runners" })] };

  test("that is missing is made", async () => {
    const stage = openStage({ settings });
    stage.startBoth();
    await stage.until(() => stage.serving.length === 1, MINUTE);
    expect(stage.names("jobs", "runners")).toHaveLength(1);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });

  test("that is deleted for good takes its runners along, and is made anew with others", async () => {
    const stage = openStage({ settings, namespaces: ["runners"] });
    stage.startBoth();
    await stage.until(() => stage.serving.length === 1, MINUTE);
    const { uuid } = stage.anyRunner;
    stage.cluster.delete("namespaces", undefined, "runners");
    await stage.until(() => stage.serving.some((runner) => runner.uuid !== uuid), 10 * MINUTE);
    await stage.run(30 * MINUTE);
    expect(stage.runner(uuid)).toBeUndefined();
    expect(stage.serving).toHaveLength(1);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });

  test("that hangs in its deletion costs a few registrations, which go", async () => {
    const stage = openStage({ settings, namespaces: ["runners"] });
    stage.cluster.create("configmaps", "runners", {
      metadata: { name: "held", finalizers: ["example.com/held"] },
    });
    stage.cluster.delete("namespaces", undefined, "runners");
    stage.startBoth();
    await stage.run(HOUR / 2);
    expect(stage.registrations).toBeLessThan(20);
    expect(stage.failures.some(({ error }) => remedyOf(error)?.includes("Wait until namespace") === true)).toBe(true);
    expect(stage.breaches).toEqual([]);
  });
});

describe("listings that are behind", () => {
  test.each([10, 30, 60])("by %i s: a runner that was just made is not made again", async (seconds) => {
    const stage = openStage({
      settings: withLimits(SEED_SETTINGS, 2, 10),
      behaviour: { createdListedAfterMs: seconds * SECOND },
    });
    stage.startBoth();
    await stage.run(20 * MINUTE);
    expect(stage.registrations).toBe(2);
    expect(stage.serving).toHaveLength(2);
    expect(stage.leftovers).toEqual(NOTHING_LEFT);
    expect(stage.breaches).toEqual([]);
  });

  test("and a pod that still waits for a node: the Job is not taken for one whose registration is gone", async () => {
    const stage = openStage({
      behaviour: { createdListedAfterMs: 100 * SECOND },
      pools: [{ name: "slow", cpu: "4", memory: "16Gi", initial: 0, max: 1, bootMs: [4 * MINUTE, 4 * MINUTE] }],
    });
    stage.start("controller");
    await stage.run(30 * SECOND);
    const { uuid } = stage.anyRunner;
    stage.start("cleaner");
    await stage.until(() => stage.serving.length === 1, 8 * MINUTE);
    expect(stage.serving.map((runner) => runner.uuid)).toEqual([uuid]);
    expect(stage.registrations).toBe(1);
    expect(stage.breaches).toEqual([]);
  });
});
