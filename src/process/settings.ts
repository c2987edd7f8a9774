import type { ConfigSource } from "../config/reload.ts";
import { placeText } from "../diagnostics/diagnostic.ts";
import type { Settings } from "../domain/settings.ts";
import type { ConfigurationState } from "../observability/state-store.ts";
import { RemediedError } from "../support/errors.ts";
import type { Log } from "../support/log.ts";

/** There has never been a good configuration. */
class NoConfiguration extends RemediedError {
  override readonly name = "NoConfiguration";

  constructor(message: string) {
    super(message, "Correct the configuration file; `runners-autoscaler validate` lists all its problems.");
  }
}

/**
 * The configuration as each pass reads it: said once when it changes, told to the reporter each time. While the file is bad the last
 * good one stays in force.
 *
 * @throws {NoConfiguration} when there has been none.
 */
export async function readSettingsNow(
  source: ConfigSource,
  log: Log,
  tell: (state: ConfigurationState) => void,
): Promise<Settings> {
  const reading = await source.read();
  tell({
    good: reading.fresh,
    problems: reading.problems.map((problem) => `${placeText(problem)}: ${problem.message}`),
  });
  if (reading.changed) {
    for (const problem of reading.problems) {
      const { severity, message, value, expected, suggestion } = problem;
      const fields = {
        at: placeText(problem),
        problem: message,
        ...(value !== undefined && { value }),
        ...(expected !== undefined && { expected }),
        ...(suggestion !== undefined && { suggestion }),
      };
      if (severity === "error") log.error("Configuration is wrong", fields);
      else log.warn("Configuration may not work as intended", fields);
    }
    if (!reading.fresh && reading.settings !== undefined) log.error("The last good configuration stays in force");
  }
  if (reading.settings === undefined) throw new NoConfiguration("There is no good configuration.");
  return reading.settings;
}
