import { beforeEach, describe, expect, test } from "vitest";
import { aCleanUpDone, aConfigurationRead, aFailure, aPassDone } from "../../test/support/events.ts";
import { aGroupReport, START } from "../../test/support/reports.ts";
import { StateStore } from "./state-store.ts";

let now: number;
let state: StateStore;

beforeEach(() => {
  now = START;
  state = new StateStore(() => now);
});

describe("decisions", () => {
  const decisions = () => state.groups[0]?.decisions ?? [];

  test("passes that decide the same and do nothing count as one", () => {
    state.hear(aPassDone({ at: START, created: 1 }));
    state.hear(aPassDone({ at: START + 1 }));
    state.hear(aPassDone({ at: START + 2 }));
    expect(decisions()).toMatchObject([{ since: START, at: START + 2, passes: 3, created: 1 }]);
  });

  test.each([
    ["another reason", { decision: { ...aGroupReport().decision, reason: "at-max" as const } }],
    ["another count", { decision: { ...aGroupReport().decision, desired: 2 } }],
    ["another limit", { limits: ["max" as const] }],
    ["a runner created", { created: 1 }],
    ["a drain begun", { drained: 1 }],
    ["a runner removed", { removed: 1 }],
    ["a runner enabled again", { undrained: 1 }],
  ])("%s is a new one, the newest first", (_what, change) => {
    state.hear(aPassDone({ at: START }));
    state.hear(aPassDone({ at: START + 1, ...change }));
    expect(decisions().map(({ since }) => since)).toEqual([START + 1, START]);
  });

  test("the last fifty are kept", () => {
    for (let i = 0; i < 60; i += 1) state.hear(aPassDone({ at: START + i, created: 1 }));
    expect(decisions()).toHaveLength(50);
    expect(decisions()[0]?.at).toBe(START + 59);
  });
});

describe("failures", () => {
  const fail = (scope: string, message: string, at: number) => {
    now = at;
    state.hear(aFailure({ scope }, message));
  };

  test("the same one counts up; the latest comes first", () => {
    fail("a", "no", 1);
    fail("b", "no", 2);
    fail("a", "no", 3);
    expect(state.failures).toMatchObject([
      { where: "a", since: 1, at: 3, times: 2 },
      { where: "b", since: 2, at: 2, times: 1 },
    ]);
  });

  test("the hundred latest are kept", () => {
    for (let i = 0; i < 120; i += 1) fail("a", `no ${i}`, i);
    expect(state.failures).toHaveLength(100);
    expect(state.failures.at(-1)?.message).toBe("no 20");
  });
});

test("groups are in order of their names, and go when they are retired", () => {
  for (const group of ["b", "c", "a"]) state.hear(aPassDone({ group }));
  state.hear(aFailure({ scope: "woodpeckernew", group: "b" }));
  state.hear({ type: "retired", kind: "group", name: "b" });
  expect(state.groups.map(({ last }) => last.group)).toEqual(["a", "c"]);
  expect(state.failures).toEqual([]);
});

test("a bad configuration remembers when it was last good", () => {
  expect(state.configuration).toBeUndefined();
  state.hear(aConfigurationRead());
  now += 5;
  state.hear(aConfigurationRead("no"));
  expect(state.configuration).toEqual({
    good: false,
    problems: ["runners_config.yaml:3:1: no"],
    readAt: START + 5,
    goodAt: START,
  });
});

test("each scope's last clean-up is kept until the scope is retired", () => {
  state.hear(aCleanUpDone({ scope: "b", runners: 1 }));
  state.hear(aCleanUpDone({ scope: "a" }));
  state.hear(aCleanUpDone({ scope: "b", runners: 2 }));
  expect(state.scopes.map(({ scope, runners }) => [scope, runners])).toEqual([
    ["a", 3],
    ["b", 2],
  ]);
  state.hear({ type: "retired", kind: "scope", name: "b" });
  expect(state.scopes.map(({ scope }) => scope)).toEqual(["a"]);
});
