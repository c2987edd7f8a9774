import { nearestWord } from "../../diagnostics/nearest-word.ts";
import type { ProblemAt } from "../errors.ts";
import { NODE_SELECTOR, TEXT_VARIABLES } from "../variables.ts";
import type { Call, Expression, Identifier, Member, Node } from "./ast.ts";
import type { Program } from "./compile.ts";
import { FILTERS } from "./filters.ts";
import { isKeyword, nameOf } from "./interpreter.ts";
import type { Piece } from "./scan.ts";
import { TESTS } from "./tests.ts";
import { CONSTANTS, FUNCTIONS, LOOP, METHODS } from "./vocabulary.ts";

/** Names that are known everywhere in a template. */
const EVERYWHERE = [
  ...Object.keys(TEXT_VARIABLES),
  NODE_SELECTOR,
  ...Object.keys(CONSTANTS),
  ...Object.keys(FUNCTIONS),
];

/**
 * Every name in a template against the closed set of what there is: variables, filters, tests, methods. Jinja2 would print nothing for a
 * mistyped variable, and a runner would start without what it needs.
 */
export function checkNames(program: Program): ProblemAt[] {
  const checker = new NameChecker(program);
  checker.block(program.root.body, new Set(EVERYWHERE));
  return checker.problems;
}

/** The names that are known at one point; a nested block gets its own copy. */
type Known = Set<string>;

class NameChecker {
  readonly problems: ProblemAt[] = [];
  readonly #program: Program;
  #piece: Piece | undefined;
  readonly #blamed = new Map<Piece, Set<number>>();

  constructor(program: Program) {
    this.#program = program;
  }

  block(nodes: readonly Node[], known: Known): void {
    for (const node of nodes) this.#node(node, known);
  }

