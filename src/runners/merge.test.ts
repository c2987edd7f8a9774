import { describe, expect, test } from "vitest";
import { aJob, aPod, aRemote, aRunner, aSecret, INSTALLATION, LABELS } from "../../test/support/runners.ts";
import type { JobRecord } from "../domain/cluster-objects.ts";
import { GROUP_LABEL, INSTALLATION_LABEL } from "../domain/mark.ts";
import { believedJobs } from "./job-of-runner.ts";
import { belongsTo, mergePlanes, type Planes } from "./merge.ts";

const OTHER = "{00000000-0000-4000-8000-000000000002}";
const nothing: Planes = {
  installation: INSTALLATION,
  remotes: [],
  jobs: [],
  pods: [],
  secrets: [],
  namespaces: new Set(["default"]),
  entries: {},
};

describe("mergePlanes", () => {
  test("one runner for each uuid on either plane, with what belongs to it", () => {
    const runners = mergePlanes(
      {
        ...nothing,
        remotes: [aRemote(), aRemote({ uuid: OTHER })],
        jobs: [aJob()],
        pods: [aPod(), aPod({ uid: "2", runnerUuid: undefined }), aPod({ uid: "3", runnerUuid: OTHER })],
        secrets: [aSecret()],
        entries: { [OTHER]: { disable: { by: "me" } } },
      },
      [],
    );
    const facts = runners.map(({ uuid, remote, job, pods, secret, isDisableOurs }) => [
      uuid,
      remote?.uuid,
      job?.uid,
      pods.map((pod) => pod.uid),
      secret?.uid,
      isDisableOurs,
    ]);
    const { uuid } = aRemote();
    expect(facts).toEqual([
      [uuid, uuid, aJob().uid, ["pod-1"], "secret-1", false],
      [OTHER, OTHER, undefined, ["3"], undefined, true],
    ]);
  });

  test("no runner for a pod or a Secret alone", () => {
    expect(mergePlanes({ ...nothing, pods: [aPod()], secrets: [aSecret()] }, [])).toEqual([]);
  });
});

describe("believedJobs", () => {
  const original = aJob();
  const copy = aJob({ uid: "copy", createdAt: original.createdAt + 1 });
  test.each<[string, JobRecord]>([
    ["a copy under another name", { ...copy, name: "copy" }],
    ["a younger one of its name in another namespace", { ...copy, namespace: "elsewhere" }],
    ["an older one where Jobs of ours are never made", { ...copy, namespace: "tenant", createdAt: 0 }],
    ["one that starts another runner", { ...copy, name: "runner-x", runnerUuid: OTHER }],
  ])("the runner's Job is not %s", (_what, other) => {
    for (const jobs of [
      [original, other],
      [other, original],
    ]) {
      const believed = believedJobs(jobs, new Set(["default", "elsewhere"]), INSTALLATION);
      expect([...believed.byUuid.values()]).toEqual([original]);
      expect(believed.unbelieved).toEqual([other]);
    }
  });

  test("the original's Job, which has no label of ours, is known by what it starts", () => {
    const unlabelled = aJob({ runnerUuid: OTHER, labels: {} });
    const believed = believedJobs([unlabelled], new Set(["default"]), INSTALLATION);
    expect([...believed.byUuid.keys()]).toEqual([OTHER.slice(1, -1)]);
  });

  test("other people's Jobs are no news", () => {
    const others = aJob({ labels: {}, name: "nightly", runnerUuid: undefined });
    expect(believedJobs([others], new Set(["default"]), INSTALLATION)).toEqual({ byUuid: new Map(), unbelieved: [] });
  });
});

describe("belongsTo", () => {
  const elsewhere = ["other", "self.hosted", "linux", "autoscaler.created"];
  test.each([
    ["its Job's label says so", aRunner(), "group", true],
    ["its Job's label names another group, whatever its labels in Bitbucket are", aRunner(), "another", false],
    [
      "its Job's label says so, whatever was edited in Bitbucket",
      aRunner({ remote: aRemote({ labels: elsewhere }) }),
      "group",
      true,
    ],
    ["its Job's label says so, and its registration is gone", aRunner({ remote: null }), "group", true],
    ["it has no Job, and the group's labels", aRunner({ job: null, pods: [] }), "another", true],
    [
      "it has no Job, and other labels",
      aRunner({ job: null, pods: [], remote: aRemote({ labels: elsewhere }) }),
      "group",
      false,
    ],
    [
      "a foreign Job names the group: its labels in Bitbucket count",
      aRunner({
        job: aJob({ labels: { [INSTALLATION_LABEL]: "another1", [GROUP_LABEL]: "another" } }),
      }),
      "group",
      true,
    ],
    [
      "a foreign Job without registration names the group",
      aRunner({
        remote: null,
        job: aJob({ labels: { [INSTALLATION_LABEL]: "another1", [GROUP_LABEL]: "group" } }),
      }),
      "group",
      false,
    ],
  ] as const)("%s", (_what, runner, key, belongs) => {
    expect(belongsTo(runner, key, LABELS)).toBe(belongs);
  });
});
