import { describe, expect, test } from "vitest";
import { type Drain, isDrainProven, readDrain, writeDrain } from "./drain.ts";

const FRESH: Drain = { state: "draining", cause: "surplus", since: 0 };
const SEEN = { state: "condemned", cause: "unhealthy", since: 17, disabledSeenAt: 12, flavour: "internal" } as const;

describe("the drain annotation", () => {
  test.each<Drain>([
    FRESH,
    SEEN,
    { state: "enabling", cause: "group-removed", since: 1 },
    { ...SEEN, flavour: "public" },
    { state: "draining", cause: "dead", since: 1, disabledSeenAt: 2 },
  ])("%j is read as it was written", (drain) => {
    expect(readDrain(writeDrain(drain))).toEqual(drain);
  });

  test.each([
    "",
    "yes",
    "null",
    "[]",
    JSON.stringify({ ...SEEN, state: "gone" }),
    JSON.stringify({ ...SEEN, cause: "whim" }),
    JSON.stringify({ ...SEEN, since: "today" }),
    JSON.stringify({ ...SEEN, disabledSeenAt: "today" }),
    JSON.stringify({ ...SEEN, flavour: "secret" }),
  ])("nonsense begins the drain anew, with nothing proven: %s", (text) => {
    expect(readDrain(text)).toEqual(FRESH);
  });

  test("none is none", () => {
    expect(readDrain(undefined)).toBeUndefined();
  });
});

test.each([
  ["surplus", true],
  ["unhealthy", true],
  ["group-removed", true],
  ["adopted-disabled", true],
  ["never-connected", false],
  ["dead", false],
] as const)("%s is proven by the drain: %s", (cause, proven) => {
  expect(isDrainProven(cause)).toBe(proven);
});
