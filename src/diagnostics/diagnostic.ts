/** A problem of the configuration file, with its place. Lines and columns count from 1; both are 0 when it concerns the file as a whole. */
export interface Diagnostic {
  readonly severity: Severity;
  readonly code: DiagnosticCode;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Such as `groups[0].parameters.max`; empty for the file as a whole. */
  readonly path: string;
  /** What is wrong, without the place. */
  readonly message: string;
  /** What the file holds there, as written. */
  readonly value?: string;
  /** The end of the sentence "expected …". */
  readonly expected?: string;
  /** What to write instead. */
  readonly suggestion?: string;
}

export type Severity = "error" | "warning";

/** Where a value stands: keys of maps and indices of lists. */
export type Path = readonly (string | number)[];

/** A problem before its place in the text is known. */
export interface Finding {
  readonly code: DiagnosticCode;
  readonly path: Path;
  readonly message: string;
  /** Where to point, as an offset into the text; without it, at the value at `path` or what is nearest to it. */
  readonly offset?: number;
  readonly value?: string;
  readonly expected?: string;
  readonly suggestion?: string;
}

/** Every kind of problem: its severity, and what the reference page says about it. */
export const CODES = {
  "file-missing": ["error", "There is no such file."],
  "file-is-folder": ["error", "The path names a folder."],
  "file-unreadable": ["error", "The file exists but cannot be read."],
  "file-too-large": ["error", "A ConfigMap cannot hold more than 1 MiB, so a larger file is a mistake."],
  "not-utf8": ["error", "The file is not UTF-8 text."],
  "empty-file": ["error", "The file holds nothing, or comments only."],
  "yaml-syntax": ["error", "The file is not well-formed YAML."],
  "yaml-tab": ["error", "YAML does not allow tabs as indentation."],
  "yaml-alias": ["error", "An alias (`*name`) or a merge (`<<`) that leads nowhere."],
  "yaml-alias-bomb": ["error", "Aliases multiply the file to more values than any configuration has."],
  "yaml-too-deep": ["error", "Lists and maps are nested deeper than any configuration needs."],
  "yaml-tag": ["error", "A tag (`!name`) that means nothing here."],
  "not-a-map": ["error", "The file's top level is not a map."],
  "unknown-key": ["error", "A key that does not exist. The original ignores these, which hides misspellings."],
  "duplicate-key": ["error", "A key that stands twice in one map. The original takes the last one."],
  "missing-key": ["error", "A key that must be there."],
  "invalid-value": ["error", "A value of another type or range than the key takes."],
  placeholder: ["error", "A value from an example that was not filled in."],
  "reserved-namespace": ["error", "The control plane's own namespace cannot hold runners."],
  "min-above-max": ["error", "`min` is larger than `max`."],
  "duplicate-name": ["error", "Two groups of the same name."],
  "duplicate-label-set": ["error", "Two groups with the same labels: their runners could not be told apart."],
  "more-errors": ["error", "There are more errors than are listed: the first 200 are."],
  "number-as-text": ["warning", "YAML 1.1 reads the value as a number where text is meant."],
  "text-as-number": ["warning", "A number in quotes; it is read as the number."],
  "fraction-dropped": [
    "warning",
    "A fraction where a whole number is meant; the fraction is cut off, as the original does.",
  ],
  "pacing-interval": ["warning", "The polling interval is an upper bound with adaptive pacing, not the pace."],
  "pacing-sleeps": ["warning", "The sleeps are back-offs with adaptive pacing, not pauses."],
  "min-zero": ["warning", "Queued steps are not read yet: a group without runners has nothing to grow from."],
  "max-zero": ["warning", "The group never has a runner."],
  "never-grows": ["warning", "The threshold can never be exceeded."],
  "never-shrinks": ["warning", "The threshold can never be undercut."],
  "thresholds-oscillate": ["warning", "Growing makes the group shrink again, or the other way round."],
  "scope-overbooked": [
    "warning",
    "The groups of one workspace or repository may want more runners than Bitbucket allows it.",
  ],
  "many-labels": ["warning", "Bitbucket allows ten labels of one's own, and `autoscaler.created` is one of them."],
  "own-label": ["warning", "A label that the program adds by itself."],
  "second-platform": ["warning", "A second platform label; Bitbucket wants exactly one."],
  "duplicate-label": ["warning", "A label that stands twice in one group."],
  "requests-above-limits": ["warning", "Kubernetes refuses pods that request more than their limit."],
  "odd-quantity": ["warning", "A quantity that is valid but of an unlikely size."],
  "architecture-mismatch": ["warning", "`node_selector` sends the pods to nodes of another architecture."],
} as const satisfies Record<string, readonly [Severity, string]>;

export type DiagnosticCode = keyof typeof CODES;

/** `groups[0].node_selector["kubernetes.io/arch"]` */
export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(step)) return `${text}[${JSON.stringify(step)}]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}

/** `file:12:10`, or `file` when the problem has no place in it. */
export function placeText({ file, line, column }: Pick<Diagnostic, "file" | "line" | "column">): string {
  return line === 0 ? file : `${file}:${line}:${column}`;
}
