import { nearestWord } from "../../diagnostics/nearest-word.ts";
import type { ProblemAt } from "../errors.ts";
import type { Block, Branch, Call, Node } from "./ast.ts";
import { ExpressionParser, NO_CHOICE } from "./expressions.ts";
import { DEEPEST_NESTING, MOST_PROBLEMS } from "./limits.ts";
import { type Piece, SyntaxProblem, type Tag } from "./scan.ts";

/** The tags that a template can use, and how each is written. */
export const TAGS: Readonly<Record<string, string>> = {
  if: "{% if CONDITION %}",
  elif: "{% elif CONDITION %}",
  else: "{% else %}",
  endif: "{% endif %}",
  for: "{% for NAME in LIST %}",
  endfor: "{% endfor %}",
  set: "{% set NAME = VALUE %}",
  endset: "{% endset %}",
  filter: "{% filter NAME %}",
  endfilter: "{% endfilter %}",
  macro: "{% macro NAME(PARAMETERS) %}",
  endmacro: "{% endmacro %}",
  raw: "{% raw %}",
  endraw: "{% endraw %}",
};

/** Jinja2 has these; this program does not. */
const NOT_HERE = new Set(
  "autoescape block break call continue debug do extends from import include trans with".split(" "),
);

/** Joins the pieces of a template into its syntax tree; all faults of syntax at once. */
export function parse(pieces: readonly Piece[]): Block | { readonly problems: readonly ProblemAt[] } {
  const problems: ProblemAt[] = [];
  const parts = pieces.flatMap((piece) => {
    if (problems.length >= MOST_PROBLEMS) return [];
    try {
      return piece.kind === "text" ? { name: "", at: piece.at, node: piece } : partOf(piece);
    } catch (error) {
      if (!(error instanceof SyntaxProblem)) throw error;
      problems.push(error.problem);
      return [];
    }
  });
  // A tag that is not understood would only make its neighbours look wrong.
  return problems.length > 0 ? { problems } : nested(parts);
}

/** What one piece adds to the tree: a node, an open one, a branch of one, or its end. */
interface Part {
  readonly name: string;
  readonly at: number;
  readonly node?: Node;
  readonly open?: Open;
  readonly branch?: Branch & { readonly body: Node[] };
}

/** A node that is not closed yet: what comes next goes into `body`. */
interface Open {
  readonly body: Node[];
  readonly branches?: Branch[];
  /** Where what follows `{% else %}` goes; undefined where there can be none any more. */
  readonly otherwise?: Node[] | undefined;
}

function partOf(tag: Tag): Part {
  const { at } = tag;
  const [first] = tag.tokens;
  if (tag.kind === "print") {
    if (first === undefined) throw new SyntaxProblem({ message: '"<%" and "%>" hold nothing to print', offset: at });
    const parser = new ExpressionParser(tag, "<% EXPRESSION %>");
    const value = parser.tuple();
    parser.end();
    return { name: "", at, node: { kind: "print", at, value } };
  }
  const name = first?.type === "name" ? first.value : "";
  if (!Object.hasOwn(TAGS, name)) throw new SyntaxProblem(unknownTag(name, at));
  const parser = new ExpressionParser(tag, TAGS[name] ?? "");
  parser.name();
  const part = { name, at, ...statement(name, at, parser) };
  parser.end();
  return part;
}

function unknownTag(name: string, offset: number): ProblemAt {
  if (name === "") return { message: `a tag begins with one of ${Object.keys(TAGS).join(", ")}`, offset };
  if (NOT_HERE.has(name)) {
    return { message: `the tag "${name}" is Jinja2's, but cannot be used in a job template`, offset, name };
  }
  const nearest = nearestWord(name, Object.keys(TAGS));
  return { message: `unknown tag "${name}"`, offset, name, ...(nearest !== undefined && { nearest }) };
}

function statement(name: string, at: number, parser: ExpressionParser): Pick<Part, "node" | "open" | "branch"> {
  const body: Node[] = [];
  const otherwise: Node[] = [];
  switch (name) {
    case "if": {
      const branches: Branch[] = [{ at, test: parser.expression(NO_CHOICE), body }];
      return { node: { kind: "if", at, branches, otherwise }, open: { body, branches, otherwise } };
    }
    case "elif":
      return { branch: { at, test: parser.expression(NO_CHOICE), body } };
    case "for": {
      const target = parser.target();
      parser.expect("in");
      const list = parser.tuple(() => parser.expression(NO_CHOICE));
      const condition = parser.take("if") === undefined ? undefined : parser.expression();
      return { node: { kind: "for", at, target, list, condition, body, otherwise }, open: { body, otherwise } };
    }
    case "set": {
      const target = parser.target();
      if (parser.take("=") !== undefined) {
        return { node: { kind: "set", at, target, value: parser.tuple() } };
      }
      const filters = parser.take("|") === undefined ? [] : filtersOf(parser);
      return { node: { kind: "capture", at, target, filters, body }, open: { body } };
    }
    case "filter":
      return { node: { kind: "capture", at, filters: filtersOf(parser), body }, open: { body } };
    case "macro": {
      const { value } = parser.name();
      return { node: { kind: "macro", at, name: value, parameters: parser.parameters(), body }, open: { body } };
    }
    case "raw":
      // One that is well written never gets here.
      parser.expect("%}");
      return {};
    default:
      return {};
  }
}

function filtersOf(parser: ExpressionParser): readonly Call[] {
  const filters = [parser.filter()];
  while (parser.take("|") !== undefined) filters.push(parser.filter());
  return filters;
}

function nested(parts: readonly Part[]): Block | { readonly problems: readonly ProblemAt[] } {
  const root: Node[] = [];
  const problems: ProblemAt[] = [];
  const stack: (Open & Pick<Part, "name" | "at">)[] = [];
  for (const { name, at, node, open, branch } of parts) {
    const inner = stack.at(-1);
    if (node !== undefined) (inner?.body ?? root).push(node);
    if (open !== undefined) {
      stack.push({ ...open, name, at });
      if (stack.length <= DEEPEST_NESTING) continue;
      return { problems: [{ message: `more than ${DEEPEST_NESTING} tags in one another`, offset: at }] };
    }
    if (name.startsWith("end")) {
      if (name !== `end${inner?.name}`) {
        // Only the first misplaced end is reported: the ones behind it follow from it.
        const message = inner ? `stands where "{% end${inner.name} %}" is expected` : "closes nothing";
        return { problems: [...problems, { message: `"{% ${name} %}" ${message}`, offset: at, name }] };
      }
      stack.pop();
    } else if (name === "else" || branch !== undefined) {
      const fits = inner?.name === "if" || (inner?.name === "for" && branch === undefined);
      if (!fits) {
        problems.push({ message: `"{% ${name} %}" does not stand in an open "{% if %}"`, offset: at, name });
      } else if (inner.otherwise === undefined) {
        problems.push({ message: `"{% ${name} %}" comes after "{% else %}"`, offset: at, name });
      } else if (branch !== undefined) {
        inner.branches?.push(branch);
        stack.splice(-1, 1, { ...inner, body: branch.body });
      } else {
        stack.splice(-1, 1, { ...inner, body: inner.otherwise, otherwise: undefined });
      }
    }
  }
  for (const { name, at } of stack) {
    problems.push({ message: `"{% ${name} %}" is never closed by "{% end${name} %}"`, offset: at, name });
  }
  return problems.length > 0 ? { problems } : root;
}
