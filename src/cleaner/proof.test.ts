import { expect, test } from "vitest";
import { aRemote } from "../../test/support/runners.ts";
import { hasNeverConnected } from "./proof.ts";

test.each([
  [true, aRemote({ status: "UNREGISTERED", connected: false })],
  // It has a version: it was connected once, whatever its status says.
  [false, aRemote({ status: "UNREGISTERED", connected: true })],
  [false, aRemote({ status: "OFFLINE", connected: false })],
  [false, aRemote()],
  [false, undefined],
] as const)("has never connected: %s (%j)", (never, remote) => {
  expect(hasNeverConnected(remote)).toBe(never);
});
