import * as jinja from "@huggingface/jinja";
import type { Node } from "./ast.ts";
import type { Value } from "./value.ts";

/**
 * The template engine as this folder uses it. Its own declarations do not resolve under Node's module rules, so what is used of it is
 * declared here; a wrong declaration shows in the comparison with Python's outputs.
 */
interface Engine {
  /** @throws an error of any class, without a position, when the tokens are not Jinja. */
  readonly parse: (tokens: readonly Token[]) => Root;
  readonly Environment: new () => Environment;
  readonly Interpreter: new (environment: Environment) => Interpreter;
}

export interface Token {
  readonly type: TokenType;
  readonly value: string;
}

export type TokenType =
  | "Text"
  | "NumericLiteral"
  | "StringLiteral"
  | "Identifier"
  | "Equals"
  | "OpenParen"
  | "CloseParen"
  | "OpenStatement"
  | "CloseStatement"
  | "OpenExpression"
  | "CloseExpression"
  | "OpenSquareBracket"
  | "CloseSquareBracket"
  | "OpenCurlyBracket"
  | "CloseCurlyBracket"
  | "Comma"
  | "Dot"
  | "Colon"
  | "Pipe"
  | "AdditiveBinaryOperator"
  | "MultiplicativeBinaryOperator"
  | "ExponentiationBinaryOperator"
  | "ComparisonBinaryOperator";

/** The whole template's syntax tree. */
export interface Root {
  readonly type: "Program";
  readonly body: readonly Node[];
}

/** A scope: names and their values. */
export interface Environment {
  /** Declares a name, converts a plain value, and gives the converted one. */
  set(name: string, value: unknown): Value;
  lookupVariable(name: string): Value;
}

export interface Interpreter {
  run(root: Root): Value;
  /** Called by the interpreter itself for every node; an absent node is an undefined value. */
  evaluate(node: Node | Root | undefined, environment: Environment): Value;
}

export const { parse, Environment, Interpreter } = jinja as unknown as Engine;
