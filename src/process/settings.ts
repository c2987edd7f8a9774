import { configSource } from "../config/reload.ts";
import { placeText } from "../diagnostics/diagnostic.ts";
import type { Emit } from "../domain/events.ts";
import type { Settings } from "../domain/settings.ts";
import { UsageError } from "../support/errors.ts";
import type { ReadFile } from "../support/read-file.ts";

/** There has never been a good configuration. */
class NoConfiguration extends UsageError {
  override readonly name = "NoConfiguration";

  constructor() {
    super(
      "There is no good configuration.",
      "Correct the configuration file; `runners-autoscaler validate` lists all its problems.",
    );
  }
}

/** The settings that are in force. */
export interface SettingsSource {
  /**
   * Reads the file again, and tells the outcome. While the file is bad the last good settings stay in force.
   *
   * @throws {NoConfiguration} when there have been none.
   */
  read(): Promise<Settings>;
  /** What the last reading put in force; undefined before the first good one. */
  readonly inForce: Settings | undefined;
}

/** The settings of a configuration file, which each pass reads again. */
export function settingsSource(path: string, readFile: ReadFile, emit: Emit): SettingsSource {
  const source = configSource(path, readFile);
  let inForce: Settings | undefined;
  return {
    get inForce() {
      return inForce;
    },
    async read() {
      const reading = await source.read();
      inForce = reading.settings;
      emit({
        type: "configuration-read",
        good: reading.fresh,
        inForce: inForce !== undefined,
        changed: reading.changed,
        problems: reading.problems.map(({ severity, message, value, expected, suggestion, ...place }) => ({
          severity,
          at: placeText(place),
          message,
          ...(value !== undefined && { value }),
          ...(expected !== undefined && { expected }),
          ...(suggestion !== undefined && { suggestion }),
        })),
      });
      if (inForce === undefined) throw new NoConfiguration();
      return inForce;
    },
  };
}
