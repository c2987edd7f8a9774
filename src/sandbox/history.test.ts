import { expect, test } from "vitest";
import { History } from "./history.ts";

test("keeps the most of each stretch; a stretch without a look is as the one before", () => {
  const history = new History(1_000, 10, 8);
  history.note(1_000, { queued: 5, runners: 1 });
  history.note(1_009, { queued: 2, runners: 3 });
  history.note(1_035, { queued: 0, runners: 2 });
  expect(history.stretches).toEqual([
    { queued: 5, runners: 3 },
    { queued: 5, runners: 3 },
    { queued: 5, runners: 3 },
    { queued: 0, runners: 2 },
  ]);
});

test("outgrown, it keeps its whole course in longer stretches", () => {
  const history = new History(0, 10, 4);
  for (let at = 0; at < 90; at += 10) history.note(at, { queued: at, runners: 0 });
  expect(history.stretches.map(({ queued }) => queued)).toEqual([30, 70, 80]);
});
