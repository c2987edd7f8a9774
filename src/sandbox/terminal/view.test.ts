import { test as propertyTest } from "@fast-check/vitest";
import fc from "fast-check";
import picocolors from "picocolors";
import { describe, expect, test } from "vitest";
import { GROWING } from "../../../test/support/sandbox-snapshot.ts";
import type { Snapshot } from "../snapshot.ts";
import { plainLine } from "./plain-line.ts";
import { drawView } from "./view.ts";

const plain = picocolors.createColors(false);
const coloured = picocolors.createColors(true);
const SMALL = { columns: 80, rows: 24 };

test("the plain line holds what matters, and foreign runners do not", () => {
  expect(plainLine(GROWING)).toBe(
    "queue 11 · 3 running · 0 done · runners 5 (3 busy 2 starting) · decided 5: busy-above-threshold",
  );
  expect(plainLine({ ...GROWING, groups: [] })).toBe("queue 11 · 3 running · 0 done · controller starts");
});

describe("drawView", () => {
  test("an ordinary moment on a small terminal", () => {
    expect(drawView(GROWING, SMALL, plain).map((line) => line.trimEnd())).toEqual([
      " runners-autoscaler sandbox   burst × 20            12:03:10 UTC   0:42 of 1:30",
      " ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━──────────────────────────────────────────",
      " STEPS  11 queued   3 running   0 done       waits p50 0:09  p90 0:27  max 0:27",
      "",
      " Runner group 1     ■ ■ ■ ■ ■ · · · · ·     5 of 1–10  wants 5  woodpeckernew",
      "                    ■ 3 busy   ■ 0 idle   ■ 2 starting   ■ 0 draining",
      "",
      " queue    ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁██████████████                               peak 14",
      " runners  ▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▅▅▅▅▅▅▅▅▅▅▅▅▅▅                               peak 5",
      "",
      " DECISIONS",
      " 12:03:05   3 → 5   busy-above-threshold   2 of 3 busy   2 created",
      " 12:02:50   1 → 1   within-thresholds      0 of 1 busy   held back: budget",
      "",
      "",
      " LOG",
      " 12:03:05 controller INFO: Runner created on Bitbucket workspace: woodpeckernew",
      " 12:03:09 cleaner    WARN:  [31mred",
      "",
      "",
      "",
      " no problems                                                        Ctrl-C ends",
      " kubectl --kubeconfig .sandbox/kubeconfig get jobs,pods,secrets -A",
      " Bitbucket :8480",
    ]);
  });

  test("colours change nothing but colours", () => {
    const escapes = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "g");
    expect(drawView(GROWING, SMALL, coloured).map((line) => line.replaceAll(escapes, ""))).toEqual(
      drawView(GROWING, SMALL, plain),
    );
  });

  test("the worst problem stands where it is seen, with how many there are", () => {
    const lines = drawView({ ...GROWING, problems: ["invariant 2 broken", "another"] }, SMALL, plain);
    expect(lines).toContainEqual(expect.stringContaining(" 2 problems: invariant 2 broken"));
  });

  propertyTest.prop([anySnapshot(), fc.integer({ min: 40, max: 200 }), fc.integer({ min: 5, max: 60 })])(
    "never leaves the terminal, and lets no control character through",
    (snapshot, columns, rows) => {
      const lines = drawView(snapshot, { columns, rows }, plain);
      expect(lines.length).toBeLessThanOrEqual(rows);
      for (const line of lines) {
        expect([...line].length).toBeLessThanOrEqual(columns);
        expect(line).not.toMatch(/\p{Cc}/u);
      }
    },
  );
});

function anySnapshot(): fc.Arbitrary<Snapshot> {
  const count = fc.nat({ max: 120 });
  const text = fc.string({ unit: "binary", maxLength: 90 });
  const [group] = GROWING.groups;
  if (group === undefined) throw new Error("the sample has no group");
  return fc
    .record({
      groups: fc.array(
        fc.record({ busy: count, idle: count, held: count, lost: count, max: count, desired: count, name: text }),
        { maxLength: 8 },
      ),
      stretches: fc.array(fc.record({ queued: count, runners: count }), { maxLength: 300 }),
      queued: count,
      aborted: count,
      text,
      problems: fc.array(text, { maxLength: 3 }),
      durationMs: fc.option(fc.integer({ min: 1, max: 10 ** 7 }), { nil: undefined }),
    })
    .map(({ groups, stretches, queued, aborted, text: said, problems, durationMs }) => ({
      ...GROWING,
      durationMs,
      steps: { ...GROWING.steps, queued, aborted },
      groups: groups.map(({ name, max, desired, ...phases }) => ({
        ...group,
        name,
        desired,
        numbers: { min: 0, max },
        phases,
      })),
      history: { most: 300, stretches },
      log: [{ at: GROWING.now, process: "controller", text: said }],
      problems,
    }));
}
