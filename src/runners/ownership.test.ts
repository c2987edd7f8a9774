import { describe, expect, test } from "vitest";
import { aJob, aRemote, INSTALLATION, LABELS } from "../../test/support/runners.ts";
import { ownershipOf } from "./ownership.ts";

const GROUP = { labels: LABELS, namespace: "default" };
const UNMARKED = { labels: {} };
const ORIGINAL = aRemote({ name: "Runner group 1" });

describe("ownershipOf", () => {
  test.each([
    ["name and label carry the mark, no Job yet", aRemote(), undefined, "ours"],
    ["the Job carries the mark, the name was changed by hand", aRemote({ name: "renamed" }), aJob(), "ours"],
    ["the Job carries the mark, the registration is gone", undefined, aJob(), "ours"],
    [
      "another installation's mark on the Job",
      aRemote(),
      aJob({ labels: { "runners-autoscaler/installation": "zzzzzzzz" } }),
      "foreign",
    ],
    ["another installation's mark in the name", aRemote({ name: "g [zzzzzzzz-aaaaaa]" }), undefined, "foreign"],
    [
      "the mark in the name without the autoscaler's label",
      aRemote({ labels: ["self.hosted", "linux"] }),
      undefined,
      "foreign",
    ],
    ["made by hand", aRemote({ name: "mine", labels: ["self.hosted", "linux"] }), undefined, "foreign"],
    ["the original's, its Job in the group's namespace", ORIGINAL, aJob(UNMARKED), "adoptable"],
    ["the original's, label order differs", { ...ORIGINAL, labels: LABELS.toReversed() }, aJob(UNMARKED), "adoptable"],
    ["the original's, its Job elsewhere", ORIGINAL, aJob({ ...UNMARKED, namespace: "other" }), "foreign"],
    ["the original's, no Job here: perhaps another cluster's", ORIGINAL, undefined, "foreign"],
    ["the original's, other labels", { ...ORIGINAL, labels: [...LABELS, "more"] }, aJob(UNMARKED), "foreign"],
    ["a Job without registration and mark", undefined, aJob(UNMARKED), "foreign"],
  ] as const)("%s → %s", (_what, remote, job, ownership) => {
    expect(ownershipOf(remote, job, INSTALLATION, GROUP)).toBe(ownership);
  });

  test("nobody is adopted where no group asks", () => {
    expect(ownershipOf(ORIGINAL, aJob(UNMARKED), INSTALLATION, undefined)).toBe("foreign");
  });
});
