import { describe, expect, test } from "vitest";
import { type Drain, isDrainProven, readDrain, writeDrain } from "./drain.ts";

const FRESH: Drain = { state: "draining", cause: "surplus", since: 0 };
const SEEN: Drain = {
  state: "condemned",
  cause: "unhealthy",
  since: 17,
  disabledSeen: { flavour: "internal", serverTime: 12 },
};

describe("the drain annotation", () => {
  test.each<[Drain]>([
    [FRESH],
    [SEEN],
    [{ state: "enabling", cause: "group-removed", since: 1 }],
    [{ ...SEEN, disabledSeen: { flavour: "public" } }],
    [{ ...SEEN, stepShown: true, idleSeen: { flavour: "internal", serverTime: 15 } }],
  ])("%j is read as it was written", (drain) => {
    expect(readDrain(writeDrain(drain))).toEqual(drain);
  });

  const written = (changes: object) => JSON.stringify({ v: 2, ...SEEN, ...changes });
  test.each([
    "",
    "yes",
    "null",
    "[]",
    written({ v: 3 }),
    written({ state: "gone" }),
    written({ cause: "whim" }),
    written({ since: "today" }),
    written({ disabledSeen: { flavour: "internal", serverTime: "today" } }),
    written({ disabledSeen: { flavour: "secret" } }),
    written({ stepShown: false }),
    written({ idleSeen: "yes" }),
  ])("what this version does not write is not understood: %s", (text) => {
    expect(readDrain(text)).toBe("not-understood");
  });

  test("the first version's counts, without its times, which were of the writer's clock", () => {
    const before = JSON.stringify({ ...FRESH, disabledSeenAt: 12, flavour: "internal" });
    expect(readDrain(before)).toEqual(FRESH);
  });

  test("none is none", () => {
    expect(readDrain(undefined)).toBeUndefined();
  });
});

test.each([
  ["surplus", true],
  ["unhealthy", true],
  ["silent", true],
  ["group-removed", true],
  ["adopted-disabled", true],
  ["never-connected", false],
  ["dead", false],
] as const)("%s is proven by the drain: %s", (cause, proven) => {
  expect(isDrainProven(cause)).toBe(proven);
});
