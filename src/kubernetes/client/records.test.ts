import { describe, expect, test } from "vitest";
import { configMapRecord, jobRecord, podRecord, secretRecord } from "./records.ts";

const UUID = "6d0f1a7e-1111-4222-8333-444455556666";
const metadata = {
  namespace: "ci",
  name: "runner-1",
  uid: "u-1",
  resourceVersion: "opaque/7",
  creationTimestamp: "2026-03-01T10:00:00Z",
};
const names = { namespace: "ci", name: "runner-1", uid: "u-1", createdAt: Date.UTC(2026, 2, 1, 10) };
const env = (value?: string) => [
  { name: "OTHER", value: "x" },
  { name: "RUNNER_UUID", ...(value !== undefined && { value }) },
];

const job = (more: Record<string, unknown> = {}) => ({
  metadata,
  spec: { template: { spec: { containers: [{ name: "runner", env: env(`{${UUID}}`) }] } } },
  ...more,
});

describe("a Job", () => {
  test("with nothing optional", () => {
    expect(jobRecord(job())).toEqual({
      ...names,
      resourceVersion: "opaque/7",
      labels: {},
      annotations: {},
      runnerUuid: `{${UUID}}`,
      state: "active",
      deleting: false,
      pods: { active: 0, succeeded: 0, failed: 0 },
    });
  });

  test("with labels, annotations, and a deletion under way", () => {
    const marks = { labels: { a: "b" }, annotations: { c: "d" } };
    const deletion = { deletionTimestamp: "2026-03-01T11:00:00Z" };
    expect(jobRecord(job({ metadata: { ...metadata, ...marks, ...deletion } }))).toMatchObject({
      ...marks,
      deleting: true,
    });
  });

  test.each([
    [[], "active"],
    [[{ type: "Suspended", status: "True" }], "active"],
    [[{ type: "FailureTarget", status: "True" }], "active"],
    [[{ type: "SuccessCriteriaMet", status: "True" }], "active"],
    [[{ type: "Complete", status: "False" }], "active"],
    [[{ type: "Complete", status: "True" }], "complete"],
    [
      [
        { type: "Suspended", status: "False" },
        { type: "Failed", status: "True" },
      ],
      "failed",
    ],
  ])("whose conditions are %j is %s", (conditions, state) => {
    expect(jobRecord(job({ status: { conditions } })).state).toBe(state);
  });

  const template = (containers: unknown[], labels?: Record<string, string>) => ({
    template: { ...(labels && { metadata: { labels } }), spec: { containers } },
  });
  test.each<[string, Record<string, unknown>, Record<string, string>, string | undefined]>([
    ["of the variable, without braces", template([{ env: env(UUID) }]), {}, `{${UUID}}`],
    ["of the variable, in a later container", template([{}, { env: env(`{${UUID}}`) }]), {}, `{${UUID}}`],
    [
      "of the variable before any label",
      template([{ env: env(UUID) }], { runner_uuid: "a" }),
      { runner_uuid: "b" },
      `{${UUID}}`,
    ],
    [
      "of the Job's label, when the variable comes from elsewhere",
      template([{ env: env() }]),
      { runner_uuid: UUID },
      `{${UUID}}`,
    ],
    ["of the pod template's label", template([{ env: null }], { runner_uuid: UUID }), {}, `{${UUID}}`],
    ["of none", template([{ env: env("") }]), { runner_uuid: "" }, undefined],
  ])("is the runner %s", (_, spec, labels, expected) => {
    expect(jobRecord(job({ metadata: { ...metadata, labels }, spec })).runnerUuid).toBe(expected);
  });

  test.each<[string, unknown, RegExp]>([
    ["nothing", undefined, /Job that cannot be read: the whole/],
    ["one without uid", job({ metadata: { ...metadata, uid: undefined } }), /metadata\.uid/],
    [
      "one with an odd time",
      job({ metadata: { ...metadata, creationTimestamp: "yesterday" } }),
      /metadata\.creationTimestamp/,
    ],
    ["one without spec", { metadata }, /: spec/],
  ])("is not read from %s", (_, object, message) => {
    expect(() => jobRecord(object)).toThrow(message);
  });
});

