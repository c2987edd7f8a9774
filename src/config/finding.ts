import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { Lines } from "../support/lines.ts";
import { shown } from "../support/shown.ts";
import type { YamlProblem, YamlProblemKind } from "../yaml/problem.ts";
import { nearestTo, type Path, type Tree } from "../yaml/tree.ts";
import { CODES, type ConfigCode } from "./codes.ts";

/** A problem of the configuration file, with its place. Line and column are both 0 when it concerns the file as a whole. */
export interface ConfigProblem extends Diagnostic {
  readonly code: ConfigCode;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Such as `groups[0].parameters.max`; empty for the file as a whole. */
  readonly path: string;
}

/** A problem before its place in the text is known. */
export interface Finding {
  readonly code: ConfigCode;
  readonly path: Path;
  readonly message: string;
  /** Where to point, as an offset into the text; without it, at the value at `path` or what is nearest to it. */
  readonly offset?: number;
  readonly value?: string;
  readonly expected?: string;
  readonly suggestion?: string;
}

/** The codes of the problems that any YAML can have. */
const YAML_CODES = {
  syntax: "yaml-syntax",
  tab: "yaml-tab",
  "too-deep": "yaml-too-deep",
  "too-long": "yaml-too-long",
  "alias-bomb": "yaml-alias-bomb",
  alias: "yaml-alias",
  tag: "yaml-tag",
  key: "unknown-key",
  "duplicate-key": "duplicate-key",
  number: "yaml-number",
} as const satisfies Record<YamlProblemKind, ConfigCode>;

/** A message quotes names and values, and lists labels. */
const LONGEST_MESSAGE = 400;

/** What a configuration has instead of what is beyond the limits of all YAML. */
const YAML_EXPECTED: Partial<Record<YamlProblemKind, string>> = {
  "too-deep": "at most six levels",
  "too-long": "a configuration of some hundred groups at most",
  "alias-bomb": "a configuration that fits into memory",
};

/** A problem of the file's YAML as one of the configuration. */
export function yamlFinding({ kind, ...problem }: YamlProblem): Finding {
  const expected = YAML_EXPECTED[kind];
  return { code: YAML_CODES[kind], ...(expected !== undefined && { expected }), ...problem };
}

/** The file that findings are about. */
export interface FindingSource {
  /** Its name in messages. */
  readonly file: string;
  readonly text: string;
  /** Undefined when the text is not well-formed YAML. */
  readonly tree: Tree | undefined;
}

/** Finds the places of findings, and puts them in the order of the file. */
export function located(findings: readonly Finding[], source: FindingSource): ConfigProblem[] {
  const lines = new Lines(source.text);
  return findings.map((finding) => locatedOne(finding, source, lines)).toSorted(byPlace);
}

function locatedOne(finding: Finding, { file, text, tree }: FindingSource, lines: Lines): ConfigProblem {
  const { code, path, message, expected, suggestion } = finding;
  const nearest = tree && nearestTo(tree, path);
  const value = finding.value ?? (nearest?.found === true ? written(nearest.tree, text) : undefined);
  return {
    severity: CODES[code][0],
    code,
    file,
    ...lines.placeOf(finding.offset ?? nearest?.tree.start ?? 0),
    path: pathText(path),
    message: shown(message, LONGEST_MESSAGE),
    ...(value !== undefined && { value: shown(value) }),
    ...(expected !== undefined && { expected: shown(expected, LONGEST_MESSAGE) }),
    ...(suggestion !== undefined && { suggestion: shown(suggestion, LONGEST_MESSAGE) }),
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

function byPlace(one: ConfigProblem, other: ConfigProblem): number {
  return one.line - other.line || one.column - other.column || one.code.localeCompare(other.code);
}

/** `groups[0].node_selector["kubernetes.io/arch"]` */
export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    // Every problem below a key tells the key, however long it is.
    const key = shown(step);
    if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(key)) return `${text}[${JSON.stringify(key)}]`;
    return text === "" ? key : `${text}.${key}`;
  }, "");
}
