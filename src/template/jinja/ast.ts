import type { Value } from "./value.ts";

/**
 * The engine's syntax tree as far as it is used here: the engine's parser makes it, the names and the shape of its nodes are the engine's.
 */
export type Node = Block | Expression;

/** A `{% … %}` with what it encloses. */
type Block =
  | { readonly type: "If"; readonly test: Expression; readonly body: Node[]; readonly alternate: Node[] }
  | {
      readonly type: "For";
      readonly loopvar: Expression;
      readonly iterable: Expression;
      readonly body: Node[];
      readonly defaultBlock: Node[];
    }
  | { readonly type: "Set"; readonly assignee: Expression; readonly value: Expression | null; readonly body: Node[] }
  | { readonly type: "Macro"; readonly name: Identifier; readonly args: Expression[]; readonly body: Node[] }
  | { readonly type: "FilterStatement"; readonly filter: Identifier | Call; readonly body: Node[] };

export type Expression =
  | Identifier
  | Call
  | Member
  | { readonly type: "IntegerLiteral" | "FloatLiteral"; readonly value: number }
  | { readonly type: "StringLiteral"; readonly value: string }
  | { readonly type: "ArrayLiteral" | "TupleLiteral"; readonly value: Expression[] }
  | { readonly type: "ObjectLiteral"; readonly value: ReadonlyMap<Expression, Expression> }
  | FilterCall
  | {
      readonly type: "TestExpression";
      readonly operand: Expression;
      readonly negate: boolean;
      readonly test: Identifier;
    }
  | Binary
  | { readonly type: "UnaryExpression"; readonly argument: Expression }
  | {
      readonly type: "Ternary";
      readonly condition: Expression;
      readonly trueExpr: Expression;
      readonly falseExpr: Expression;
    }
  | { readonly type: "SelectExpression"; readonly lhs: Expression; readonly test: Expression }
  | {
      readonly type: "SliceExpression";
      readonly start: Expression | undefined;
      readonly stop: Expression | undefined;
      readonly step: Expression | undefined;
    }
  | KeywordArgument
  | { readonly type: "SpreadExpression" | "KeywordSpreadExpression"; readonly argument: Expression }
  | Ready;

/** Not the engine's: a value that is known already, in the place of the expression that would make it. */
interface Ready {
  readonly type: "Ready";
  readonly value: Value;
}

export interface Identifier {
  readonly type: "Identifier";
  readonly value: string;
}

export interface Call {
  readonly type: "CallExpression";
  readonly callee: Expression;
  readonly args: Expression[];
}

export interface Member {
  readonly type: "MemberExpression";
  readonly object: Expression;
  readonly property: Expression;
  readonly computed: boolean;
}

interface FilterCall {
  readonly type: "FilterExpression";
  readonly operand: Expression;
  readonly filter: Identifier | Call;
}

export interface Binary {
  readonly type: "BinaryExpression";
  readonly operator: { readonly value: string };
  readonly left: Expression;
  readonly right: Expression;
}

export interface KeywordArgument {
  readonly type: "KeywordArgumentExpression";
  readonly key: Identifier;
  readonly value: Expression;
}

/** The blocks that a node encloses, in the order in which they are written. */
export function enclosedBy(node: Node): readonly Node[] {
  switch (node.type) {
    case "If":
      return [...node.body, ...node.alternate];
    case "For":
      return [...node.body, ...node.defaultBlock];
    case "Set":
    case "Macro":
    case "FilterStatement":
      return node.body;
    default:
      return [];
  }
}
