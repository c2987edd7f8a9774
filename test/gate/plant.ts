import { cpSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PlantedBug } from "./planted-bugs.ts";

/** What the histories need of the repository. */
const NEEDED = ["src", "test", "schemas", "kustomize", "package.json", "tsconfig.json"];

/** A text with a planted bug in it. @throws {Error} when the text to be replaced is not there exactly once */
export function planted(text: string, { file, from, to }: PlantedBug["edits"][number]): string {
  const [before, after, ...more] = text.split(from);
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`${file} holds ${JSON.stringify(from)} ${text.split(from).length - 1} times, not once`);
  return before + to + after;
}

/** A copy of the repository with a planted bug in it, in a new folder; gives its path. */
export function plant(repository: string, { name, edits }: PlantedBug): string {
  const copy = mkdtempSync(join(tmpdir(), `planted-${name}-`));
  for (const part of NEEDED) cpSync(join(repository, part), join(copy, part), { recursive: true });
  symlinkSync(join(repository, "node_modules"), join(copy, "node_modules"));
  for (const edit of edits) {
    const path = join(copy, edit.file);
    writeFileSync(path, planted(readFileSync(path, "utf8"), edit));
  }
  return copy;
}
