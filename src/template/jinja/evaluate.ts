import { attributeOf, COMPARISONS, OPERATORS } from "../python/operators.ts";
import { pythonText } from "../python/printing.ts";
import { type Dict, elementsOf, List, Macro, Namespace, truth, type Value } from "../python/values.ts";
import type { Argument, Block, Call, Expression, Node } from "./ast.ts";
import { FILTERS } from "./filters.ts";
import { EvaluationError, Meter } from "./meter.ts";
import { FUNCTIONS, METHODS, TESTS } from "./methods.ts";
import { Scope } from "./scope.ts";

/** How one evaluation is done. */
export interface Run {
  readonly meter: Meter;
  /** What is printed for a text of the template's own. */
  textOf(node: Node & { readonly kind: "text" }): string;
}

/**
 * The text that a template makes of its variables.
 *
 * @throws {EvaluationError} with the offset of the tag that cannot be evaluated
 */
export function evaluate(template: Block, variables: Dict, run: Run = plainRun()): string {
  const functions = [...FUNCTIONS].map(([name, { macro }]) => [name, macro] as const);
  const scope: Names = new Scope(undefined, [...functions, ...variables]);
  return new Evaluator(run).captured(template, scope);
}

/** A run within the limits, that prints text as it is. */
function plainRun(): Run {
  return { meter: new Meter(), textOf: ({ text }) => text };
}

type Names = Scope<Value>;

const WORDS = { filter: FILTERS, test: TESTS, method: METHODS };

class Evaluator {
  readonly #run: Run;
  readonly #meter: Meter;

  constructor(run: Run) {
    this.#run = run;
    this.#meter = run.meter;
  }

  captured(block: Block, scope: Names): string {
    const out = new Output(this.#meter);
    this.#block(block, scope, out);
    return out.text();
  }

  #block(block: Block, scope: Names, out: Output): void {
    for (const node of block) this.#placed(node.at, () => this.#node(node, scope, out));
  }

