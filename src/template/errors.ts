import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { excerptOf } from "../diagnostics/excerpt.ts";
import { diagnosticWithSnippet } from "../diagnostics/render.ts";
import { UsageError } from "../support/errors.ts";
import { shown } from "../support/shown.ts";
import type { SourceText } from "./source-text.ts";

/** A message may quote what the template made. */
const LONGEST_MESSAGE = 400;

/** One thing that is wrong with a template, or with what it makes; without a line when no single place is to blame. Holds no value of a variable. */
export interface TemplateProblem extends Diagnostic {
  readonly file: string;
  /** The variable, filter, tag or label that the problem is about. */
  readonly name?: string;
}

/** A problem whose place is an offset into the template's text. */
export interface ProblemAt extends Pick<TemplateProblem, "message" | "name" | "nearest"> {
  readonly offset?: number | undefined;
}

/** The job template cannot be used. Holds all problems that were found together; the message lists them with their lines. */
export class TemplateError extends UsageError {
  override readonly name = "TemplateError";
  readonly problems: readonly TemplateProblem[];

  constructor(problems: readonly TemplateProblem[], options?: ErrorOptions) {
    super(
      problems.map(diagnosticWithSnippet).join("\n"),
      "Correct the job template; `runners-autoscaler render --group NAME` shows what it makes without applying it.",
      options,
    );
    this.problems = problems;
  }
}

/** Finds the line and the snippet of each problem, and puts them in the template's order. */
export function templateError(
  file: string,
  source: SourceText,
  problems: readonly ProblemAt[],
  options?: ErrorOptions,
): TemplateError {
  const placed = problems.map(({ offset, message, ...problem }): TemplateProblem => {
    const diagnostic = { severity: "error", file, message: shown(message, LONGEST_MESSAGE), ...problem } as const;
    if (offset === undefined) return diagnostic;
    const place = source.placeOf(offset);
    return { ...diagnostic, ...place, snippet: excerptOf(source.line(place.line), place.column).text.trim() };
  });
  const lineOf = (problem: TemplateProblem) => problem.line ?? Number.POSITIVE_INFINITY;
  return new TemplateError(
    placed.toSorted((a, b) => (lineOf(a) === lineOf(b) ? 0 : lineOf(a) - lineOf(b))),
    options,
  );
}
