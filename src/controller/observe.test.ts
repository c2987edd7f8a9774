import { describe, expect, test } from "vitest";
import { aGroup } from "../../test/support/groups.ts";
import { aJob, aRemote, INSTALLATION, LABELS, NOW } from "../../test/support/runners.ts";
import { GROUP_LABEL, groupKey } from "../domain/mark.ts";
import { managedGroups, runnersOf, type ScopeReading } from "./observe.ts";

const SCOPE = { workspace: { uuid: "{6321d246-a40a-4776-8497-372a41771e65}", slug: "woodpeckernew" } };
const GROUP = aGroup();
const KEY = groupKey(SCOPE, LABELS);

function reading(jobs: ScopeReading["jobs"]): ScopeReading {
  return {
    scope: SCOPE,
    startedAt: NOW,
    listing: { flavour: "internal", runners: [aRemote()], begunAt: NOW, serverTime: NOW },
    jobs,
    pods: [],
  };
}

const ours = (key: string) => aJob({ labels: { ...aJob().labels, [GROUP_LABEL]: key } });

describe("managedGroups", () => {
  test("are those of the configuration and those that only their Jobs remember", () => {
    const names = (retiredGroups: "known" | "unknown") =>
      managedGroups(reading([ours(KEY), ours("gone")]), { groups: [GROUP], retiredGroups }).map((group) => group.key);
    expect(names("known")).toEqual([KEY, "gone"]);
    expect(names("unknown")).toEqual([KEY]);
  });

  test("are one where two of the configuration mean the same runners", () => {
    const twin = { ...GROUP, name: "twin", workspace: "woodpeckernew", labels: LABELS.toReversed() };
    expect(
      managedGroups(reading([]), { groups: [GROUP, twin], retiredGroups: "known" }).map((group) => group.name),
    ).toEqual(["Runner group 1"]);
  });
});

test("a runner belongs to the group that its Job names, whatever its labels in Bitbucket became", () => {
  const edited = {
    ...reading([ours(KEY)]),
    listing: { ...reading([]).listing, runners: [aRemote({ labels: ["edited", "autoscaler.created"] })] },
  };
  const [group] = managedGroups(edited, { groups: [GROUP], retiredGroups: "known" });
  if (group === undefined) throw new Error("no group");
  expect(runnersOf(edited, group, INSTALLATION)).toHaveLength(1);
  const elsewhere = reading([ours("another")]);
  expect(runnersOf(elsewhere, group, INSTALLATION)).toHaveLength(0);
});
