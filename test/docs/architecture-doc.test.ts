import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { codeSpans, ROOT, read, tables } from "./markdown.ts";

interface Rooms {
  readonly ROOMS: Readonly<Record<string, readonly string[]>>;
  readonly PURE: readonly string[];
}

const { ROOMS, PURE } = createRequire(import.meta.url)("../../scripts/rooms.cjs") as Rooms;
const rows = tables(read("ARCHITECTURE.md")).find(({ columns }) => columns.includes("may import"))?.rows ?? [];
const rowOf = (room: string) => rows.find((row) => codeSpans(row["folder"] ?? "").includes(`src/${room}/`));

describe("ARCHITECTURE.md", () => {
  test("has a row for each room that the linter knows, and the linter knows each folder of src/", () => {
    const written = rows.flatMap((row) => codeSpans(row["folder"] ?? "")).map((path) => path.slice("src/".length, -1));
    expect(written.toSorted()).toEqual(Object.keys(ROOMS).toSorted());
    const folders = readdirSync(join(ROOT, "src"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => name).toSorted()).toEqual(Object.keys(ROOMS).toSorted());
  });

  test.each(Object.keys(ROOMS).filter((room) => !["process", "simulation", "cli"].includes(room)))(
    "allows %s what the linter allows it",
    (room) => {
      const told = rowOf(room)?.["may import"] ?? "";
      const whole = ROOMS[room]?.filter((each) => !each.endsWith(".ts")) ?? [];
      const named = told.split(/[,;] /).filter((word) => Object.hasOwn(ROOMS, word));
      expect(named.toSorted()).toEqual(whole.toSorted());
      expect(told.includes("ports")).toBe(ROOMS[room]?.some((each) => each.startsWith("kubernetes/(port")) ?? false);
    },
  );

  test("calls those rooms pure that may not touch Node", () => {
    const pure = rows.filter((row) => row["what it holds"]?.startsWith("pure:"));
    const names = pure.flatMap((row) => codeSpans(row["folder"] ?? "")).map((path) => path.slice("src/".length, -1));
    expect([...names, "domain"].toSorted()).toEqual([...PURE].toSorted());
  });
});
