import { UsageError } from "../support/errors.ts";
import type { Place, SourceText } from "./source-text.ts";

/** One thing that is wrong with a template, or with what it makes. Holds no value of a variable. */
export interface TemplateProblem {
  /** What is wrong and what was expected. */
  readonly message: string;
  /** Where in the template; undefined when no single place is to blame. */
  readonly place?: Place;
  /** The template's line at that place. */
  readonly snippet?: string;
  /** The variable, filter, tag or label that the problem is about. */
  readonly name?: string;
  /** The known name that is closest to {@link name}. */
  readonly nearest?: string;
}

/** A problem whose place is an offset into the template's text. */
export interface ProblemAt extends Omit<TemplateProblem, "place" | "snippet"> {
  readonly offset?: number | undefined;
}

/** The job template cannot be used. Holds all problems that were found together; the message lists them with their lines. */
export class TemplateError extends UsageError {
  override readonly name = "TemplateError";
  readonly file: string;
  readonly problems: readonly TemplateProblem[];

  constructor(file: string, problems: readonly TemplateProblem[], options?: ErrorOptions) {
    super(
      problems.map((problem) => describe(file, problem)).join("\n"),
      "Correct the job template; `runners-autoscaler render --group NAME` shows what it makes without applying it.",
      options,
    );
    this.file = file;
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
  const placed = problems.map(({ offset, ...problem }): TemplateProblem => {
    if (offset === undefined) return problem;
    const place = source.placeOf(offset);
    return { ...problem, place, snippet: source.line(place.line).trim() };
  });
  const lineOf = (problem: TemplateProblem) => problem.place?.line ?? Number.POSITIVE_INFINITY;
  return new TemplateError(
    file,
    placed.toSorted((a, b) => (lineOf(a) === lineOf(b) ? 0 : lineOf(a) - lineOf(b))),
    options,
  );
}

function describe(file: string, { message, place, snippet, nearest }: TemplateProblem): string {
  const where = place === undefined ? file : `${file}:${place.line}:${place.column}`;
  const hint = nearest === undefined ? "" : `; did you mean "${nearest}"?`;
  const shown = place === undefined || snippet === undefined ? "" : `\n    ${place.line} | ${snippet}`;
  return `${where}: ${message}${hint}${shown}`;
}
