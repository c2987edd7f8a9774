import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";
import {
  bareUuid,
  bracedUuid,
  carriesMark,
  groupKey,
  installationId,
  ownSelector,
  readScope,
  runnerName,
  scopeLabel,
  writeScope,
} from "./mark.ts";

const SCOPE = { workspace: { uuid: "{6321d246-a40a-4776-8497-372a41771e65}", slug: "woodpeckernew" } };

test("an installation is named by its cluster and its namespace", () => {
  const id = installationId("5e1f1c7e-0d3b-4a6c-9d4e-2f8a3b1c0d9e", "bitbucket-runner-control-plane");
  expect(id).toMatch(/^[a-z2-7]{8}$/);
  expect(installationId("5e1f1c7e-0d3b-4a6c-9d4e-2f8a3b1c0d9e", "other")).not.toBe(id);
  expect(installationId("another-cluster", "bitbucket-runner-control-plane")).not.toBe(id);
});

test("renames and label order change nothing about a group's key, labels and scope do", () => {
  const key = groupKey(SCOPE, ["a", "b"]);
  expect(groupKey({ workspace: { ...SCOPE.workspace, slug: "renamed" } }, ["b", "a", "b"])).toBe(key);
  expect(groupKey(SCOPE, ["a"])).not.toBe(key);
  expect(groupKey({ ...SCOPE, repository: { uuid: "{r}", slug: "r" } }, ["a", "b"])).not.toBe(key);
});

property.prop([fc.string({ minLength: 1, maxLength: 80 })])(
  "a runner's name fits into Bitbucket's 50 characters and carries the mark",
  (group) => {
    const name = runnerName(group, "abcdefgh", "zzzzzz");
    expect([...name].length).toBeLessThanOrEqual(50);
    expect(carriesMark({ name, labels: ["autoscaler.created"] }, "abcdefgh")).toBe(true);
    expect(carriesMark({ name, labels: [] }, "abcdefgh")).toBe(false);
    expect(carriesMark({ name, labels: ["autoscaler.created"] }, "abcdefgi")).toBe(false);
  },
);

test("a runner's name is its group's, cut where it must be", () => {
  expect(runnerName("Runner group 1", "abcdefgh", "zzzzzz")).toBe("Runner group 1 [abcdefgh-zzzzzz]");
  expect(runnerName("a".repeat(60), "abcdefgh", "zzzzzz")).toBe(`${"a".repeat(32)} [abcdefgh-zzzzzz]`);
});

test("a selector finds an installation's objects, those of a scope, or those of a group", () => {
  const own = "runners-autoscaler/installation=abcdefgh";
  expect(ownSelector("abcdefgh")).toBe(own);
  expect(ownSelector("abcdefgh", { scope: SCOPE })).toBe(`${own},runners-autoscaler/scope=${scopeLabel(SCOPE)}`);
  expect(ownSelector("abcdefgh", { groupKey: "key" })).toBe(`${own},runners-autoscaler/group=key`);
});

test("uuids lose and gain their braces", () => {
  expect(bareUuid("{a-b}")).toBe("a-b");
  expect(bracedUuid("a-b")).toBe("{a-b}");
  expect(bracedUuid("{a-b}")).toBe("{a-b}");
});

test("a scope survives its annotation; other text is none", () => {
  expect(readScope(writeScope(SCOPE))).toEqual(SCOPE);
  for (const text of [
    undefined,
    "",
    "null",
    "{}",
    '{"workspace":{"uuid":1,"slug":"x"}}',
    '{"workspace":{"uuid":"u","slug":"s"},"repository":3}',
  ]) {
    expect(readScope(text)).toBeUndefined();
  }
});
