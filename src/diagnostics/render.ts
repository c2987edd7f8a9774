import { shown } from "../support/shown.ts";
import { type Diagnostic, placeText, type Severity } from "./diagnostic.ts";
import { excerptOf } from "./excerpt.ts";
import { nearestHint } from "./nearest-word.ts";

const LONGEST_PART = 500;

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
  const place = part(placeText(diagnostic));
  return [
    place === "" ? "" : `${place}${file === undefined ? " " : ": "}`,
    part(message),
    expected === undefined ? "" : `; expected ${part(expected)}`,
    nearestHint(nearest),
    remedy === undefined ? "" : `. ${remedy}`,
  ].join("");
}

/** Whatever a problem tells may come from outside: one piece of a line, escaped and cut. */
function part(text: string): string {
  return shown(text, LONGEST_PART);
}

/** The same, and below it the line of the file: for the message of an error. */
export function diagnosticWithSnippet(diagnostic: Diagnostic): string {
  const { line, snippet } = diagnostic;
  const below = line === undefined || snippet === undefined ? "" : `\n    ${line} | ${snippet}`;
  return `${diagnosticLine(diagnostic)}${below}`;
}

/** Several lines, for a terminal: what is wrong and where, the file's line with a caret under it, what was expected and what to write. */
export function diagnosticBlock(diagnostic: Diagnostic, colours: Colours): string {
  const { severity, message, expected, suggestion } = diagnostic;
  return [
    `${colours.bold(part(placeText(diagnostic)))}: ${colouredSeverity(severity, colours)}: ${part(message)}`,
    ...sourceLines(diagnostic, colours),
    ...(expected === undefined ? [] : [`  expected ${part(expected)}`]),
    ...(suggestion === undefined ? [] : [`  write ${colours.green(part(suggestion))}`]),
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
  const excerpt = excerptOf(snippet, column);
  // Tabs keep their width, so that the caret is where it should be.
  const indent = excerpt.text.slice(0, excerpt.column - 1).replaceAll(/[^\t]/g, " ");
  const width = excerpt.text.startsWith(value, excerpt.column - 1) ? Math.max(value.length, 1) : 1;
  return [
    `  ${number} | ${excerpt.text}`,
    `  ${" ".repeat(number.length)} | ${indent}${colours.red("^".repeat(width))}`,
  ];
}