  /** Tells where it was when something goes wrong. */
  #placed<T>(at: number, work: () => T): T {
    try {
      this.#meter.spend(1);
      return this.#meter.within(work);
    } catch (error) {
      if (error instanceof EvaluationError) error.at ??= at;
      throw error;
    }
  }

  #node(node: Node, scope: Names, out: Output): void {
    switch (node.kind) {
      case "text":
        return out.print(this.#run.textOf(node));
      case "print":
        return out.print(pythonText(this.#value(node.value, scope), this.#meter));
      case "if": {
        const branch = node.branches.find(({ at, test }) => this.#placed(at, () => truth(this.#value(test, scope))));
        return this.#block(branch?.body ?? node.otherwise, scope, out);
      }
      case "for":
        return this.#loop(node, scope, out);
      case "set":
        return this.#assign(node.target, this.#value(node.value, scope), scope);
      case "capture": {
        const text: Value = this.captured(node.body, new Scope(scope));
        const value = node.filters.reduce<Value>((input, filter) => this.#word(filter, [input], scope), text);
        return node.target ? this.#assign(node.target, value, scope) : out.print(pythonText(value, this.#meter));
      }
      case "macro": {
        const call = (given: readonly Value[], named: Dict) => this.#expand(node, given, named, scope);
        scope.set(node.name, new Macro(call));
      }
    }
  }

  #loop(node: Node & { readonly kind: "for" }, scope: Names, out: Output): void {
    const { target, condition } = node;
    const entered = (item: Value) => {
      const inside = new Scope(scope);
      this.#assign(target, item, inside);
      return inside;
    };
    const all = elementsOf(this.#value(node.list, scope), this.#meter);
    const items = condition === undefined ? all : all.filter((item) => truth(this.#value(condition, entered(item))));
    if (items.length === 0) return this.#block(node.otherwise, new Scope(scope), out);
    items.forEach((item, index) => {
      const inside = entered(item);
      inside.set("loop", loopAt(items, index));
      this.#block(node.body, inside, out);
    });
  }

  #assign(target: Expression, value: Value, scope: Names): void {
    if (target.kind === "name") scope.set(target.name, value);
    else if (target.kind === "attribute") {
      const object = this.#value(target.parts[0], scope);
      if (!(object instanceof Namespace)) throw new EvaluationError("only an attribute of a namespace can be set");
      object.attributes.set(target.name, value);
    } else if (target.kind === "tuple") {
      const items = elementsOf(value, this.#meter);
      if (items.length !== target.parts.length) throw new EvaluationError("there are not as many names as values");
      target.parts.forEach((part, index) => this.#assign(part, items[index], scope));
    }
  }

  #expand(macro: Node & { readonly kind: "macro" }, given: readonly Value[], named: Dict, scope: Names): string {
    const inside = new Scope(scope);
    this.#meter.list(macro.parameters.length);
    const left = new Set(macro.parameters.slice(given.length).map(({ name }) => name));
    if (given.length > macro.parameters.length || ![...named.keys()].every((name) => left.has(name))) {
      throw new EvaluationError(`the macro "${macro.name}" does not take these arguments`);
    }
    macro.parameters.forEach(({ name, value }, index) => {
      if (index < given.length) inside.set(name, given[index]);
      else inside.set(name, named.has(name) ? named.get(name) : value && this.#value(value, inside));
    });
    return this.captured(macro.body, inside);
  }

  #value(expression: Expression, scope: Names): Value {
    this.#meter.spend(1);
    return this.#meter.within(() => this.#evaluated(expression, scope));
  }

  #evaluated(expression: Expression, scope: Names): Value {
    switch (expression.kind) {
      case "literal":
        return expression.value;
      case "name":
        return scope.get(expression.name);
      case "attribute":
        return attributeOf(this.#value(expression.parts[0], scope), expression.name);
      case "list":
      case "tuple":
        this.#meter.list(expression.parts.length);
        return new List(this.#values(expression.parts, scope), expression.kind);
      case "map":
        return this.#map(this.#values(expression.parts, scope));
      case "operation":
        return this.#operation(expression.operator, expression.parts, scope);
      case "comparison":
        return this.#comparison(expression.operators, expression.parts, scope);
      case "function": {
        const callee = scope.get(expression.name);
        if (!(callee instanceof Macro)) throw new EvaluationError(`"${expression.name}" cannot be called`);
        return callee.call(this.#values(expression.parts, scope), this.#named(expression.named, scope), this.#meter);
      }
      default:
        return this.#word(expression, [], scope);
    }
  }

  #values(parts: readonly Expression[], scope: Names): Value[] {
    return parts.map((part) => this.#value(part, scope));
  }

  #named(named: readonly Argument[], scope: Names): Dict {
    return new Map(named.map(({ name, value }) => [name, value && this.#value(value, scope)]));
  }

  #map(keysAndValues: readonly Value[]): Dict {
    const map = new Map<string, Value>();
    keysAndValues.forEach((key, index) => {
      if (index % 2 === 1) return;
      if (typeof key !== "string") throw new EvaluationError("only a text can be a key of a map");
      map.set(key, keysAndValues[index + 1]);
    });
    return map;
  }

  #operation(operator: string, parts: readonly Expression[], scope: Names): Value {
    const [first, second, third] = parts;
    const value = (part: Expression | undefined) => part && this.#value(part, scope);
    if (operator === "if") return truth(value(first)) ? value(second) : value(third);
    const [a, isLazy] = [value(first), operator === "and" || operator === "or"];
    if (isLazy) return truth(a) === (operator === "and") ? value(second) : a;
    return OPERATORS[operator]?.(this.#meter, a, ...(this.#values(parts.slice(1), scope) as [Value]));
  }

  #comparison(operators: readonly string[], [first, ...parts]: readonly Expression[], scope: Names): boolean {
    let left = first && this.#value(first, scope);
    return parts.every((part, index) => {
      const right = this.#value(part, scope);
      const holds = COMPARISONS[operators[index] ?? ""]?.(this.#meter, left, right) ?? false;
      left = right;
      return holds;
    });
  }

  /** A filter, a test or a method, on what comes first: `before`, or the first part. */
  #word(call: Call, before: readonly Value[], scope: Names): Value {
    const word = call.kind === "function" ? undefined : WORDS[call.kind].get(call.name);
    if (word === undefined) throw new EvaluationError(`unknown ${call.kind} "${call.name}"`);
    const [input, ...given] = [...before, ...this.#values(call.parts, scope)];
    const named = this.#named(call.named, scope);
    const rest = word.parameters.slice(given.length).map((parameter) => named.get(parameter));
    return word.apply(this.#meter, input, ...given, ...rest);
  }
}

/** What a block prints. Counted with each piece, so that the tag is known at which it becomes too long. */
class Output {
  readonly #meter: Meter;
  readonly #pieces: string[] = [];
  #length = 0;

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  print(text: string): void {
    this.#meter.fits(this.#length + text.length);
    this.#meter.text(text.length);
    this.#length += text.length;
    this.#pieces.push(text);
  }

  text(): string {
    this.#meter.text(this.#length);
    return this.#pieces.join("");
  }
}

/** What `loop` is for one of the items. */
function loopAt(items: readonly Value[], index: number): Namespace {
  const { length } = items;
  const numbers = { index: index + 1, index0: index, revindex: length - index, revindex0: length - index - 1, length };
  return new Namespace([
    ...Object.entries(numbers).map(([name, number]) => [name, BigInt(number)] as const),
    ["first", index === 0],
    ["last", index === length - 1],
    ["previtem", items[index - 1]],
    ["nextitem", items[index + 1]],
  ]);
}
