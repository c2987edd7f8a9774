import { describe, expect, test } from "vitest";
import { aJob, aRemote, INSTALLATION, LABELS } from "../../test/support/runners.ts";
import { ownershipOf } from "./ownership.ts";

const GROUP = { labels: LABELS, namespace: "default" };
const UNMARKED = { labels: {} };
const OTHERS = { labels: { "runners-autoscaler/installation": "zzzzzzzz" } };
const ORIGINAL = aRemote({ name: "Runner group 1" });

describe("ownershipOf", () => {
  test.each([
    ["name and label carry the mark, no Job yet", aRemote(), undefined, undefined, "ours"],
    ["the ledger has it, the name was changed by hand", aRemote({ name: "renamed" }), aJob(), {}, "ours"],
    [
      "a Job's labels alone: anybody could write them",
      aRemote({ name: "mine", labels: ["linux"] }),
      aJob(),
      undefined,
      "foreign",
    ],
    ["the Job carries the mark, the registration is gone", undefined, aJob(), undefined, "ours"],
    ["another installation's mark on the Job", aRemote(), aJob(OTHERS), undefined, "foreign"],
    [
      "another installation's mark in the name",
      aRemote({ name: "g [zzzzzzzz-aaaaaa]" }),
      undefined,
      undefined,
      "foreign",
    ],
    [
      "another installation's mark in the name, and a Job that fits",
      aRemote({ name: "g [zzzzzzzz-aaaaaa]" }),
      aJob(UNMARKED),
      undefined,
      "foreign",
    ],
    [
      "the mark in the name without the autoscaler's label",
      aRemote({ labels: ["self.hosted", "linux"] }),
      undefined,
      undefined,
      "foreign",
    ],
    ["made by hand", aRemote({ name: "mine", labels: ["self.hosted", "linux"] }), undefined, undefined, "foreign"],
    ["the original's, its Job in the group's namespace", ORIGINAL, aJob(UNMARKED), undefined, "adoptable"],
    ["the original's, marked already: the ledger was lost", ORIGINAL, aJob(), undefined, "adoptable"],
    [
      "the original's, label order differs",
      { ...ORIGINAL, labels: LABELS.toReversed() },
      aJob(UNMARKED),
      undefined,
      "adoptable",
    ],
    ["the original's, its Job elsewhere", ORIGINAL, aJob({ ...UNMARKED, namespace: "other" }), undefined, "foreign"],
    [
      "the original's, its Job starts none or another",
      ORIGINAL,
      { ...aJob(UNMARKED), runnerUuid: undefined },
      undefined,
      "foreign",
    ],
    ["the original's, no Job here: perhaps another cluster's", ORIGINAL, undefined, undefined, "foreign"],
    [
      "the original's, other labels",
      { ...ORIGINAL, labels: [...LABELS, "more"] },
      aJob(UNMARKED),
      undefined,
      "foreign",
    ],
    ["adopted", ORIGINAL, aJob(), { adopted: true }, "ours"],
    ["adopted, and its Job not marked yet", ORIGINAL, aJob(UNMARKED), { adopted: true }, "adoptable"],
    ["a Job without registration and mark", undefined, aJob(UNMARKED), undefined, "foreign"],
  ] as const)("%s", (_what, remote, job, entry, ownership) => {
    expect(ownershipOf({ remote, job, entry, installation: INSTALLATION, groups: [GROUP] })).toBe(ownership);
  });

  test("nobody is adopted where no group asks", () => {
    const claim = { remote: ORIGINAL, job: aJob(UNMARKED), entry: undefined, installation: INSTALLATION, groups: [] };
    expect(ownershipOf(claim)).toBe("foreign");
  });
});
