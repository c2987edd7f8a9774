import { readFile } from "node:fs/promises";
import { Command, Option } from "commander";
import { readConfigFile } from "../../config/file.ts";
import { readSettings } from "../../config/load.ts";
import { mentionsCredentials, readCredentials } from "../../credentials/read-credentials.ts";
import type { Io } from "../io.ts";
import { configOption } from "../options.ts";
import { textReport, type Validation } from "../validate-text.ts";

/** `validate`: checks the configuration file, and the credentials when the environment has some. Exit code 2 when there is an error. */
export function validateCommand(io: Io): Command {
  return new Command("validate")
    .description("check the configuration file, and the credentials when the environment has some")
    .addOption(configOption())
    .addOption(new Option("--format <format>", "how to print what was found").choices(["text", "json"]).default("text"))
    .addHelpText("after", "\nExit codes: 0 no errors (warnings are allowed), 2 errors.")
    .action(async ({ config, format }: { config: string; format: "text" | "json" }) => {
      const file = await readConfigFile(config, readFile);
      const content = "content" in file ? file.content : new Uint8Array();
      const { settings, diagnostics } =
        "content" in file ? readSettings(content, config) : { settings: undefined, diagnostics: [file.problem] };
      const credentials = mentionsCredentials(io.env) ? await readCredentials(io.env, readFile) : null;
      const valid = settings !== undefined && (credentials === null || credentials.credentials !== undefined);
      const validation = { file: config, valid, groups: settings?.groups.length ?? null, diagnostics, credentials };
      io.out(format === "json" ? jsonReport(validation) : textReport(validation, content, io.isTerminal));
      io.exitCode = valid ? 0 : 2;
    });
}

/** One JSON object. Credentials are named by kind only. */
function jsonReport({ credentials, ...validation }: Validation): string {
  const named =
    credentials === null ? null : { kind: credentials.credentials?.kind ?? null, problems: credentials.problems };
  return `${JSON.stringify({ ...validation, credentials: named }, null, 2)}\n`;
}
