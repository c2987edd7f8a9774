import picocolors from "picocolors";
import { type CredentialReading, credentialLine } from "../credentials/read-credentials.ts";
import { type Diagnostic, placeText } from "../diagnostics/diagnostic.ts";

type Colours = ReturnType<typeof picocolors.createColors>;

const KINDS = { "oauth-consumer": "an OAuth consumer", "api-token": "an API token", "access-token": "an access token" };

/** What `validate` found. */
export interface Validation {
  readonly file: string;
  /** No error anywhere: the processes would start with it. */
  readonly valid: boolean;
  /** How many groups the file has; null when it cannot be used. */
  readonly groups: number | null;
  readonly diagnostics: readonly Diagnostic[];
  /** Null when the environment does not mention any credentials. */
  readonly credentials: CredentialReading | null;
}

/** What `validate` found, for people: each problem with its line of the file, then a summary. */
export function textReport(validation: Validation, content: Uint8Array, coloured: boolean): string {
  const colours = picocolors.createColors(coloured);
  const lines = new TextDecoder().decode(content).split(/\r?\n/);
  const problems = validation.diagnostics.map((diagnostic) => problemText(diagnostic, lines, colours));
  const summary = [summaryLine(validation, colours), ...credentialLines(validation, colours)].join("\n");
  return `${[...problems, summary].join("\n\n")}\n`;
}

function problemText(diagnostic: Diagnostic, lines: readonly string[], colours: Colours): string {
  const { severity, message, expected, suggestion } = diagnostic;
  return [
    `${colours.bold(placeText(diagnostic))}: ${marked(severity, colours)}: ${message}`,
    ...sourceLines(diagnostic, lines, colours),
    ...(expected === undefined ? [] : [`  expected ${expected}`]),
    ...(suggestion === undefined ? [] : [`  write ${colours.green(suggestion)}`]),
  ].join("\n");
}

/** The line, and a caret under each character of what is wrong in it. */
function sourceLines({ line, column, value = "" }: Diagnostic, lines: readonly string[], colours: Colours): string[] {
  const text = lines[line - 1];
  if (text === undefined || text.trim() === "") return [];
  const number = String(line);
  // Tabs keep their width, so that the caret stands where it should.
  const indent = text.slice(0, column - 1).replaceAll(/[^\t]/g, " ");
  const width = text.startsWith(value, column - 1) ? Math.max(value.length, 1) : 1;
  return [`  ${number} | ${text}`, `  ${" ".repeat(number.length)} | ${indent}${colours.red("^".repeat(width))}`];
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
    (problem) => `credentials: ${marked(problem.severity, colours)}: ${credentialLine(problem)}`,
  );
  return [...problems, ...good];
}

function marked(severity: "error" | "warning", colours: Colours): string {
  return severity === "error" ? colours.red(severity) : colours.yellow(severity);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
