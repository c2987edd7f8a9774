import { beforeEach, describe, expect, test } from "vitest";
import { START, sampleCleaning, sampleReport } from "../../test/support/reports.ts";
import { type Board, createBoard } from "./state-store.ts";

let now: number;
let board: Board;

beforeEach(() => {
  now = START;
  board = createBoard(() => now);
});

describe("decisions", () => {
  const decisions = () => board.groups()[0]?.decisions ?? [];

  test("passes that decide the same and do nothing count as one", () => {
    board.report(sampleReport({ at: START, created: 1 }));
    board.report(sampleReport({ at: START + 1 }));
    board.report(sampleReport({ at: START + 2 }));
    expect(decisions()).toMatchObject([{ since: START, at: START + 2, passes: 3, created: 1 }]);
  });

  test.each([
    ["another reason", { decision: { ...sampleReport().decision, reason: "at-max" as const } }],
    ["another count", { decision: { ...sampleReport().decision, desired: 2 } }],
    ["another limit", { limits: ["max" as const] }],
    ["a runner created", { created: 1 }],
    ["a drain begun", { drained: 1 }],
    ["a runner removed", { removed: 1 }],
    ["a runner enabled again", { undrained: 1 }],
  ])("%s is a new one, the newest first", (_what, change) => {
    board.report(sampleReport({ at: START }));
    board.report(sampleReport({ at: START + 1, ...change }));
    expect(decisions().map(({ since }) => since)).toEqual([START + 1, START]);
  });

  test("the last fifty are kept", () => {
    for (let i = 0; i < 60; i += 1) board.report(sampleReport({ at: START + i, created: 1 }));
    expect(decisions()).toHaveLength(50);
    expect(decisions()[0]?.at).toBe(START + 59);
  });
});

describe("troubles", () => {
  const trouble = (where: string, message: string, at: number) => ({ where, message, at, remedy: undefined });

  test("the same one counts up; the latest comes first", () => {
    board.trouble(trouble("a", "no", 1));
    board.trouble(trouble("b", "no", 2));
    board.trouble(trouble("a", "no", 3));
    expect(board.troubles()).toMatchObject([
      { where: "a", since: 1, at: 3, times: 2 },
      { where: "b", since: 2, at: 2, times: 1 },
    ]);
  });

  test("the hundred latest are kept", () => {
    for (let i = 0; i < 120; i += 1) board.trouble(trouble("a", `no ${i}`, i));
    expect(board.troubles()).toHaveLength(100);
    expect(board.troubles().at(-1)?.message).toBe("no 20");
  });
});

test("groups are in order of their names, and go when they are forgotten", () => {
  for (const group of ["b", "c", "a"]) board.report(sampleReport({ group }));
  board.trouble({ where: "b", message: "no", at: 1, remedy: undefined });
  board.forget("b");
  expect(board.groups().map(({ last }) => last.group)).toEqual(["a", "c"]);
  expect(board.troubles()).toEqual([]);
});

test("a bad configuration remembers when it was last good", () => {
  expect(board.lastConfiguration()).toBeUndefined();
  board.configuration({ good: true, problems: [] });
  now += 5;
  board.configuration({ good: false, problems: ["line 3: no"] });
  expect(board.lastConfiguration()).toEqual({
    good: false,
    problems: ["line 3: no"],
    readAt: START + 5,
    goodAt: START,
  });
});

test("each scope's last clean-up is kept until the scope is forgotten", () => {
  board.cleaned(sampleCleaning({ scope: "b", runners: 1 }));
  board.cleaned(sampleCleaning({ scope: "a" }));
  board.cleaned(sampleCleaning({ scope: "b", runners: 2 }));
  expect(board.scopes().map(({ scope, runners }) => [scope, runners])).toEqual([
    ["a", 3],
    ["b", 2],
  ]);
  board.forget("b");
  expect(board.scopes().map(({ scope }) => scope)).toEqual(["a"]);
});
