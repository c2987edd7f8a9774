import type { Binary, Call, Expression, Identifier, KeywordArgument, Member, Node } from "./ast.ts";
import type { Program } from "./compile.ts";
import { type Environment, Interpreter, type Root } from "./engine.ts";
import type { Arguments, Filter } from "./filter.ts";
import { FILTERS } from "./filters.ts";
import { LONGEST_LIST, LONGEST_TEXT, MOST_STEPS } from "./limits.ts";
import { pythonEquals } from "./python-equality.ts";
import { pythonText } from "./python-text.ts";
import type { Piece } from "./scan.ts";
import { TESTS } from "./tests.ts";
import type { Value } from "./value.ts";
import { booleanValue, itemsOf } from "./values.ts";

/** A template that could not be run to its end, and the piece of it that was being evaluated. */
export class RunError extends Error {
  readonly piece: Piece;

  constructor(message: string, piece: Piece, options: ErrorOptions) {
    super(message, options);
    this.piece = piece;
  }
}

/**
 * The engine's interpreter with Python's answers where the engine has others (printing, equality, `~`, filters), within the limits of
 * `limits.ts`, and with the piece of the template to each error.
 */
export class TemplateInterpreter extends Interpreter {
  readonly #program: Program;
  #steps = 0;

  constructor(program: Program, environment: Environment) {
    super(environment);
    this.#program = program;
  }

  /** @throws {RunError} */
  text(): string {
    return pythonText(this.run(this.#program.root));
  }

  override evaluate(node: Node | Root | undefined, environment: Environment): Value {
    const piece = node === undefined ? undefined : this.#program.pieceOf.get(node);
    if (piece === undefined) return this.#counted(node, environment);
    try {
      const value = this.#counted(node, environment);
      return piece.kind === "variable"
        ? this.#of({ type: "StringLiteral", value: pythonText(value) }, environment)
        : value;
    } catch (cause) {
      throw cause instanceof RunError ? cause : new RunError(reason(cause), piece, { cause });
    }
  }

  #counted(node: Node | Root | undefined, environment: Environment): Value {
    this.#spend(1);
    const value = this.#python(node, environment);
    if (value.type === "StringValue") {
      const { length } = String(value.value);
      if (length > LONGEST_TEXT) throw new Error(`makes more than ${LONGEST_TEXT} characters`);
      this.#spend(length / 100);
    } else if (value.type === "IntegerValue" && !Number.isSafeInteger(value.value)) {
      throw new Error("makes a number that is too big, or divides by zero");
    } else if (value.type === "FloatValue" && !Number.isFinite(value.value)) {
      throw new Error("makes a number that is too big, or divides by zero");
    } else {
      const { length } = itemsOf(value);
      if (length > LONGEST_LIST) throw new Error(`makes a list of more than ${LONGEST_LIST} items`);
      this.#spend(length);
    }
    return value;
  }

  #spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > MOST_STEPS) throw new Error("takes too long: a template is for one Secret and one Job");
  }

  /** The cases in which the engine's answer is not Python's. */
  #python(node: Node | Root | undefined, environment: Environment): Value {
    switch (node?.type) {
      case "Ready":
        return node.value;
      case "BinaryExpression":
        return this.#binary(node, environment);
      case "MemberExpression":
        return this.#member(node, environment);
      case "TestExpression": {
        const holds = TESTS.get(node.test.value)?.(this.#of(node.operand, environment));
        return booleanValue(holds !== node.negate);
      }
      case "FilterExpression":
        return this.#filter(this.#of(node.operand, environment), node.filter, environment);
      case "FilterStatement": {
        const body = super.evaluate({ type: "Program", body: node.body }, environment);
        return this.#filter(body, node.filter, environment);
      }
      default:
        return super.evaluate(node, environment);
    }
  }

  #of(node: Expression | undefined, environment: Environment): Value {
    return this.evaluate(node, environment);
  }

  #binary(node: Binary, environment: Environment): Value {
    const operator = node.operator.value;
    if (!COMPARED_HERE.has(operator)) return super.evaluate(node, environment);
    const left = this.#of(node.left, environment);
    const right = this.#of(node.right, environment);
    switch (operator) {
      case "~":
        return this.#of({ type: "StringLiteral", value: pythonText(left) + pythonText(right) }, environment);
      case "+": {
        const texts = [left, right].filter(({ type }) => type === "StringValue").length;
        if (texts === 1) throw new Error('"+" joins two texts or adds two numbers; "~" joins a text with anything');
        const known: Binary = { ...node, left: { type: "Ready", value: left }, right: { type: "Ready", value: right } };
        return super.evaluate(known, environment);
      }
      default:
        return booleanValue(pythonEquals(left, right) === (operator === "=="));
    }
  }

  #member(node: Member, environment: Environment): Value {
    const object = this.#of(node.object, environment);
    if (object.type === "UndefinedValue") throw new Error("reads an attribute of an undefined value");
    const known: Member = { ...node, object: { type: "Ready", value: object } };
    return super.evaluate(known, environment);
  }

  #filter(input: Value, call: Identifier | Call, environment: Environment): Value {
    const name = nameOf(call);
    const filter = FILTERS.get(name);
    if (filter === undefined) throw new Error(`unknown filter "${name}"`);
    const given = this.#arguments(filter, call.type === "Identifier" ? [] : call.args, environment);
    return this.#of(filter.apply(input, given), environment);
  }

  #arguments(filter: Filter, args: readonly Expression[], environment: Environment): Arguments {
    const given: Record<string, Value> = {};
    args.forEach((argument, index) => {
      const [parameter, value] = isKeyword(argument)
        ? [argument.key.value, argument.value]
        : [filter.parameters[index] ?? "", argument];
      given[parameter] = this.#of(value, environment);
    });
    return given;
  }
}

const COMPARED_HERE = new Set(["==", "!=", "~", "+"]);

/** The filter's name: of `upper` and of `indent(8)`. */
export function nameOf(filter: Identifier | Call): string {
  if (filter.type === "Identifier") return filter.value;
  return filter.callee.type === "Identifier" ? filter.callee.value : "";
}

export function isKeyword(argument: Expression): argument is KeywordArgument {
  return argument.type === "KeywordArgumentExpression";
}

const KINDS: Readonly<Record<string, string>> = {
  StringValue: "a text",
  IntegerValue: "a number",
  FloatValue: "a number",
  BooleanValue: "true or false",
  ObjectValue: "a map",
  ArrayValue: "a list",
  TupleValue: "a list",
  NullValue: "none",
  UndefinedValue: "an undefined value",
  FunctionValue: "a function",
  NamespaceValue: "a namespace",
};

/** The engine's messages name its own classes, and never a value. */
function reason(cause: unknown): string {
  if (cause instanceof RangeError) return "is nested too deeply, or makes too long a text";
  if (cause instanceof TypeError || !(cause instanceof Error)) return "cannot be evaluated";
  return cause.message.replace(/\b[A-Z]\w+Value\b/g, (name) => KINDS[name] ?? name);
}
