import { describe, expect, test } from "vitest";
import pyyaml from "./fixtures/pyyaml-scalars.json" with { type: "json" };
import { numberAsText, resolvePlain } from "./scalars.ts";

describe("resolvePlain", () => {
  test.each(pyyaml)("%s is %s to PyYAML, printed %s", (source, type, printed) => {
    const scalar = resolvePlain(source ?? "");
    expect(scalar.type).toBe(type);
    if (scalar.type === "integer" || scalar.type === "float") {
      expect(numberAsText({ type: scalar.type, value: scalar.value }, source ?? "")).toBe(printed);
    }
    if (scalar.type === "boolean") expect(scalar.value).toBe(printed === "True");
  });

  test("an absent value is null", () => {
    expect(resolvePlain("")).toEqual({ type: "null", value: null });
  });
});
