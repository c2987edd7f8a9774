import { type ProblemAt, templateError } from "./errors.ts";
import type { Block } from "./jinja/ast.ts";
import { checkNames } from "./jinja/check-names.ts";
import { evaluate } from "./jinja/evaluate.ts";
import { MOST_PROBLEMS } from "./jinja/limits.ts";
import { EvaluationError } from "./jinja/meter.ts";
import { originsOf } from "./jinja/origins.ts";
import { parse } from "./jinja/parse.ts";
import { SyntaxProblem, scan } from "./jinja/scan.ts";
import type { Dict, Value } from "./python/values.ts";
import { SourceText } from "./source-text.ts";
import type { Variables } from "./variables.ts";

/** A template that was understood: it makes text, and remembers where that came from. */
export interface TemplateText {
  readonly file: string;
  readonly source: SourceText;
  readonly tree: Block;
  /** @throws {TemplateError} when it cannot be evaluated with these values. */
  render(variables: Variables): string;
  /** For an offset in the text that these variables make, the offset in the template that it came from, as well as can be told. */
  origins(variables: Variables): (offset: number) => number | undefined;
}

/** @throws {TemplateError} with all faults of syntax, or all unknown names. */
export function readTemplate(source: string, file: string): TemplateText {
  const text = new SourceText(source);
  const refusal = (problems: readonly ProblemAt[]) => templateError(file, text, problems.slice(0, MOST_PROBLEMS));
  const tree = parsed(text.text, refusal);
  const unknown = checkNames(tree);
  if (unknown.length > 0) throw refusal(unknown);
  return {
    file,
    source: text,
    tree,
    render(variables) {
      try {
        return evaluate(tree, valuesOf(variables));
      } catch (cause) {
        if (!(cause instanceof EvaluationError)) throw cause;
        throw templateError(file, text, [{ message: cause.message, offset: cause.at }], { cause });
      }
    },
    origins: (variables) => originsOf(tree, valuesOf(variables)),
  };
}

function parsed(text: string, refusal: (problems: readonly ProblemAt[]) => Error): Block {
  try {
    const tree = parse(scan(text));
    if ("problems" in tree) throw refusal(tree.problems);
    return tree;
  } catch (error) {
    throw error instanceof SyntaxProblem ? refusal([error.problem]) : error;
  }
}

function valuesOf({ node_selector: nodeSelector, ...texts }: Variables): Dict {
  return new Map<string, Value>([...Object.entries(texts), ["node_selector", new Map(Object.entries(nodeSelector))]]);
}
