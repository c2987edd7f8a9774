import { expect, test } from "vitest";
import { OrphanWatch } from "./orphans.ts";

const MINUTE_MS = 60_000;
const nothing = { registrations: [], jobs: [], secrets: [] };

test("a leftover is in hand until its time is over, and an orphan from then on", () => {
  const watch = new OrphanWatch();
  watch.look(0, { ...nothing, registrations: ["a"] });
  watch.look(5 * MINUTE_MS, { ...nothing, registrations: ["a"], jobs: ["b"] });
  expect(watch.orphans(12 * MINUTE_MS)).toEqual([]);
  expect(watch.halfWay(12 * MINUTE_MS).map(({ name }) => name)).toEqual(["a", "b"]);
  expect(watch.orphans(13 * MINUTE_MS)).toEqual([{ kind: "registration", name: "a", since: 0 }]);
  expect(watch.halfWay(13 * MINUTE_MS).map(({ name }) => name)).toEqual(["b"]);
});

test("one that went and came back counts from its return", () => {
  const watch = new OrphanWatch();
  watch.look(0, { ...nothing, secrets: ["a"] });
  watch.look(MINUTE_MS, nothing);
  watch.look(2 * MINUTE_MS, { ...nothing, secrets: ["a"] });
  expect(watch.halfWay(3 * MINUTE_MS)).toEqual([{ kind: "secret", name: "a", since: 2 * MINUTE_MS }]);
});
