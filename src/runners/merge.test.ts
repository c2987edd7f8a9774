import { describe, expect, test } from "vitest";
import { aJob, aPod, aRemote, aRunner, aSecret, INSTALLATION, LABELS, NOW } from "../../test/support/runners.ts";
import { GROUP_LABEL, INSTALLATION_LABEL, RUNNER_UUID_LABEL } from "../domain/mark.ts";
import { belongsTo, mergeRunners } from "./merge.ts";

const OTHER = "{00000000-0000-4000-8000-000000000002}";
const nothing = { installation: INSTALLATION, remotes: [], jobs: [], pods: [], secrets: [], readAt: NOW };

describe("mergeRunners", () => {
  test("one runner for each uuid on either plane, with what belongs to it", () => {
    const runners = mergeRunners(
      {
        ...nothing,
        remotes: [aRemote(), aRemote({ uuid: OTHER })],
        jobs: [aJob()],
        pods: [aPod(), aPod({ uid: "2", runnerUuid: undefined }), aPod({ uid: "3", runnerUuid: OTHER })],
        secrets: [aSecret()],
      },
      undefined,
    );
    const facts = runners.map(({ uuid, remote, job, pods, secret }) => [
      uuid,
      remote?.uuid,
      job?.uid,
      pods.map((pod) => pod.uid),
      secret?.uid,
    ]);
    const { uuid } = aRemote();
    expect(facts).toEqual([
      [uuid, uuid, aJob().uid, ["pod-1"], "secret-1"],
      [OTHER, OTHER, undefined, ["3"], undefined],
    ]);
  });

  test("no runner for a pod or a Secret alone", () => {
    expect(mergeRunners({ ...nothing, pods: [aPod()], secrets: [aSecret()] }, undefined)).toEqual([]);
  });

  test.each([0, 1])("of two Jobs that name one uuid the marked one is its Job, whatever their order (%i)", (first) => {
    const copy = aJob({ uid: "copy", labels: { [RUNNER_UUID_LABEL]: aRemote().uuid.slice(1, -1) } });
    const jobs = [aJob(), copy];
    const [runner] = mergeRunners(
      { ...nothing, remotes: [aRemote()], jobs: first === 0 ? jobs : jobs.toReversed() },
      undefined,
    );
    expect(runner).toMatchObject({ job: { uid: aJob().uid }, ownership: "ours" });
  });

  test("a Job is its label's runner's, else that of what it starts", () => {
    const labelled = aJob({ runnerUuid: OTHER, labels: { [RUNNER_UUID_LABEL]: aRemote().uuid.slice(1, -1) } });
    const unlabelled = aJob({ runnerUuid: OTHER, labels: {} });
    const uuidOf = (job: typeof labelled) => mergeRunners({ ...nothing, jobs: [job] }, undefined)[0]?.uuid;
    expect(uuidOf(labelled)).toBe(aRemote().uuid);
    expect(uuidOf(unlabelled)).toBe(OTHER);
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
