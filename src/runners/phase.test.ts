import { describe, expect, test } from "vitest";
import { aContainer, aJob, anEndedPod, aPendingPod, aPod, aRemote, aRunner, NOW } from "../../test/support/runners.ts";
import type { Drain } from "../domain/drain.ts";
import { DRAIN_ANNOTATION } from "../domain/mark.ts";
import { LEFTOVER_AGE_MS } from "../domain/times.ts";

const drain = (state: Drain["state"]): Drain => ({ state, cause: "surplus", since: NOW });

const CRASHING = aContainer({ name: "docker", role: "helper", state: "waiting", reason: "CrashLoopBackOff" });

describe("phaseOf", () => {
  test.each([
    ["idle", {}],
    ["busy", { remote: aRemote({ busy: "busy" }) }],
    ["unknown", { remote: aRemote({ busy: "unknown" }) }],
    ["unknown", { remote: aRemote({ status: "OTHER" }) }],
    ["starting", { remote: aRemote({ status: "UNREGISTERED", connected: false }), pods: [aPendingPod()] }],
    ["starting", { remote: aRemote({ status: "UNREGISTERED", connected: false }), pods: [] }],
    ["lost", { remote: aRemote({ status: "OFFLINE" }) }],
    ["lost", { remote: aRemote({ status: "UNHEALTHY" }) }],
    ["lost", { pods: [] }],
    ["busy", { remote: aRemote({ busy: "busy" }), pods: [] }],
    ["idle", { pods: [anEndedPod()], job: aJob({ pods: { active: 0, succeeded: 0, failed: 1 } }) }],
    ["lost", { pods: [aPod({ containers: [aContainer({ state: "terminated", exitCode: 0 })] })] }],
    ["lost", { pods: [aPod({ containers: [aContainer(), CRASHING] })] }],
    ["busy", { remote: aRemote({ busy: "busy" }), pods: [aPod({ containers: [aContainer(), CRASHING] })] }],
    ["lost", { job: aJob({ state: "failed" }) }],
    ["lost", { job: aJob({ deleting: true }) }],
    ["held", { remote: aRemote({ status: "DISABLED" }) }],
    ["held", { remote: aRemote({ cordoned: true, busy: "busy" }) }],
    ["held", { remote: aRemote({ status: "DISABLED" }), job: null, pods: [] }],
    ["held", { job: aJob({ annotations: { [DRAIN_ANNOTATION]: "a newer version's" } }) }],
    ["draining", { remote: aRemote({ status: "DISABLED" }), entry: { disable: { by: "another" } } }],
    ["starting", { remote: null }],
    ["starting", { remote: null, lasting: { unregistered: LEFTOVER_AGE_MS } }],
    ["orphan", { remote: null, lasting: { unregistered: LEFTOVER_AGE_MS + 1 } }],
    ["orphan", { remote: null, lasting: { everRegistered: 1 } }],
    ["orphan", { remote: null, job: aJob({ state: "failed" }) }],
    ["orphan", { remote: null, job: aJob({}, drain("draining")) }],
    ["orphan", { job: null, pods: [] }],
    ["draining", { job: aJob({}, drain("draining")) }],
    ["draining", { remote: aRemote({ status: "DISABLED", busy: "busy" }), job: aJob({}, drain("draining")) }],
    ["condemned", { remote: aRemote({ status: "DISABLED" }), job: aJob({}, drain("condemned")) }],
    ["condemned", { remote: null, job: aJob({}, drain("condemned")) }],
    ["starting", { remote: aRemote({ status: "DISABLED" }), job: aJob({}, drain("enabling")) }],
    ["idle", { job: aJob({}, drain("enabling")) }],
    ["foreign", { remote: aRemote({ name: "mine", labels: ["self.hosted"] }), job: null, pods: [] }],
  ] as const)("%s: %j", (phase, sides) => {
    expect(aRunner(sides).phase).toBe(phase);
  });

  test("a runner whose pod is twice there is still served by its agent", () => {
    expect(aRunner({ pods: [aPod(), aPod({ uid: "pod-2" })] }).phase).toBe("idle");
  });
});
