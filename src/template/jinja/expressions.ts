import type { Argument, Call, Expression } from "./ast.ts";
import { DEEPEST_EXPRESSION } from "./limits.ts";
import { SyntaxProblem, type Tag } from "./scan.ts";
import type { Token } from "./tokens.ts";

const CONSTANTS: ReadonlyMap<string, boolean | null> = new Map(
  Object.entries({ true: true, false: false, none: null, True: true, False: false, None: null }),
);
const COMPARISONS = ["==", "!=", "<", "<=", ">", ">=", "in", "not"];
/** What can stand behind an expression, from what binds it loosest to what binds it tightest; before one, `not` and the signs are in between. */
const BEHIND = [
  ["if"],
  ["or"],
  ["and"],
  [],
  COMPARISONS,
  ["+", "-"],
  ["~"],
  ["*", "/", "//", "%"],
  ["**"],
  ["|", "is"],
  [],
  [".", "["],
];
const BINDING: Readonly<Record<string, number>> = Object.fromEntries(
  BEHIND.flatMap((marks, tightness) => marks.map((mark) => [mark, tightness])),
);
const PREFIXES: Readonly<Record<string, { readonly operator: string; readonly tightness: number }>> = {
  not: { operator: "not", tightness: 3 },
  "-": { operator: "negative", tightness: 10 },
  "+": { operator: "positive", tightness: 10 },
};
/** The loosest that an expression is made of where an `if` that follows belongs to something else. */
export const NO_CHOICE = 1;

/** Reads the expressions of one tag by Jinja2's grammar. Every method throws {@link SyntaxProblem}. */
export class ExpressionParser {
  readonly #tag: Tag;
  readonly #form: string;
  #next = 0;
  #depth = 0;

  /** @param form how the tag is written, for messages */
  constructor(tag: Tag, form: string) {
    this.#tag = tag;
    this.#form = form;
  }