describe("a pod", () => {
  const pod = (status: Record<string, unknown> = {}, meta: Record<string, unknown> = {}) => ({
    metadata: { ...metadata, ...meta },
    spec: { containers: [{ name: "runner", env: env(UUID) }] },
    status,
  });

  test("of a runner's Job", () => {
    const ownerReferences = [
      { kind: "Job", uid: "no-controller" },
      { kind: "Job", uid: "job-uid", controller: true },
    ];
    const labels = { "job-name": "runner-1" };
    expect(podRecord(pod({ phase: "Running" }, { ownerReferences, labels }))).toEqual({
      ...names,
      jobUid: "job-uid",
      jobName: "runner-1",
      runnerUuid: `{${UUID}}`,
      phase: "Running",
      deleting: false,
      restartPolicy: "Always",
      why: undefined,
      containers: [],
    });
  });

  test("of nobody", () => {
    const record = podRecord({ metadata });
    expect(record).toMatchObject({ jobUid: undefined, jobName: undefined, runnerUuid: undefined, phase: "Unknown" });
  });

  test.each(["Pending", "Running", "Succeeded", "Failed"])("in phase %s", (phase) => {
    expect(podRecord(pod({ phase })).phase).toBe(phase);
  });

  test("in a phase that is new to us is in an unknown one", () => {
    expect(podRecord(pod({ phase: "Hibernating" })).phase).toBe("Unknown");
  });

  const ended = { terminated: { exitCode: 1, startedAt: null } };
  test.each<[string, Record<string, unknown>, string, boolean]>([
    [
      "waiting for its image",
      { state: { waiting: { reason: "ContainerCreating" } }, restartCount: 0 },
      "waiting",
      false,
    ],
    ["whose state is not told", { state: {} }, "waiting", false],
    ["whose status has just begun", {}, "waiting", false],
    ["running", { state: { running: { startedAt: "2026-03-01T10:00:00Z" } } }, "running", true],
    ["ended", { state: ended }, "terminated", true],
    ["crashing: restarted", { state: { waiting: {} }, restartCount: 2 }, "waiting", true],
    ["crashing: an earlier end is told", { state: { waiting: {} }, lastState: ended }, "waiting", true],
  ])("with a container that is %s", (_, status, state, everStarted) => {
    const record = podRecord(pod({ containerStatuses: [{ name: "runner", ...status }] }));
    expect(record.containers).toMatchObject([{ name: "runner", role: "agent", state, everStarted }]);
  });

  test.each([
    [{ state: ended }, { exitCode: 1, reason: undefined }],
    [{ state: { terminated: { exitCode: 0, reason: "Completed" } } }, { exitCode: 0, reason: "Completed" }],
    [{ state: { waiting: { reason: "ImagePullBackOff" } } }, { exitCode: undefined, reason: "ImagePullBackOff" }],
    [{ state: { running: {} } }, { exitCode: undefined, reason: undefined }],
  ])("with a container that tells why it does not run: %j", (status, told) => {
    expect(podRecord(pod({ containerStatuses: [{ name: "runner", ...status }] })).containers).toMatchObject([told]);
  });

  test.each([
    ["OnFailure", "OnFailure"],
    ["Never", "Never"],
    [undefined, "Always"],
    ["Whenever", "Always"],
  ])("whose restart policy is %s starts its containers again: %s", (restartPolicy, read) => {
    expect(podRecord({ metadata, spec: { restartPolicy } }).restartPolicy).toBe(read);
  });

  const unscheduled = {
    type: "PodScheduled",
    status: "False",
    reason: "Unschedulable",
    message: "0/3 nodes\nare available",
  };
  test.each([
    [{ conditions: [unscheduled] }, "Unschedulable: 0/3 nodes are available"],
    [{ conditions: [{ ...unscheduled, status: "True" }] }, undefined],
    [
      { reason: "Evicted", message: "The node was low on memory.", conditions: [unscheduled] },
      "Evicted: The node was low on memory.",
    ],
    [{ message: "x".repeat(5_000) }, "x".repeat(200)],
  ])("that says why it waits or ended, on one line: %j", (status, why) => {
    expect(podRecord(pod(status)).why).toBe(why);
  });

  test("counts init containers too", () => {
    const [initContainerStatuses, containerStatuses] = [[{ name: "init", state: ended }], [{ name: "runner" }]];
    const { containers } = podRecord(pod({ initContainerStatuses, containerStatuses }));
    expect(containers.map(({ name }) => name)).toEqual(["init", "runner"]);
  });
});

test("a Job's status counts its pods", () => {
  const counted = jobRecord({ ...job(), status: { active: 1, failed: 2, succeeded: 3, ready: 1 } });
  expect(counted.pods).toEqual({ active: 1, failed: 2, succeeded: 3 });
});

test("a ConfigMap is its labels and its data", () => {
  const { createdAt: _, ...own } = names;
  expect(configMapRecord({ metadata, data: { a: "1" } })).toEqual({
    ...own,
    resourceVersion: "opaque/7",
    labels: {},
    data: { a: "1" },
  });
  expect(configMapRecord({ metadata }).data).toEqual({});
});

describe("a Secret", () => {
  test("is its metadata, and which Job owns it", () => {
    const ownerReferences = [
      { kind: "ConfigMap", uid: "no" },
      { kind: "Job", uid: "job-uid" },
    ];
    expect(secretRecord({ kind: "PartialObjectMetadata", metadata: { ...metadata, ownerReferences } })).toEqual({
      ...names,
      resourceVersion: "opaque/7",
      labels: {},
      annotations: {},
      ownerJobUid: "job-uid",
    });
  });

  test("keeps no data, should the server send it all the same", () => {
    expect(JSON.stringify(secretRecord({ metadata, data: { k: "aHVudGVyMg==" } }))).not.toContain("aHVudGVyMg");
  });
});

test("the agent is the container that knows the runner's uuid; where none does, each could be it", () => {
  const statuses = {
    initContainerStatuses: [{ name: "setup", state: { terminated: {} } }],
    containerStatuses: [
      { name: "runner", state: { running: {} } },
      { name: "docker", state: { running: {} } },
    ],
  };
  const roles = (containers: readonly object[]) => {
    const podMetadata = {
      name: "p",
      namespace: "n",
      uid: "u",
      resourceVersion: "1",
      creationTimestamp: "2026-01-01T00:00:00Z",
    };
    const record = podRecord({
      metadata: podMetadata,
      spec: { containers },
      status: { phase: "Running", ...statuses },
    });
    return record.containers.map(({ role }) => role);
  };
  const agentEnv = [{ name: "RUNNER_UUID", value: "{a}" }];
  expect(roles([{ name: "runner", env: agentEnv }, { name: "docker" }])).toEqual(["init", "agent", "helper"]);
  expect(roles([{ name: "runner" }, { name: "docker" }])).toEqual(["init", "agent", "agent"]);
});
