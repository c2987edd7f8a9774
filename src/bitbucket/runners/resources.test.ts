import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { aRunnerResource } from "../../../test/support/scripted-bitbucket.ts";
import { parseStamp, RunnerResource, remoteRunner } from "./resources.ts";

const reading = { showsSteps: true };
const runner = (resource: unknown, showsSteps = true) =>
  remoteRunner(RunnerResource.parse(resource), { ...reading, showsSteps });
const step = { type: "PIPELINE_STEP", uuid: "{step}" };

describe("remoteRunner", () => {
  test("reads a runner as documented, whatever else it has", () => {
    expect(runner({ ...aRunnerResource("{1}"), surprise: { a: [1] } })).toEqual({
      uuid: "{1}",
      name: "name of {1}",
      labels: ["self.hosted", "linux", "gke.runner"],
      status: "ONLINE",
      cordoned: false,
      busy: "idle",
      connected: true,
      createdAt: Date.UTC(2026, 10, 23, 8),
      stateUpdatedAt: Date.UTC(2026, 10, 23, 9, 0, 0, 123),
    });
  });

  test.each([
    [{ uuid: "{1}" }],
    [{ uuid: "{1}", name: null, labels: null, state: null, created_on: null }],
    [{ uuid: "{1}", state: {} }],
  ])("what is missing is taken so that nothing is removed for it: %j", (resource) => {
    expect(runner(resource, false)).toEqual({
      uuid: "{1}",
      name: "",
      labels: [],
      status: "OTHER",
      cordoned: false,
      busy: "unknown",
      connected: false,
      createdAt: undefined,
      stateUpdatedAt: undefined,
    });
  });

  test.each([
    ["UNREGISTERED", "UNREGISTERED"],
    ["ENABLED", "ENABLED"],
    ["UNHEALTHY", "UNHEALTHY"],
    ["online", "OTHER"],
    ["QUARANTINED", "OTHER"],
    ["toString", "OTHER"],
    ["", "OTHER"],
  ])("status %j is %s", (status, expected) => {
    expect(runner(aRunnerResource("{1}", { status })).status).toBe(expected);
  });

  test.each([
    // step        steps shown  busy
    [step, true, "busy"],
    [step, false, "busy"],
    [{}, false, "busy"],
    [null, true, "idle"],
    [undefined, true, "idle"],
    [null, false, "unknown"],
    [undefined, false, "unknown"],
  ])("step %j, steps shown %s → %s", (shown, showsSteps, busy) => {
    expect(runner(aRunnerResource("{1}", { step: shown }), showsSteps).busy).toBe(busy);
  });

  test("a disabled runner can be busy", () => {
    expect(runner(aRunnerResource("{1}", { status: "DISABLED", step }))).toMatchObject({
      status: "DISABLED",
      busy: "busy",
    });
  });

  test.each<[string, Record<string, unknown>, boolean]>([
    ["never seen", { status: "UNREGISTERED" }, false],
    ["disabled before its first contact", { status: "DISABLED", cordoned: true }, false],
    ["enabled before its first contact", { status: "ENABLED", version: null }, false],
    ["with the recommended version only", { status: "UNREGISTERED", version: { current: "3.9.0" } }, false],
    ["disabled later", { status: "DISABLED", version: { version: "3.8.0", current: "3.9.0" } }, true],
    ["with its version as text", { status: "DISABLED", version: "3.8.0" }, true],
    ["online", { status: "ONLINE" }, true],
    ["offline", { status: "OFFLINE" }, true],
    ["unhealthy", { status: "UNHEALTHY" }, true],
    ["of unknown status, with a step", { status: "NEW", step }, true],
    ["of unknown status", { status: "NEW" }, false],
  ])("connected, %s: %j → %s", (_what, state, connected) => {
    expect(runner(aRunnerResource("{1}", state)).connected).toBe(connected);
  });

  test.each([
    ["no uuid", {}],
    ["an empty uuid", { uuid: "" }],
    ["labels that are none", { uuid: "{1}", labels: [7] }],
    ["a cordon that is neither", { uuid: "{1}", state: { cordoned: "yes" } }],
    ["no object", "runner"],
    ["nothing", null],
  ])("refuses %s", (_what, resource) => {
    expect(RunnerResource.safeParse(resource).success).toBe(false);
  });
});

describe("parseStamp", () => {
  test.each([
    ["2026-11-23T10:00:00.123456789Z", Date.UTC(2026, 10, 23, 10, 0, 0, 123)],
    ["2026-11-23T10:00:00.5+00:00", Date.UTC(2026, 10, 23, 10, 0, 0, 500)],
    ["2026-11-23T10:00:00Z", Date.UTC(2026, 10, 23, 10)],
    ["2026-11-23T12:30:00+0230", Date.UTC(2026, 10, 23, 10)],
    ["2026-11-23 10:00:00.000001", Date.UTC(2026, 10, 23, 10)],
    ["2026-11-23", undefined],
    ["yesterday", undefined],
    ["2026-13-40T99:00:00Z", undefined],
    ["", undefined],
    [null, undefined],
    [undefined, undefined],
  ])("%j → %j", (stamp, at) => {
    expect(parseStamp(stamp)).toBe(at);
  });

  test.prop([
    fc.date({ min: new Date(0), max: new Date("9999-12-31T00:00:00Z"), noInvalidDate: true }),
    fc.nat(999_999),
  ])("reads every moment to its millisecond, whatever comes behind it", (date, nanoseconds) => {
    const stamp = date.toISOString().replace("Z", `${String(nanoseconds).padStart(6, "0")}Z`);
    expect(parseStamp(stamp)).toBe(date.getTime());
  });
});
