import type { Variables } from "../variables.ts";
import type { Program } from "./compile.ts";
import { Environment } from "./engine.ts";
import { TemplateInterpreter } from "./interpreter.ts";
import { LONGEST_LIST } from "./limits.ts";
import { CONSTANTS } from "./vocabulary.ts";

/**
 * The text that a template makes of one runner's variables.
 *
 * @throws {RunError}
 */
export function run(program: Program, variables: Variables): string {
  const environment = new Environment();
  for (const [name, value] of Object.entries(CONSTANTS)) environment.set(name, value);
  environment.set("range", range);
  for (const [name, value] of Object.entries(variables)) environment.set(name, value);
  return new TemplateInterpreter(program, environment).text();
}

/** Python's `range`, of a length that cannot do harm. */
function range(...given: readonly unknown[]): number[] {
  if (given.length === 0 || !given.every(Number.isInteger)) throw new Error("range() takes one to three whole numbers");
  const [first = 0, second, step = 1] = given as readonly number[];
  const [start, stop] = second === undefined ? [0, first] : [first, second];
  if (step === 0) throw new Error("range() takes a step that is not zero");
  const length = Math.max(0, Math.ceil((stop - start) / step));
  if (length > LONGEST_LIST) throw new Error(`range() makes at most ${LONGEST_LIST} numbers`);
  return Array.from({ length }, (_, index) => start + index * step);
}
