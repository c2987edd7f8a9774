import type { ProblemAt } from "../errors.ts";
import { DEEPEST_NESTING } from "./limits.ts";
import type { TagPiece } from "./scan.ts";
import { isOpenSet } from "./tag.ts";

const OPENERS = new Set(["if", "for", "filter", "macro"]);

interface Open {
  readonly name: string;
  readonly at: number;
  /** An `else` came already. */
  readonly otherwise: boolean;
}

/** Whether each `{% if %}`, `{% for %}` … is closed by its own end, and each `{% else %}` stands in one that has it. */
export function nesting(tags: readonly TagPiece[]): ProblemAt[] {
  const problems: ProblemAt[] = [];
  const open: Open[] = [];
  for (const tag of tags) {
    if (tag.kind === "variable") continue;
    const name = tag.tokens[0]?.value ?? "";
    const inner = open.at(-1);
    if (OPENERS.has(name) || isOpenSet(tag)) {
      open.push({ name, at: tag.at, otherwise: false });
      if (open.length > DEEPEST_NESTING)
        return [{ message: `more than ${DEEPEST_NESTING} tags in one another`, offset: tag.at }];
    } else if (name.startsWith("end")) {
      const problem = closing(name, tag.at, inner);
      if (problem === undefined) open.pop();
      // Only the first misplaced end is reported: the ones behind it follow from it.
      else return [...problems, problem];
    } else if (name === "else" || name === "elif") {
      const fits = inner !== undefined && (inner.name === "if" || (inner.name === "for" && name === "else"));
      if (!fits)
        problems.push({ message: `"{% ${name} %}" does not stand in an open "{% if %}"`, offset: tag.at, name });
      else if (inner.otherwise)
        problems.push({ message: `"{% ${name} %}" comes after "{% else %}"`, offset: tag.at, name });
      else open.splice(-1, 1, { ...inner, otherwise: name === "else" });
    }
  }
  for (const { name, at } of open) {
    problems.push({ message: `"{% ${name} %}" is never closed by "{% end${name} %}"`, offset: at, name });
  }
  return problems;
}

function closing(name: string, offset: number, inner: Open | undefined): ProblemAt | undefined {
  if (inner === undefined) return { message: `"{% ${name} %}" closes nothing`, offset, name };
  if (name === `end${inner.name}`) return undefined;
  return { message: `"{% ${name} %}" stands where "{% end${inner.name} %}" is expected`, offset, name };
}