  /** Takes the next token if it is one of these. */
  take(...values: readonly string[]): Token | undefined {
    if (!this.#isNext(...values)) return undefined;
    this.#next += 1;
    return this.#tag.tokens[this.#next - 1];
  }

  expect(value: string): Token {
    return this.take(value) ?? this.#unexpected();
  }

  name(): Token {
    const token = this.#tag.tokens[this.#next];
    return token?.type === "name" ? this.expect(token.value) : this.#unexpected();
  }

  end(): void {
    if (this.#next < this.#tag.tokens.length) this.#unexpected();
  }

  /** One of something, or several with commas between them, which are a tuple. */
  tuple(one: () => Expression = () => this.expression()): Expression {
    const first = one();
    const parts = [first];
    let isTuple = false;
    while (this.take(",") !== undefined) {
      isTuple = true;
      if (this.#next < this.#tag.tokens.length && !this.#isNext(")", "in")) parts.push(one());
    }
    return isTuple ? { kind: "tuple", at: first.at, parts } : first;
  }

  /** What a value can be put into: a name, an attribute of a namespace, or several of them. */
  target(): Expression {
    return this.tuple(() => {
      const target = this.expression(BINDING["."]);
      if (target.kind === "name" || target.kind === "attribute" || target.kind === "tuple") return target;
      const { value, at } = this.#tag.tokens[this.#next - 1] ?? this.#unexpected();
      throw new SyntaxProblem({ message: `"${value}" cannot be set`, name: value, offset: at });
    });
  }

  /** @param loosest what binds looser ends the expression */
  expression(loosest = 0): Expression {
    this.#depth += 1;
    if (this.#depth > DEEPEST_EXPRESSION)
      throw new SyntaxProblem({ message: "is nested too deeply", offset: this.#tag.at });
    let value = this.#beginning(loosest);
    for (let mark = this.#mark(loosest); mark !== undefined; mark = this.#mark(loosest))
      value = this.#continued(value, mark);
    this.#depth -= 1;
    return value;
  }

  filter(...input: readonly Expression[]): Call {
    const { at, value: name } = this.name();
    const { parts, named } = this.#arguments();
    return { kind: "filter", at, name, parts: [...input, ...parts], named };
  }

  /** A macro's parameters in their brackets. */
  parameters(): readonly Argument[] {
    if (!this.#isNext("(")) this.#unexpected();
    const { parts, named } = this.#arguments();
    const plain = parts.map((part) => (part.kind === "name" ? { ...part, value: undefined } : this.#unexpected()));
    return [...plain, ...named];
  }

  #mark(loosest: number): Token | undefined {
    const token = this.#tag.tokens[this.#next];
    const binds = token !== undefined && token.type !== "text" && Object.hasOwn(BINDING, token.value);
    return binds && (BINDING[token.value] ?? 0) >= loosest ? this.take(token.value) : undefined;
  }

  /** What nothing stands before. */
  #beginning(loosest: number): Expression {
    const token = this.#tag.tokens[this.#next] ?? this.#unexpected();
    const { type, value, at } = token;
    const prefix = PREFIXES[value];
    if (type !== "text" && prefix !== undefined && loosest <= prefix.tightness) {
      this.#next += 1;
      return { kind: "operation", at, operator: prefix.operator, parts: [this.expression(prefix.tightness)] };
    }
    if (type === "operator") return this.#bracketed();
    this.#next += 1;
    if (type === "text") {
      // Texts that stand side by side are one.
      const texts = [value];
      for (; this.#tag.tokens[this.#next]?.type === "text"; this.#next += 1) {
        texts.push(this.#tag.tokens[this.#next]?.value ?? "");
      }
      return { kind: "literal", at, value: texts.join("") };
    }
    if (type === "name") {
      if (CONSTANTS.has(value)) return { kind: "literal", at, value: CONSTANTS.get(value) };
      return this.#isNext("(")
        ? { kind: "function", at, name: value, ...this.#arguments() }
        : { kind: "name", at, name: value };
    }
    if (type === "float") return { kind: "literal", at, value: Number(value) };
    if (Number.isSafeInteger(Number(value))) return { kind: "literal", at, value: BigInt(value) };
    throw new SyntaxProblem({ message: "the number is too big", offset: at });
  }

  #continued(left: Expression, { value: mark, at }: Token): Expression {
    switch (mark) {
      case "if": {
        const parts = [this.expression(NO_CHOICE), left];
        return {
          kind: "operation",
          at,
          operator: mark,
          parts: this.take("else") ? [...parts, this.expression()] : parts,
        };
      }
      case "|":
        return this.filter(left);
      case "is":
        return this.#test(left);
      case ".": {
        const { at: nameAt, value: name } = this.name();
        if (!this.#isNext("(")) return { kind: "attribute", at: nameAt, name, parts: [left] };
        const { parts, named } = this.#arguments();
        return { kind: "method", at: nameAt, name, parts: [left, ...parts], named };
      }
      case "[":
        return this.#subscript(left, at);
      default:
        if (COMPARISONS.includes(mark)) return this.#comparison(left, mark);
        return { kind: "operation", at, operator: mark, parts: [left, this.expression((BINDING[mark] ?? 0) + 1)] };
    }
  }

  /** Comparisons can stand in a row. */
  #comparison(first: Expression, begun: string): Expression {
    const [parts, operators]: [Expression[], string[]] = [[first], []];
    for (let mark: string | undefined = begun; mark !== undefined; mark = this.take(...COMPARISONS)?.value) {
      operators.push(mark === "not" ? `not ${this.expect("in").value}` : mark);
      parts.push(this.expression((BINDING["=="] ?? 0) + 1));
    }
    return { kind: "comparison", at: first.at, operators, parts };
  }

  #test(input: Expression): Expression {
    const not = this.take("not");
    const { at, value: name } = this.name();
    if (this.#isNext("is")) this.#unexpected();
    const test: Expression = { kind: "test", at, name, parts: [input], named: [] };
    return not === undefined ? test : { kind: "operation", at: not.at, operator: "not", parts: [test] };
  }

  #subscript(object: Expression, at: number): Expression {
    const bounds: (Expression | undefined)[] = [];
    do bounds.push(this.#isNext(":", "]") ? undefined : this.expression());
    while (bounds.length < 3 && this.take(":") !== undefined);
    if (bounds.length === 1 && bounds[0] === undefined) this.#unexpected();
    this.expect("]");
    const parts = bounds.map((bound): Expression => bound ?? { kind: "literal", at, value: undefined });
    return { kind: "operation", at, operator: bounds.length === 1 ? "item" : "slice", parts: [object, ...parts] };
  }

  #bracketed(): Expression {
    const { value: bracket, at } = this.take("(", "[", "{") ?? this.#unexpected();
    if (bracket === "[") return { kind: "list", at, parts: this.#listed("]", () => this.expression()) };
    if (bracket === "{") {
      const entry = () => [this.expression(), this.take(":") ? this.expression() : this.#unexpected()];
      return { kind: "map", at, parts: this.#listed("}", entry).flat() };
    }
    const inside: Expression = this.#isNext(")") ? { kind: "tuple", at, parts: [] } : this.tuple();
    this.expect(")");
    return inside;
  }

  /** A call's arguments in their brackets, those without a name first; none where there is no bracket. */
  #arguments(): { readonly parts: readonly Expression[]; readonly named: readonly Argument[] } {
    const [parts, named]: [Expression[], Argument[]] = [[], []];
    const one = () => {
      const value = this.expression();
      if (value.kind === "name" && this.take("=")) named.push({ ...value, value: this.expression() });
      else if (named.length > 0) this.#unexpected();
      else parts.push(value);
    };
    if (this.take("(")) this.#listed(")", one);
    return { parts, named };
  }

  #listed<T>(close: string, one: () => T): T[] {
    const items: T[] = [];
    while (this.take(close) === undefined) {
      items.push(one());
      if (!this.#isNext(close)) this.expect(",");
    }
    return items;
  }

  #isNext(...values: readonly string[]): boolean {
    const token = this.#tag.tokens[this.#next];
    return token !== undefined && token.type !== "text" && values.includes(token.value);
  }

  #unexpected(): never {
    const token = this.#tag.tokens[this.#next];
    if (token !== undefined)
      throw new SyntaxProblem({
        message: `unexpected "${token.value}"; the tag is written ${this.#form}`,
        offset: token.at,
      });
    throw new SyntaxProblem({ message: `the tag ends too early; it is written ${this.#form}`, offset: this.#tag.at });
  }
}