  #node(node: Node, known: Known): void {
    this.#piece = this.#program.pieceOf.get(node);
    switch (node.type) {
      case "If":
        this.#expression(node.test, known);
        this.block(node.body, known);
        this.block(node.alternate, known);
        return;
      case "For": {
        const { iterable } = node;
        this.#expression(iterable.type === "SelectExpression" ? iterable.lhs : iterable, known);
        const inside = new Set([...known, ...namesIn(node.loopvar), "loop"]);
        if (iterable.type === "SelectExpression") this.#expression(iterable.test, inside);
        this.block(node.body, inside);
        this.block(node.defaultBlock, new Set(known));
        return;
      }
      case "Set":
        if (node.value !== null) this.#expression(node.value, known);
        if (node.assignee.type === "MemberExpression") this.#expression(node.assignee, known);
        this.block(node.body, known);
        for (const name of namesIn(node.assignee)) this.#declare(name, known);
        return;
      case "Macro": {
        known.add(node.name.value);
        const parameters = node.args.map((parameter) =>
          isKeyword(parameter) ? parameter.key.value : nameIn(parameter),
        );
        for (const parameter of node.args) if (isKeyword(parameter)) this.#expression(parameter.value, known);
        this.block(node.body, new Set([...known, ...parameters]));
        return;
      }
      case "FilterStatement":
        this.#filter(node.filter, known);
        this.block(node.body, new Set(known));
        return;
      default:
        this.#expression(node, known);
    }
  }

  #declare(name: string, known: Known): void {
    if (Object.hasOwn(CONSTANTS, name)) this.#report(`"${name}" cannot be set`, name);
    known.add(name);
  }

  #expression(node: Expression | undefined, known: Known): void {
    switch (node?.type) {
      case undefined:
      case "IntegerLiteral":
      case "FloatLiteral":
      case "StringLiteral":
      case "Ready":
        return;
      case "Identifier":
        if (!known.has(node.value)) this.#unknown("variable", node.value, known);
        return;
      case "CallExpression":
        return this.#call(node, known);
      case "MemberExpression":
        return this.#member(node, known);
      case "FilterExpression":
        this.#expression(node.operand, known);
        return this.#filter(node.filter, known);
      case "TestExpression":
        this.#expression(node.operand, known);
        if (!TESTS.has(node.test.value)) this.#unknown("test", node.test.value, TESTS.keys());
        return;
      case "ArrayLiteral":
      case "TupleLiteral":
        return this.#expressions(node.value, known);
      case "ObjectLiteral":
        return this.#expressions([...node.value].flat(), known);
      case "BinaryExpression":
        return this.#expressions([node.left, node.right], known);
      case "UnaryExpression":
      case "SpreadExpression":
      case "KeywordSpreadExpression":
        return this.#expression(node.argument, known);
      case "Ternary":
        return this.#expressions([node.condition, node.trueExpr, node.falseExpr], known);
      case "SelectExpression":
        return this.#expressions([node.lhs, node.test], known);
      case "SliceExpression":
        return this.#expressions([node.start, node.stop, node.step], known);
      case "KeywordArgumentExpression":
        return this.#expression(node.value, known);
    }
  }

  #expressions(nodes: readonly (Expression | undefined)[], known: Known): void {
    for (const node of nodes) this.#expression(node, known);
  }

  #call({ callee, args }: Call, known: Known): void {
    this.#expressions(args, known);
    const isMethod = callee.type === "MemberExpression" && !callee.computed;
    const name = isMethod ? nameIn(callee.property) : nameIn(callee);
    if (!isMethod) return this.#function(callee, name, args.length, known);
    this.#expression(callee.object, known);
    this.#arity("method", name, METHODS, args.length);
  }

  #function(callee: Expression, name: string, count: number, known: Known): void {
    this.#expression(callee, known);
    if (Object.hasOwn(FUNCTIONS, name)) this.#arity("function", name, FUNCTIONS, count);
    else if (Object.hasOwn(TEXT_VARIABLES, name) || name === NODE_SELECTOR)
      this.#report(`"${name}" cannot be called`, name);
  }

  #arity(what: string, name: string, known: Readonly<Record<string, number>>, count: number): void {
    const most = Object.hasOwn(known, name) ? known[name] : undefined;
    if (most === undefined) this.#unknown(what, name, Object.keys(known));
    else if (count > most) this.#report(`the ${what} "${name}" takes ${most} argument(s) at most here`, name);
  }

  /** An attribute that is not called: of `loop` one of its own, of a map or a namespace any, of a text none. */
  #member({ object, property, computed }: Member, known: Known): void {
    this.#expression(object, known);
    if (computed) return this.#expression(property, known);
    const of = nameIn(object);
    const name = nameIn(property);
    if (of === "loop" && !LOOP.includes(name)) this.#unknown("attribute of loop", name, LOOP);
    if (of !== "loop" && (Object.hasOwn(TEXT_VARIABLES, of) || Object.hasOwn(METHODS, name) || name === "length")) {
      this.#report(`"${name}" is no attribute that can be read here; a method is called: ${name}()`, name);
    }
  }

  #filter(call: Identifier | Call, known: Known): void {
    const name = nameOf(call);
    const args = call.type === "Identifier" ? [] : call.args;
    this.#expressions(args, known);
    const filter = FILTERS.get(name);
    if (filter === undefined) return this.#unknown("filter", name, FILTERS.keys());
    const { parameters, required } = filter;
    const stranger = args.find((argument) => isKeyword(argument) && !parameters.includes(argument.key.value));
    const spread = args.some(({ type }) => type === "SpreadExpression" || type === "KeywordSpreadExpression");
    if (args.length > parameters.length || stranger !== undefined || spread) {
      this.#report(`the filter "${name}" takes here: ${parameters.join(", ") || "no arguments"}`, name);
    } else if (args.length < required) {
      this.#report(`the filter "${name}" needs: ${parameters.slice(0, required).join(", ")}`, name);
    }
  }

  #unknown(what: string, name: string, known: Iterable<string>): void {
    const close = nearestWord(name, known);
    this.#report(`unknown ${what} "${name}"`, name, close === undefined ? {} : { nearest: close });
  }

  #report(message: string, name: string, more: { readonly nearest?: string } = {}): void {
    this.problems.push({ message, name, offset: this.#offsetOf(name), ...more });
  }

  /** Where the name stands in the tag at hand: the first place that no earlier problem was put to. */
  #offsetOf(name: string): number | undefined {
    const piece = this.#piece;
    if (piece === undefined || piece.kind === "text") return piece?.at;
    const blamed = this.#blamed.get(piece) ?? new Set();
    this.#blamed.set(piece, blamed);
    const token = piece.tokens.find(
      ({ type, value, at }) => type === "Identifier" && value === name && !blamed.has(at),
    );
    if (token !== undefined) blamed.add(token.at);
    return token?.at ?? piece.at;
  }
}

function namesIn(target: Expression): string[] {
  if (target.type === "TupleLiteral") return target.value.flatMap(namesIn);
  return target.type === "Identifier" ? [target.value] : [];
}

function nameIn(node: Expression): string {
  return node.type === "Identifier" ? node.value : "";
}
