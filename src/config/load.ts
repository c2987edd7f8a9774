import { CODES, type Diagnostic, type Finding, pathText } from "../diagnostics/diagnostic.ts";
import type { Settings } from "../domain/settings.ts";
import { parseYaml, type YamlDocument } from "../yaml/document.ts";
import { isNull, nearestTo, type Tree } from "../yaml/tree.ts";
import { issueFindings } from "./issues.ts";
import { valueOf } from "./reading.ts";
import { brokenRules } from "./rules.ts";
import { salvage } from "./salvage.ts";
import { SettingsFile } from "./schema.ts";
import { toSettings } from "./settings.ts";
import { decode } from "./text.ts";
import { hints } from "./warnings.ts";

const MOST_ERRORS = 200;

/** What a configuration file says, or what is wrong with it. `settings` are there exactly when no diagnostic is an error. */
export interface SettingsReading {
  readonly settings: Settings | undefined;
  /** In the order of the file. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads a configuration file's content: every problem at once, each with its place. Never throws, whatever the content.
 *
 * @param file the name to give the file in diagnostics.
 */
export function readSettings(content: string | Uint8Array, file: string): SettingsReading {
  const decoded = decode(content);
  if ("problem" in decoded) {
    return { settings: undefined, diagnostics: [{ severity: "error", file, path: "", ...decoded.problem }] };
  }
  const { text } = decoded;
  const document = parseYaml(text);
  const findings = [...document.findings];
  const settings = document.tree === undefined ? undefined : check(document.tree, findings);
  const diagnostics = fewEnough(findings)
    .map((finding) => located(finding, document, text, file))
    .toSorted(byPlace);
  const failed = diagnostics.some(({ severity }) => severity === "error");
  return { settings: failed ? undefined : settings, diagnostics };
}

/** Adds to `findings` what the schema, the rules and the hints have to say. */
function check(tree: Tree, findings: Finding[]): Settings | undefined {
  if (isNull(tree)) {
    findings.push({
      code: "empty-file",
      path: [],
      message: "the file is empty",
      expected: "a map with groups, at least",
    });
    return undefined;
  }
  const value = valueOf(tree, SettingsFile, [], findings);
  const result = SettingsFile.safeParse(value);
  if (!result.success) findings.push(...issueFindings(result.error.issues, value, tree));
  if (tree.kind !== "map") return undefined;
  const usable = salvage(SettingsFile, value);
  findings.push(...brokenRules(usable), ...hints(usable, tree));
  return result.success ? toSettings(result.data) : undefined;
}

/** All findings, unless they are more than anybody reads: then the first errors, and that there are more. */
function fewEnough(findings: readonly Finding[]): readonly Finding[] {
  const errors = findings.filter(({ code }) => CODES[code][0] === "error");
  if (errors.length <= MOST_ERRORS) return findings;
  const message = `${errors.length - MOST_ERRORS} more errors are not listed`;
  return [...errors.slice(0, MOST_ERRORS), { code: "more-errors", path: [], offset: Number.MAX_SAFE_INTEGER, message }];
}

function located(finding: Finding, { tree, placeAt }: YamlDocument, text: string, file: string): Diagnostic {
  const { code, path, message, expected, suggestion } = finding;
  const nearest = tree && nearestTo(tree, path);
  const value = finding.value ?? (nearest?.found === true ? written(nearest.tree, text) : undefined);
  return {
    severity: CODES[code][0],
    code,
    file,
    ...placeAt(finding.offset ?? nearest?.tree.start ?? 0),
    path: pathText(path),
    message,
    ...(value !== undefined && { value }),
    ...(expected !== undefined && { expected }),
    ...(suggestion !== undefined && { suggestion }),
  };
}

/** A scalar as the file has it, on one line and not too long; nothing for maps, lists and empty values. */
function written(tree: Tree, text: string): string | undefined {
  if (tree.kind !== "scalar") return undefined;
  const source = text.slice(tree.start, tree.end).trim();
  const [line = ""] = source.split("\n", 1);
  if (line === "") return undefined;
  return line.length === source.length && line.length <= 80 ? line : `${line.slice(0, 79)}…`;
}

function byPlace(one: Diagnostic, other: Diagnostic): number {
  return one.line - other.line || one.column - other.column || one.code.localeCompare(other.code);
}
