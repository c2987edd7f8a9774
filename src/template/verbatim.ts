import { type Block, type Call, type Expression, type Node, partsOf } from "./jinja/ast.ts";

/** Filters that leave a text in which no line is empty and no space is at its ends as it is, but for what they put around its lines. */
const HARMLESS = new Set(["d", "default", "indent", "safe", "string"]);

/**
 * Whether these variables' values (texts in one line, never empty) come out of a template as they are: printed, joined with other texts, set,
 * put through macros, but never looked at. Then no other value can make the template go another way. False when it cannot be told.
 */
export function printsVerbatim(template: Block, variables: readonly string[]): boolean {
  const carriers = new Set(variables);
  // A name that holds such a value carries it further: asked again until no name is new.
  for (let known = 0; known < carriers.size; ) {
    known = carriers.size;
    if (!new Flow(carriers).block(template)) return false;
  }
  return true;
}

class Flow {
  readonly #carriers: Set<string>;

  constructor(carriers: Set<string>) {
    this.#carriers = carriers;
  }

  block(block: Block): boolean {
    return block.every((node) => this.#node(node));
  }

  #node(node: Node): boolean {
    switch (node.kind) {
      case "text":
        return true;
      case "print":
        return this.#flows(node.value);
      case "if": {
        const bodies = [...node.branches.map(({ body }) => body), node.otherwise];
        return this.#allFree(node.branches.map(({ test }) => test)) && bodies.every((body) => this.block(body));
      }
      case "for": {
        const asked = node.condition === undefined ? [node.list] : [node.list, node.condition];
        return this.#allFree(asked) && this.block(node.body) && this.block(node.otherwise);
      }
      case "set":
        return this.#isFree(node.value) || (this.#flows(node.value) && this.#carry(node.target));
      case "capture": {
        if (this.#isFreeBlock(node.body)) return this.#allFree(node.filters.flatMap(partsOf));
        const isHarmless = node.filters.every((filter) => this.#isHarmless(filter, partsOf(filter)));
        return isHarmless && this.block(node.body) && (node.target === undefined || this.#carry(node.target));
      }
      case "macro": {
        if (!this.#isFreeBlock(node.body)) this.#carriers.add(node.name);
        return this.#allFree(node.parameters.flatMap(({ value }) => value ?? [])) && this.block(node.body);
      }
    }
  }

  #flows(expression: Expression): boolean {
    if (this.#isFree(expression)) return true;
    switch (expression.kind) {
      case "name":
        return true;
      case "function":
        return this.#allFree(partsOf(expression));
      case "filter": {
        const [input, ...given] = partsOf(expression);
        return input !== undefined && this.#flows(input) && this.#isHarmless(expression, given);
      }
      case "operation": {
        const [test, ...branches] = expression.parts;
        if (expression.operator === "~") return expression.parts.every((part) => this.#flows(part));
        const isChoice = expression.operator === "if" && test !== undefined && this.#isFree(test);
        return isChoice && branches.every((part) => this.#flows(part));
      }
      default:
        return false;
    }
  }

  #isHarmless({ name }: Call, given: readonly Expression[]): boolean {
    return HARMLESS.has(name) && this.#allFree(given);
  }

  #carry(target: Expression): boolean {
    if (target.kind !== "name") return false;
    this.#carriers.add(target.name);
    return true;
  }

  #allFree(expressions: readonly Expression[]): boolean {
    return expressions.every((expression) => this.#isFree(expression));
  }

  /** Whether no name in it can hold one of the values. */
  #isFree(expression: Expression): boolean {
    const isCarrier = "name" in expression && this.#carriers.has(expression.name);
    return !isCarrier && this.#allFree(partsOf(expression));
  }

  #isFreeBlock(block: Block): boolean {
    return block.every((node) => {
      switch (node.kind) {
        case "text":
          return true;
        case "print":
        case "set":
          return this.#isFree(node.value);
        case "if":
          return (
            node.branches.every(({ test, body }) => this.#isFree(test) && this.#isFreeBlock(body)) &&
            this.#isFreeBlock(node.otherwise)
          );
        case "for":
          return this.#isFree(node.list) && this.#isFreeBlock(node.body) && this.#isFreeBlock(node.otherwise);
        case "capture":
        case "macro":
          return this.#isFreeBlock(node.body);
      }
    });
  }
}
