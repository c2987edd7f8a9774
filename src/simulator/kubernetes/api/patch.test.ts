import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { jsonPatch, mergePatch, strategicMergePatch } from "./patch.ts";

describe("merge patch", () => {
  test.each([
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: { b: "c", d: "e" } }, { a: { b: null } }, { a: { d: "e" } }],
    [{ a: [1, 2] }, { a: [3] }, { a: [3] }],
    [{}, { a: { b: { c: null } } }, { a: { b: {} } }],
    [{ a: "b" }, { a: { c: 1 } }, { a: { c: 1 } }],
  ])("%j with %j is %j", (target, patch, expected) => {
    expect(mergePatch(target, patch)).toEqual(expected);
  });

  property.prop([fc.jsonValue(), fc.jsonValue()])(
    "done twice is done once, and the target stays as it was",
    (target, patch) => {
      const before = structuredClone(target);
      const once = mergePatch(target, patch);
      expect(mergePatch(once, patch)).toEqual(once);
      expect(target).toEqual(before);
    },
  );
});

describe("strategic merge patch", () => {
  const containers = [
    { name: "a", image: "x", args: ["1"] },
    { name: "b", image: "y" },
  ];
  test.each([
    [
      "by name",
      { containers },
      { containers: [{ name: "b", image: "z" }] },
      { containers: [containers[0], { name: "b", image: "z" }] },
    ],
    ["a new one", { containers }, { containers: [{ name: "c" }] }, { containers: [...containers, { name: "c" }] }],
    ["one away", { containers }, { containers: [{ name: "a", $patch: "delete" }] }, { containers: [containers[1]] }],
    ["order is only a wish", { containers }, { "$setElementOrder/containers": [{ name: "b" }] }, { containers }],
    ["other lists whole", { args: ["1"] }, { args: ["2"] }, { args: ["2"] }],
    [
      "finalizers as a set (1.34.4)",
      { finalizers: ["a/b", "c/d"] },
      { finalizers: ["e/f"], "$deleteFromPrimitiveList/finalizers": ["a/b"] },
      { finalizers: ["e/f", "c/d"] },
    ],
    ["keys retained", { a: 1, b: 2 }, { $retainKeys: ["b"], b: 3 }, { b: 3 }],
    ["a map replaced", { a: { b: 1 } }, { a: { $patch: "replace", c: 2 } }, { a: { c: 2 } }],
  ])("%s", (_what, target, patch, expected) => {
    expect(strategicMergePatch(target, patch)).toEqual(expected);
  });
});

describe("JSON patch", () => {
  test.each([
    ["add into a list", { a: [1, 3] }, [{ op: "add", path: "/a/1", value: 2 }], { a: [1, 2, 3] }],
    ["add at its end", { a: [1] }, [{ op: "add", path: "/a/-", value: 2 }], { a: [1, 2] }],
    ["remove from it", { a: [1, 2] }, [{ op: "remove", path: "/a/0" }], { a: [2] }],
    ["move", { a: 1 }, [{ op: "move", from: "/a", path: "/b" }], { b: 1 }],
    ["copy", { a: { c: 1 } }, [{ op: "copy", from: "/a", path: "/b" }], { a: { c: 1 }, b: { c: 1 } }],
    ["escaped keys", { "a/b~c": 1 }, [{ op: "replace", path: "/a~1b~0c", value: 2 }], { "a/b~c": 2 }],
  ])("%s", (_what, target, patch, expected) => {
    const before = structuredClone(target);
    expect(jsonPatch(target, patch)).toEqual(expected);
    expect(target).toEqual(before);
  });
});
