import type { Value } from "../python/values.ts";
import type { Meter } from "./meter.ts";

/** A filter, a test or a method. */
export interface Word {
  /** In the order in which they can be given without a name. */
  readonly parameters: readonly string[];
  /** How many of them must be given. */
  readonly required: number;
  readonly apply: Apply;
}

/** Gets what it works on, then the arguments in the order of the parameters; undefined for what was not given. */
export type Apply = (meter: Meter, input: Value, ...given: Value[]) => Value;

/** Words by their names, each written with its parameters: `replace(old, new, count?)`. */
export function vocabulary(words: Readonly<Record<string, Apply>>): ReadonlyMap<string, Word> {
  return new Map(
    Object.entries(words).map(([written, apply]) => {
      const [name = "", ...parameters] = written.match(/\w+\??/g) ?? [];
      const required = parameters.filter((parameter) => !parameter.endsWith("?")).length;
      return [name, { parameters: parameters.map((parameter) => parameter.replace("?", "")), required, apply }];
    }),
  );
}
