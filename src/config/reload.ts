import type { Settings } from "../domain/settings.ts";
import type { ReadFile } from "../support/read-file.ts";
import { type FileContent, readConfigFile } from "./file.ts";
import type { ConfigProblem } from "./finding.ts";
import { settingsIn } from "./load.ts";

/** The configuration as it stands now. */
interface ConfigReading {
  /** What to run with: what the file says, or the last good content while it cannot be read or holds errors; undefined before the first. */
  readonly settings: Settings | undefined;
  /** Errors and warnings of what was found this time. */
  readonly problems: readonly ConfigProblem[];
  /** Whether `settings` is what the file says now. */
  readonly fresh: boolean;
  /** Whether anything differs from the reading before: when to tell people. */
  readonly changed: boolean;
}

export interface ConfigSource {
  /** Reads the file again; cheap while it does not change. Never rejects. */
  read(): Promise<ConfigReading>;
}

/**
 * A configuration file that is read again on every pass. One that turns bad, or vanishes, leaves the last good settings in force as a
 * whole; nothing is ever taken from half a file.
 */
export function configSource(path: string, readFile: ReadFile): ConfigSource {
  let last: { readonly file: FileContent; readonly reading: ConfigReading } | undefined;
  return {
    async read() {
      const file = await readConfigFile(path, readFile);
      const reading =
        last !== undefined && same(last.file, file)
          ? { ...last.reading, changed: false }
          : readingOf(file, path, last?.reading.settings);
      last = { file, reading };
      return reading;
    },
  };
}

function readingOf(file: FileContent, path: string, lastGood: Settings | undefined): ConfigReading {
  const { settings, diagnostics } = settingsIn(file, path);
  return { settings: settings ?? lastGood, problems: diagnostics, fresh: settings !== undefined, changed: true };
}

function same(one: FileContent, other: FileContent): boolean {
  if ("problem" in one || "problem" in other) {
    return "problem" in one && "problem" in other && one.problem.message === other.problem.message;
  }
  return Buffer.compare(one.content, other.content) === 0;
}
