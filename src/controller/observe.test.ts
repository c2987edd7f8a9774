import { describe, expect, test } from "vitest";
import { aGroup } from "../../test/support/groups.ts";
import { aJob, aRemote, aRunner, LABELS } from "../../test/support/runners.ts";
import { GROUP_LABEL, groupKey, INSTALLATION_LABEL } from "../domain/mark.ts";
import { managedGroups, runnersOf } from "./observe.ts";

const SCOPE = { workspace: { uuid: "{6321d246-a40a-4776-8497-372a41771e65}", slug: "woodpeckernew" } };
const GROUP = aGroup();
const KEY = groupKey(SCOPE, LABELS);
const NOBODY: ReadonlySet<string> = new Set();

const ours = (key: string) => aRunner({ job: aJob({ labels: { ...aJob().labels, [GROUP_LABEL]: key } }) });

describe("managedGroups", () => {
  test("are those of the configuration and those that only their Jobs remember, but for those that are not decided yet", () => {
    const keys = (undecidedKeys: ReadonlySet<string>) =>
      managedGroups({ scope: SCOPE, runners: [ours(KEY), ours("gone")] }, { groups: [GROUP], undecidedKeys }).map(
        (group) => group.key,
      );
    expect(keys(NOBODY)).toEqual([KEY, "gone"]);
    expect(keys(new Set(["another"]))).toEqual([KEY, "gone"]);
    expect(keys(new Set(["gone"]))).toEqual([KEY]);
  });

  test("are one where two of the configuration mean the same runners", () => {
    const twin = { ...GROUP, name: "twin", workspace: "woodpeckernew", labels: LABELS.toReversed() };
    const groups = managedGroups({ scope: SCOPE, runners: [] }, { groups: [GROUP, twin], undecidedKeys: NOBODY });
    expect(groups.map((group) => group.name)).toEqual(["Runner group 1"]);
  });

  test("no group comes from a Job that is not ours", () => {
    const job = aJob({ labels: { [INSTALLATION_LABEL]: "zzzzzzzz", [GROUP_LABEL]: "theirs" } });
    expect(managedGroups({ scope: SCOPE, runners: [aRunner({ job })] }, { groups: [], undecidedKeys: NOBODY })).toEqual(
      [],
    );
  });
});

test("a runner belongs to the group that its Job names, whatever its labels in Bitbucket became", () => {
  const [group] = managedGroups({ scope: SCOPE, runners: [] }, { groups: [GROUP], undecidedKeys: NOBODY });
  if (group === undefined) throw new Error("no group");
  const { job } = ours(KEY);
  const edited = aRunner({ remote: aRemote({ labels: ["edited", "autoscaler.created"] }), job: job ?? null });
  expect(runnersOf({ runners: [edited] }, group)).toHaveLength(1);
  expect(runnersOf({ runners: [ours("another")] }, group)).toHaveLength(0);
});
