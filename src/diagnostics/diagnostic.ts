/**
 * Something wrong, or doubtful, with what a user wrote: a file (the configuration, the job template) or a variable of the environment. Never
 * holds a secret.
 */
export interface Diagnostic {
  readonly severity: Severity;
  /** Its kind, for programs. */
  readonly code?: string;
  /** The file that it is in. */
  readonly file?: string;
  /** Where in the file, both counted from 1; absent, or both 0, when it concerns the file as a whole. */
  readonly line?: number;
  readonly column?: number;
  /** The variable that it is in; several are joined by a comma. */
  readonly variable?: string;
  /** What is wrong, without the place. */
  readonly message: string;
  /** What is there, as written. */
  readonly value?: string;
  /** The end of the sentence "expected …". */
  readonly expected?: string;
  /** What to write instead. */
  readonly suggestion?: string;
  /** The known word that a misspelt one most likely meant. */
  readonly nearest?: string;
  /** What to do; one or more sentences. */
  readonly remedy?: string;
  /** The file's line at that place. */
  readonly snippet?: string;
}

export type Severity = "error" | "warning";

/** `file:12:10`, `file` when the problem has no place in it, the variable when it is in none. Empty when it is about nothing in particular. */
export function placeText({ file, line, column, variable }: Omit<Diagnostic, "severity" | "message">): string {
  if (file === undefined) return variable ?? "";
  return line === undefined || line === 0 ? file : `${file}:${line}:${column ?? 1}`;
}
