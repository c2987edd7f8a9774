import type { Severity } from "../diagnostics/diagnostic.ts";
import { diagnosticLine } from "../diagnostics/render.ts";
import type { Settings } from "../domain/settings.ts";
import { UsageError } from "../support/errors.ts";
import { documentsIn } from "../yaml/document.ts";
import { isNull, type Tree } from "../yaml/tree.ts";
import { brokenRules } from "./checks/rules.ts";
import { salvage } from "./checks/salvage.ts";
import { warningsOf } from "./checks/warnings.ts";
import { CODES } from "./codes.ts";
import { decode, type FileContent } from "./file.ts";
import { type ConfigProblem, type Finding, located, yamlFinding } from "./finding.ts";
import { issueFindings } from "./issues.ts";
import { valueOf } from "./reading.ts";
import { SettingsFile } from "./schema.ts";
import { toSettings } from "./settings.ts";

/** Errors, or warnings, that are listed: more than anybody reads. */
const MOST_LISTED = 200;

/** What a configuration file says, or what is wrong with it. `settings` are there exactly when no diagnostic is an error. */
export interface SettingsReading {
  readonly settings: Settings | undefined;
  /** In the order of the file. */
  readonly diagnostics: readonly ConfigProblem[];
}

/**
 * Reads a configuration file's content: every problem at once, each with its place. Never throws, whatever the content.
 *
 * @param file the name to give the file in diagnostics.
 */
export function readSettings(content: string | Uint8Array, file: string): SettingsReading {
  const decoded = decode(content, file);
  if ("problem" in decoded) return { settings: undefined, diagnostics: [decoded.problem] };
  const { text } = decoded;
  const { tree, findings } = onlyDocument(text);
  const settings = tree === undefined ? undefined : check(tree, findings);
  const diagnostics = located(fewEnough(findings), { file, text, tree });
  const failed = diagnostics.some(({ severity }) => severity === "error");
  return { settings: failed ? undefined : settings, diagnostics };
}

/** The same for a file that was read, or could not be. */
export function settingsIn(file: FileContent, name: string): SettingsReading {
  return "content" in file ? readSettings(file.content, name) : { settings: undefined, diagnostics: [file.problem] };
}

/** The configuration file cannot be used. */
class ConfigurationUnusable extends UsageError {
  override readonly name = "ConfigurationUnusable";

  constructor(message: string) {
    super(message, "Correct the configuration file; `runners-autoscaler validate` explains each of its problems.");
  }
}

/** What a configuration file says, for commands that need a good one. @throws {ConfigurationUnusable} with all its errors. */
export function usableSettings(file: FileContent, name: string): Settings {
  const { settings, diagnostics } = settingsIn(file, name);
  if (settings !== undefined) return settings;
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  throw new ConfigurationUnusable(
    `the configuration file cannot be used:\n${errors.map((each) => `  ${diagnosticLine(each)}`).join("\n")}`,
  );
}

const EMPTY_FILE: Finding = {
  code: "empty-file",
  path: [],
  message: "the file is empty",
  expected: "a map with groups, at least",
};

/** The one document that the file holds, and what is wrong with its YAML. */
function onlyDocument(text: string): { tree: Tree | undefined; findings: Finding[] } {
  const [document, second] = documentsIn(text);
  if (document === undefined) return { tree: undefined, findings: [EMPTY_FILE] };
  const { tree, problems } = document;
  if (tree === undefined || second === undefined) return { tree, findings: problems.map(yamlFinding) };
  const message = "a second document begins here";
  return {
    tree: undefined,
    findings: [{ code: "yaml-syntax", path: [], offset: second.start, message, expected: "one document" }],
  };
}

/** Adds to `findings` what the schema, the rules and the warnings have to say. */
function check(tree: Tree, findings: Finding[]): Settings | undefined {
  if (isNull(tree)) {
    findings.push(EMPTY_FILE);
    return undefined;
  }
  const value = valueOf(tree, SettingsFile, [], findings);
  const result = SettingsFile.safeParse(value);
  if (!result.success) findings.push(...issueFindings(result.error.issues, value, tree));
  if (tree.kind !== "map") return undefined;
  const usable = salvage(SettingsFile, value);
  findings.push(...brokenRules(usable), ...warningsOf(usable, tree));
  return result.success ? toSettings(result.data) : undefined;
}

/** All findings, unless they are more than anybody reads: then the first ones, and that there are more. Of many errors, the errors alone. */
function fewEnough(findings: readonly Finding[]): readonly Finding[] {
  const errors = findings.filter(({ code }) => CODES[code][0] === "error");
  if (errors.length > MOST_LISTED) return firstOf(errors, "error");
  const warnings = findings.filter(({ code }) => CODES[code][0] === "warning");
  return warnings.length > MOST_LISTED ? [...errors, ...firstOf(warnings, "warning")] : findings;
}

function firstOf(findings: readonly Finding[], severity: Severity): readonly Finding[] {
  const message = `${findings.length - MOST_LISTED} more ${severity}s are not listed`;
  return [
    ...findings.slice(0, MOST_LISTED),
    { code: `more-${severity}s`, path: [], offset: Number.MAX_SAFE_INTEGER, message },
  ];
}
