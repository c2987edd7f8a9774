import picocolors from "picocolors";
import { describe, expect, test } from "vitest";
import { aGoodRun } from "../../../test/support/sandbox-snapshot.ts";
import { failuresOf, type RunFacts, summaryText } from "./summary.ts";

const colours = picocolors.createColors(false);
const AT = Date.UTC(2026, 5, 1, 12);

const GOOD = aGoodRun();

test("a good run", () => {
  expect(failuresOf(GOOD)).toEqual([]);
  expect(summaryText(GOOD, colours)).toBe(`burst: 30:00 of simulated time at 20 × real time

  steps run      14 of 14
  waits          p50 0:50   p90 5:05   max 5:31
  most runners   10, 1 left
  orphans        0
  invariants     none broken
  Bitbucket      195 requests, 390 an hour
  controller     ended cleanly
  cleaner        ended cleanly

All promises kept.
`);
});

describe("what makes a run a bad one", () => {
  const orphan = { kind: "job", name: "runner-1", since: AT } as const;
  test.each<[name: string, facts: Partial<RunFacts>, failures: readonly string[]]>([
    [
      "an invariant",
      { breaches: [{ invariant: 2, at: AT, what: "it ran" }] },
      ["invariant 2 was broken at 12:00:00: it ran"],
    ],
    ["an orphan", { orphans: [orphan] }, ["orphan since 12:00:00: job runner-1"]],
    ["steps that should have run", { missedSteps: 2 }, ["2 steps had enough time but did not run to the end"]],
    [
      "a death",
      { deaths: [{ name: "cleaner", how: "exit code 1", lastLines: ["a", "b"] }] },
      ["the cleaner ended by itself (exit code 1) and was started again; its last lines:\n    a\n    b"],
    ],
    [
      "a bad end",
      { ends: [{ name: "controller", end: "too-late" }] },
      ["the controller did not end within 10 s after SIGTERM and was killed"],
    ],
    ["the simulation", { simulationErrors: ["no such thing"] }, ["the simulation itself failed: no such thing"]],
  ])("%s", (_, facts, failures) => {
    expect(failuresOf({ ...GOOD, ...facts })).toEqual(failures);
    expect(summaryText({ ...GOOD, ...facts }, colours)).toContain(`Not good:\n  - ${failures[0]}\n`);
  });

  test.each<[name: string, facts: Partial<RunFacts>]>([
    ["leftovers that there is still time for", { halfWay: 3 }],
    ["steps that wait when the run was too short", { missedSteps: undefined, steps: { ...GOOD.steps, queued: 5 } }],
  ])("but not: %s", (_, facts) => {
    expect(failuresOf({ ...GOOD, ...facts })).toEqual([]);
  });

  test("a flood of breaches is cut short", () => {
    const breaches = Array.from({ length: 25 }, () => ({ invariant: 1, at: AT, what: "too many" }) as const);
    const failures = failuresOf({ ...GOOD, breaches });
    expect(failures).toHaveLength(11);
    expect(failures.at(-1)).toBe("and 15 more like the last");
  });
});
