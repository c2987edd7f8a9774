import { type Diagnostic, placeText } from "../diagnostics/diagnostic.ts";
import type { Settings } from "../domain/settings.ts";
import { RemediedError } from "../support/errors.ts";
import type { FileContent } from "./file.ts";
import { readSettings } from "./load.ts";

/** The configuration file cannot be used. */
class ConfigurationUnusable extends RemediedError {
  override readonly name = "ConfigurationUnusable";

  constructor(message: string) {
    super(message, "Correct the configuration file; `runners-autoscaler validate` explains each of its problems.");
  }
}

/** What a configuration file says, for commands that need a good one. @throws {ConfigurationUnusable} with all its errors. */
export function usableSettings(file: FileContent, name: string): Settings {
  const { settings, diagnostics } =
    "content" in file ? readSettings(file.content, name) : { settings: undefined, diagnostics: [file.problem] };
  if (settings !== undefined) return settings;
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  throw new ConfigurationUnusable(
    `the configuration file cannot be used:\n${errors.map((each) => `  ${problemLine(each)}`).join("\n")}`,
  );
}

function problemLine({ message, expected, ...place }: Diagnostic): string {
  return `${placeText(place)}: ${message}${expected === undefined ? "" : `; expected ${expected}`}`;
}
