import { nearestWord } from "../../diagnostics/nearest-word.ts";
import type { ProblemAt } from "../errors.ts";
import { NODE_SELECTOR, TEXT_VARIABLES } from "../variables.ts";
import { type Argument, type Block, type Call, type Expression, type Node, partsOf } from "./ast.ts";
import { FILTERS } from "./filters.ts";
import { DEEPEST_EXPRESSION, MOST_PROBLEMS } from "./limits.ts";
import { FUNCTIONS, METHODS, TESTS } from "./methods.ts";
import { Scope } from "./scope.ts";
import type { Word } from "./vocabulary.ts";

/** What `loop` knows inside a `{% for %}`. */
const LOOP = ["index", "index0", "revindex", "revindex0", "first", "last", "length", "previtem", "nextitem"];
const VARIABLES = [...Object.keys(TEXT_VARIABLES), NODE_SELECTOR];
const WORDS = { filter: FILTERS, test: TESTS, method: METHODS };
/** Names longer than this are nobody's misspelling. */
const LONGEST_NAME = 100;

/**
 * Every name in a template against the closed set of what there is: variables, filters, tests, methods. Jinja2 would print nothing for a
 * mistyped variable, and a runner would start without what it needs.
 */
export function checkNames(template: Block): readonly ProblemAt[] {
  const checker = new NameChecker();
  checker.block(
    template,
    new Scope(
      undefined,
      [...VARIABLES, ...FUNCTIONS.keys()].map((name) => [name, true]),
    ),
  );
  return checker.problems;
}

/** What a problem is about, and where it stands. */
interface Named {
  readonly at: number;
  readonly name?: string;
}

/** The names that are known at one point. */
type Names = Scope<true>;

class NameChecker {
  readonly problems: ProblemAt[] = [];
  #depth = 0;

  block(block: Block, known: Names): void {
    for (const node of block) this.#node(node, known);
  }

  #node(node: Node, known: Names): void {
    switch (node.kind) {
      case "text":
        return;
      case "print":
        return this.#expression(node.value, known);
      case "if":
        for (const { test, body } of node.branches) {
          this.#expression(test, known);
          this.block(body, known);
        }
        return this.block(node.otherwise, known);
      case "for": {
        this.#expression(node.list, known);
        const item = new Scope(known);
        this.#declare(node.target, item);
        if (node.condition !== undefined) this.#expression(node.condition, item);
        this.block(node.body, new Scope(item, [["loop", true]]));
        return this.block(node.otherwise, new Scope(known));
      }
      case "set":
        this.#expression(node.value, known);
        return this.#declare(node.target, known);
      case "capture":
        for (const filter of node.filters) {
          for (const part of partsOf(filter)) this.#expression(part, known);
          this.#word(filter, FILTERS, 0);
        }
        this.block(node.body, new Scope(known));
        if (node.target !== undefined) this.#declare(node.target, known);
        return;
      case "macro": {
        known.set(node.name, true);
        const inside = new Scope(known);
        for (const { name, value } of node.parameters) {
          if (value !== undefined) this.#expression(value, inside);
          inside.set(name, true);
        }
        this.block(node.body, inside);
      }
    }
  }

  #declare(target: Expression, known: Names): void {
    if (target.kind === "name") known.set(target.name, true);
    else if (target.kind === "tuple") for (const part of target.parts) this.#declare(part, known);
    else this.#expression(target, known);
  }

  #expression(expression: Expression, known: Names): void {
    this.#depth += 1;
    if (this.#depth > DEEPEST_EXPRESSION) this.#report("is nested too deeply", expression);
    else {
      for (const part of partsOf(expression)) this.#expression(part, known);
      this.#itself(expression, known);
    }
    this.#depth -= 1;
  }

  /** What an expression says by itself, apart from its parts. */
  #itself(expression: Expression, known: Names): void {
    switch (expression.kind) {
      case "name":
        if (!known.has(expression.name)) this.#unknown("variable", expression, known.names());
        return;
      case "attribute":
        return this.#attribute(expression);
      case "function":
        return this.#function(expression, known);
      case "filter":
      case "test":
      case "method":
        return this.#word(expression, WORDS[expression.kind], 1);
      default:
    }
  }

  /** An attribute that is not called: of `loop` one of its own, of a map or a namespace any, of a text none. */
  #attribute(attribute: Expression & { readonly kind: "attribute" }): void {
    const { name, parts } = attribute;
    const of = parts[0].kind === "name" ? parts[0].name : "";
    if (of === "loop" && !LOOP.includes(name)) this.#unknown("attribute of loop", attribute, LOOP);
    if (of !== "loop" && (Object.hasOwn(TEXT_VARIABLES, of) || METHODS.has(name) || name === "length")) {
      this.#report(`"${name}" is no attribute that can be read here; a method is called: ${name}()`, attribute);
    }
  }

  #function(call: Call, known: Names): void {
    const { name, parts } = call;
    const most = FUNCTIONS.get(name)?.most ?? Number.POSITIVE_INFINITY;
    if (!known.has(name)) this.#unknown("variable", call, known.names());
    else if (VARIABLES.includes(name)) this.#report(`"${name}" cannot be called`, call);
    else if (parts.length > most) this.#report(`the function "${name}" takes ${most} argument(s) at most here`, call);
  }

  /** @param inputs how many of the call's parts are no arguments */
  #word(call: Call, words: ReadonlyMap<string, Word>, inputs: number): void {
    const { kind, name, named } = call;
    const word = words.get(name);
    if (word === undefined) return this.#unknown(kind, call, words.keys());
    const { parameters, required } = word;
    const count = call.parts.length - inputs + named.length;
    const takes = (argument: Argument) => kind === "filter" && parameters.includes(argument.name);
    if (count > parameters.length || !named.every(takes)) {
      const all = parameters.join(", ") || "no arguments";
      const message = kind === "filter" ? `takes here: ${all}` : `takes ${parameters.length} argument(s) at most here`;
      this.#report(`the ${kind} "${name}" ${message}`, call);
    } else if (count < required) {
      this.#report(`the ${kind} "${name}" needs: ${parameters.slice(0, required).join(", ")}`, call);
    }
  }

  #unknown(what: string, named: Required<Named>, known: Iterable<string>): void {
    const nearest = this.#isFull || named.name.length > LONGEST_NAME ? undefined : nearestWord(named.name, known);
    this.#report(`unknown ${what} "${named.name}"`, named, nearest);
  }

  #report(message: string, { name, at }: Named, nearest?: string): void {
    if (this.#isFull) return;
    this.problems.push({
      message,
      offset: at,
      ...(name !== undefined && { name }),
      ...(nearest !== undefined && { nearest }),
    });
  }

  get #isFull(): boolean {
    return this.problems.length >= MOST_PROBLEMS;
  }
}
