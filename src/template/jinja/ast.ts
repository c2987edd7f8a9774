import type { Value } from "../python/values.ts";

/** A template's syntax tree. Each node has the offset in the template at which it begins. */
export type Node = { readonly at: number } & (
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "print"; readonly value: Expression }
  | { readonly kind: "if"; readonly branches: readonly Branch[]; readonly otherwise: Block }
  | {
      readonly kind: "for";
      readonly target: Expression;
      readonly list: Expression;
      readonly condition: Expression | undefined;
      readonly body: Block;
      readonly otherwise: Block;
    }
  | { readonly kind: "set"; readonly target: Expression; readonly value: Expression }
  /** A `{% set %}` that encloses its value, or `{% filter %}`, which has no target and prints it: through filters, innermost first. */
  | { readonly kind: "capture"; readonly target?: Expression; readonly filters: readonly Call[]; readonly body: Block }
  | { readonly kind: "macro"; readonly name: string; readonly parameters: readonly Argument[]; readonly body: Block }
);

export type Block = readonly Node[];

/** An `if` or `elif`. */
export interface Branch {
  readonly at: number;
  readonly test: Expression;
  readonly body: Block;
}

export type Expression =
  | { readonly kind: "literal"; readonly at: number; readonly value: Value }
  | { readonly kind: "name"; readonly at: number; readonly name: string }
  /** Of a map, keys and values in turn. */
  | { readonly kind: "list" | "tuple" | "map"; readonly at: number; readonly parts: readonly Expression[] }
  | {
      readonly kind: "operation";
      readonly at: number;
      readonly operator: string;
      readonly parts: readonly Expression[];
    }
  /** One operator between each two parts. */
  | {
      readonly kind: "comparison";
      readonly at: number;
      readonly operators: readonly string[];
      readonly parts: readonly Expression[];
    }
  | { readonly kind: "attribute"; readonly at: number; readonly name: string; readonly parts: readonly [Expression] }
  | Call;

/** A call by name; the offset is the name's. What a filter, a test or a method works on is its first part. */
export interface Call {
  readonly kind: "filter" | "test" | "method" | "function";
  readonly at: number;
  readonly name: string;
  readonly parts: readonly Expression[];
  readonly named: readonly Argument[];
}

/** An argument with a name, or a macro's parameter with what it is when it is not given. */
export interface Argument {
  readonly at: number;
  readonly name: string;
  readonly value: Expression | undefined;
}

/** The expressions that an expression is made of. */
export function partsOf(expression: Expression): readonly Expression[] {
  if (expression.kind === "literal" || expression.kind === "name") return [];
  if (!("named" in expression)) return expression.parts;
  return [...expression.parts, ...expression.named.flatMap(({ value }) => value ?? [])];
}
