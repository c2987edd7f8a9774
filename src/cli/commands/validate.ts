import { Command, Option } from "commander";
import picocolors from "picocolors";
import { readConfigFile } from "../../config/file.ts";
import type { ConfigProblem } from "../../config/finding.ts";
import { settingsIn } from "../../config/load.ts";
import { type CredentialReading, mentionsCredentials, readCredentials } from "../../credentials/read-credentials.ts";
import { type Colours, colouredSeverity, diagnosticBlock, diagnosticLine } from "../../diagnostics/render.ts";
import { readRegularFile } from "../../support/regular-file.ts";
import type { Io } from "../io.ts";
import { configOption } from "../options.ts";

/** What was found. */
interface Validation {
  readonly file: string;
  /** No error anywhere: the processes would start with it. */
  readonly valid: boolean;
  /** How many groups the file has; null when it cannot be used. */
  readonly groups: number | null;
  readonly diagnostics: readonly ConfigProblem[];
  /** Null when the environment does not mention any credentials. */
  readonly credentials: CredentialReading | null;
}

const KINDS = { "oauth-consumer": "an OAuth consumer", "api-token": "an API token", "access-token": "an access token" };

/** `validate`: checks the configuration file, and the credentials when the environment has some. Exit code 2 when there is an error. */
export function validateCommand(io: Io): Command {
  return new Command("validate")
    .description("check the configuration file, and the credentials when the environment has some")
    .addOption(configOption())
    .addOption(new Option("--format <format>", "how to print what was found").choices(["text", "json"]).default("text"))
    .addHelpText("after", "\nExit codes: 0 no errors (warnings are allowed), 2 errors.")
    .action(async ({ config, format }: { config: string; format: "text" | "json" }) => {
      const file = await readConfigFile(config, readRegularFile);
      const { settings, diagnostics } = settingsIn(file, config);
      const credentials = mentionsCredentials(io.env) ? await readCredentials(io.env, readRegularFile) : null;
      const valid = settings !== undefined && (credentials === null || credentials.credentials !== undefined);
      const validation = { file: config, valid, groups: settings?.groups.length ?? null, diagnostics, credentials };
      const content = "content" in file ? new TextDecoder().decode(file.content) : "";
      io.out(
        format === "json"
          ? jsonReport(validation)
          : textReport(validation, content, picocolors.createColors(io.isTerminal)),
      );
      io.exitCode = valid ? 0 : 2;
    });
}

/** One JSON object. Credentials are named by kind only. */
function jsonReport({ credentials, ...validation }: Validation): string {
  const named =
    credentials === null ? null : { kind: credentials.credentials?.kind ?? null, problems: credentials.problems };
  return `${JSON.stringify({ ...validation, credentials: named }, null, 2)}\n`;
}

/** For people: each problem with its line of the file, then a summary. */
function textReport(validation: Validation, content: string, colours: Colours): string {
  const lines = content.split(/\r?\n/);
  const problems = validation.diagnostics.map((diagnostic) =>
    diagnosticBlock({ ...diagnostic, snippet: lines[diagnostic.line - 1] ?? "" }, colours),
  );
  const summary = [summaryLine(validation, colours), ...credentialLines(validation, colours)].join("\n");
  return `${[...problems, summary].join("\n\n")}\n`;
}

function summaryLine({ file, groups, diagnostics }: Validation, colours: Colours): string {
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  const warnings = counted(diagnostics.length - errors, "warning");
  if (errors > 0) return `${file}: ${colours.red(counted(errors, "error"))}, ${warnings}`;
  return `${file}: ${colours.green("good")}, ${counted(groups ?? 0, "group")}, ${warnings}`;
}

function credentialLines({ credentials }: Validation, colours: Colours): string[] {
  if (credentials === null) return ["credentials: none in this environment, not checked"];
  const kind = credentials.credentials?.kind;
  const good = kind === undefined ? [] : [`credentials: ${colours.green("good")}, ${KINDS[kind]}`];
  const problems = credentials.problems.map(
    (problem) => `credentials: ${colouredSeverity(problem.severity, colours)}: ${diagnosticLine(problem)}`,
  );
  return [...problems, ...good];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
