import { type Diagnostic, placeText, type Severity } from "./diagnostic.ts";
import { nearestHint } from "./nearest-word.ts";

/** Colours of a terminal, or none of them. */
export interface Colours {
  bold(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  green(text: string): string;
}

/**
 * A diagnostic in one line: `file:12:10: message; expected …; did you mean "word"?` for a file, `VARIABLE message. What to do.` for a
 * variable, whose message goes on where its name ends.
 */
export function diagnosticLine(diagnostic: Diagnostic): string {
  const { file, message, expected, nearest, remedy } = diagnostic;
  const place = placeText(diagnostic);
  return [
    place === "" ? "" : `${place}${file === undefined ? " " : ": "}`,
    message,
    expected === undefined ? "" : `; expected ${expected}`,
    nearestHint(nearest),
    remedy === undefined ? "" : `. ${remedy}`,
  ].join("");
}

/** The same, and below it the line of the file: for the message of an error. */
export function diagnosticWithSnippet(diagnostic: Diagnostic): string {
  const { line, snippet } = diagnostic;
  const shown = line === undefined || snippet === undefined ? "" : `\n    ${line} | ${snippet}`;
  return `${diagnosticLine(diagnostic)}${shown}`;
}

/** Several lines, for a terminal: what is wrong and where, the file's line with a caret under it, what was expected and what to write. */
export function diagnosticBlock(diagnostic: Diagnostic, colours: Colours): string {
  const { severity, message, expected, suggestion } = diagnostic;
  return [
    `${colours.bold(placeText(diagnostic))}: ${colouredSeverity(severity, colours)}: ${message}`,
    ...sourceLines(diagnostic, colours),
    ...(expected === undefined ? [] : [`  expected ${expected}`]),
    ...(suggestion === undefined ? [] : [`  write ${colours.green(suggestion)}`]),
  ].join("\n");
}

/** `error` or `warning`, in its colour. */
export function colouredSeverity(severity: Severity, colours: Colours): string {
  return severity === "error" ? colours.red(severity) : colours.yellow(severity);
}

/** The line, and a caret under each character of what is wrong in it. */
function sourceLines({ line = 0, column = 1, snippet = "", value = "" }: Diagnostic, colours: Colours): string[] {
  if (snippet.trim() === "") return [];
  const number = String(line);
  // Tabs keep their width, so that the caret is where it should be.
  const indent = snippet.slice(0, column - 1).replaceAll(/[^\t]/g, " ");
  const width = snippet.startsWith(value, column - 1) ? Math.max(value.length, 1) : 1;
  return [`  ${number} | ${snippet}`, `  ${" ".repeat(number.length)} | ${indent}${colours.red("^".repeat(width))}`];
}
