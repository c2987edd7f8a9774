import { describe, expect, test } from "vitest";
import { codeSpans, read } from "./markdown.ts";

interface Stop {
  readonly file: string;
  readonly name: string;
}

interface Walk {
  readonly title: string;
  readonly promised: number;
  readonly stops: readonly Stop[];
}

/** The walks of the page: each section whose heading ends with a number of files. */
const WALKS: readonly Walk[] = read("docs/walks.md")
  .split(/^## /m)
  .slice(1)
  .flatMap((section): Walk[] => {
    const [title = "", ...lines] = section.split("\n");
    const promised = Number(/: (\d+) files$/.exec(title)?.[1] ?? Number.NaN);
    if (Number.isNaN(promised)) return [];
    const rows = lines.filter((line) => line.startsWith("| `src/"));
    const stops = rows.map((row) => {
      const [file = "", name = ""] = codeSpans(row);
      return { file, name };
    });
    return [{ title, promised, stops }];
  });

/** What was asked of the code: no walk may become longer than this. */
const MOST_FILES = [20, 12, 12];
/** From the settings in memory, a group's `min` reaches a Job through this many. */
const MOST_FILES_FROM_SETTINGS = 12;

const filesOf = (stops: readonly Stop[]) => new Set(stops.map(({ file }) => file)).size;

test("there are three walks", () => {
  expect(WALKS).toHaveLength(3);
});

describe.each(WALKS.map((walk, index) => [walk.title, walk, MOST_FILES[index] ?? 0] as const))(
  "%s",
  (_, walk, most) => {
    test.each(walk.stops.map(({ file, name }) => [file, name] as const))("%s has %s", (file, name) => {
      // Declared there, as a function, a class, a type, a value or a member.
      const declared = new RegExp(
        `(?:function\\*?|class|const|let|type|interface)\\s+${name}\\b|^\\s+(?:async\\s+)?(?:get\\s+)?#?${name}(?:<[^>]*>)?\\(|^\\s+(?:readonly )?${name}:\\s`,
        "m",
      );
      expect(read(file)).toMatch(declared);
    });

    test("passes through as many files as it says, and no more than were promised", () => {
      expect(filesOf(walk.stops)).toBe(walk.promised);
      expect(walk.promised).toBeLessThanOrEqual(most);
    });
  },
);

test("from the settings in memory to a Job", () => {
  const stops = WALKS[0]?.stops ?? [];
  const fromSettings = stops.slice(stops.findIndex(({ file }) => file.startsWith("src/reconcile/")));
  expect(filesOf(fromSettings)).toBeLessThanOrEqual(MOST_FILES_FROM_SETTINGS);
});
