import { templateError } from "./errors.ts";
import { checkNames } from "./jinja/check.ts";
import { compile, type Program } from "./jinja/compile.ts";
import { RunError } from "./jinja/interpreter.ts";
import { originsOf } from "./jinja/origins.ts";
import { run } from "./jinja/run.ts";
import { type Piece, ScanError, scan } from "./jinja/scan.ts";
import { SourceText } from "./source-text.ts";
import type { Variables } from "./variables.ts";

/** A template that was understood: it makes text, and remembers where that came from. */
export interface TemplateText {
  readonly file: string;
  readonly source: SourceText;
  /** @throws {TemplateError} when it cannot be evaluated with these values. */
  render(variables: Variables): string;
  /** For an offset in the text that these variables make, the offset in the template that it came from, as well as can be told. */
  origins(variables: Variables): (offset: number) => number | undefined;
}

/** @throws {TemplateError} with all faults of syntax, or all unknown names. */
export function readTemplate(source: string, file: string): TemplateText {
  const text = new SourceText(source);
  const pieces = scanned(text, file);
  const program = understood(pieces, text, file);
  return {
    file,
    source: text,
    render: (variables) => rendered(program, variables, text, file),
    origins: (variables) => originsOf(pieces, variables),
  };
}

function understood(pieces: readonly Piece[], text: SourceText, file: string): Program {
  try {
    const program = compile(pieces);
    const problems = "problems" in program ? program.problems : checkNames(program);
    if ("problems" in program || problems.length > 0) throw templateError(file, text, problems);
    return program;
  } catch (error) {
    // The parser and the checks walk down tag by tag.
    if (!(error instanceof RangeError)) throw error;
    throw templateError(file, text, [{ message: "its tags are nested too deeply" }], { cause: error });
  }
}

function scanned(text: SourceText, file: string): readonly Piece[] {
  try {
    return scan(text.text);
  } catch (error) {
    throw error instanceof ScanError ? templateError(file, text, [error.problem]) : error;
  }
}

function rendered(program: Program, variables: Variables, text: SourceText, file: string): string {
  try {
    return run(program, variables);
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    throw templateError(file, text, [{ message: error.message, offset: error.piece.at }], { cause: error });
  }
}
