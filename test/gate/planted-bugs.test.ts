import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { planted } from "./plant.ts";
import { PLANTED_BUGS } from "./planted-bugs.ts";

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");

describe("planted bugs", () => {
  test("are at least thirty, each with a name of its own", () => {
    const names = PLANTED_BUGS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(30);
  });

  test.each(PLANTED_BUGS)("$name can be planted: the code it changes is there", ({ edits }) => {
    const texts = new Map<string, string>();
    for (const edit of edits) texts.set(edit.file, planted(texts.get(edit.file) ?? read(edit.file), edit));
    expect(texts.size).toBeGreaterThan(0);
  });
});
