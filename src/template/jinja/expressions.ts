import type { Argument, Call, Expression } from "./ast.ts";
import { DEEPEST_EXPRESSION } from "./limits.ts";
import { SyntaxProblem, type Tag } from "./scan.ts";
import type { Token } from "./tokens.ts";

const CONSTANTS: ReadonlyMap<string, boolean | null> = new Map(
  Object.entries({ true: true, false: false, none: null, True: true, False: false, None: null }),
);
/** From loosest to tightest; `not`, which comes before what it applies to, and comparisons, which can stand in a row, lie between the two. */
const LOOSE = [["or"], ["and"]];
const TIGHT = [["+", "-"], ["~"], ["*", "/", "//", "%"], ["**"]];
const COMPARED = ["==", "!=", "<", "<=", ">", ">=", "in", "not"];

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
  tuple(one: () => Expression): Expression {
    const parts = [one()];
    let isTuple = false;
    while (this.take(",") !== undefined) {
      isTuple = true;
      if (this.#next < this.#tag.tokens.length && !this.#isNext(")", "in")) parts.push(one());
    }
    const [first = this.#unexpected()] = parts;
    return isTuple ? { kind: "tuple", at: first.at, parts } : first;
  }

  expression(): Expression {
    return this.#deeper(() => {
      let value = this.condition();
      for (let mark = this.take("if"); mark !== undefined; mark = this.take("if")) {
        const parts = [this.condition(), value];
        if (this.take("else") !== undefined) parts.push(this.expression());
        value = { kind: "operation", at: mark.at, operator: "if", parts };
      }
      return value;
    });
  }

  /** An expression in which no `if` can stand without brackets. */
  condition(): Expression {
    return this.#binary(LOOSE, () => this.#not());
  }

  /** What a value can be put into: a name, an attribute of a namespace, or several in brackets. */
  target(): Expression {
    const target = this.#postfix();
    if (target.kind === "literal") {
      const { value, at } = this.#tag.tokens[this.#next - 1] ?? this.#unexpected();
      throw new SyntaxProblem({ message: `"${value}" cannot be set`, name: value, offset: at });
    }
    const isTarget = ({ kind }: Expression) => kind === "name" || kind === "attribute" || kind === "tuple";
    return isTarget(target) ? target : this.#unexpected();
  }

  /** Filters with `|` between them. */
  filters(): readonly Call[] {
    const filters = [this.#filter()];
    while (this.take("|") !== undefined) filters.push(this.#filter());
    return filters;
  }

  /** A call's arguments in their brackets, those without a name first; none where there is no bracket. */
  arguments(): { readonly parts: readonly Expression[]; readonly named: readonly Argument[] } {
    const parts: Expression[] = [];
    const named: Argument[] = [];
    const one = () => {
      const value = this.expression();
      if (value.kind === "name" && this.take("=") !== undefined) named.push({ ...value, value: this.expression() });
      else if (named.length > 0) this.#unexpected();
      else parts.push(value);
    };
    if (this.take("(") !== undefined) this.#listed(")", one);
    return { parts, named };
  }

  /** A macro's parameters in their brackets. */
  parameters(): readonly Argument[] {
    if (!this.#isNext("(")) this.#unexpected();
    const { parts, named } = this.arguments();
    const plain = parts.map((part) => (part.kind === "name" ? { ...part, value: undefined } : this.#unexpected()));
    return [...plain, ...named];
  }

  #binary(levels: readonly (readonly string[])[], tighter: () => Expression): Expression {
    const [operators, ...more] = levels;
    if (operators === undefined) return tighter();
    let left = this.#binary(more, tighter);
    for (let mark = this.take(...operators); mark !== undefined; mark = this.take(...operators)) {
      left = { kind: "operation", at: mark.at, operator: mark.value, parts: [left, this.#binary(more, tighter)] };
    }
    return left;
  }

  #not(): Expression {
    const mark = this.take("not");
    if (mark === undefined) return this.#comparison();
    return this.#deeper(() => ({ kind: "operation", at: mark.at, operator: "not", parts: [this.#not()] }));
  }

  #comparison(): Expression {
    const one = () => this.#binary(TIGHT, () => this.#filtered());
    const first = one();
    const parts = [first];
    const operators: string[] = [];
    for (let mark = this.take(...COMPARED); mark !== undefined; mark = this.take(...COMPARED)) {
      operators.push(mark.value === "not" ? `not ${this.expect("in").value}` : mark.value);
      parts.push(one());
    }
    return parts.length === 1 ? first : { kind: "comparison", at: first.at, operators, parts };
  }

  #filtered(): Expression {
    let value = this.#signed();
    for (let mark = this.take("|", "is"); mark !== undefined; mark = this.take("|", "is")) {
      value = mark.value === "|" ? this.#filter(value) : this.#test(value);
    }
    return value;
  }

  /** Signs bind tighter than `**`. */
  #signed(): Expression {
    const sign = this.take("-", "+");
    if (sign === undefined) return this.#postfix();
    const operator = sign.value === "-" ? "negative" : "positive";
    return this.#deeper(() => ({ kind: "operation", at: sign.at, operator, parts: [this.#signed()] }));
  }

  #filter(...input: readonly Expression[]): Call {
    const { at, value: name } = this.name();
    const { parts, named } = this.arguments();
    return { kind: "filter", at, name, parts: [...input, ...parts], named };
  }

  #test(input: Expression): Expression {
    const not = this.take("not");
    const { at, value: name } = this.name();
    if (this.#isNext("is")) this.#unexpected();
    const test: Expression = { kind: "test", at, name, parts: [input], named: [] };
    return not === undefined ? test : { kind: "operation", at: not.at, operator: "not", parts: [test] };
  }

  #postfix(): Expression {
    let value = this.#primary();
    for (let mark = this.take(".", "["); mark !== undefined; mark = this.take(".", "[")) {
      if (mark.value === "[") value = this.#subscript(value, mark.at);
      else {
        const { at, value: name } = this.name();
        const isCalled = this.#isNext("(");
        const { parts, named } = this.arguments();
        value = isCalled
          ? { kind: "method", at, name, parts: [value, ...parts], named }
          : { kind: "attribute", at, name, parts: [value] };
      }
    }
    return value;
  }

  #subscript(object: Expression, at: number): Expression {
    const bounds: Expression[] = [];
    do bounds.push(this.#isNext(":", "]") ? { kind: "literal", at, value: undefined } : this.expression());
    while (bounds.length < 3 && this.take(":") !== undefined);
    if (bounds.length === 1 && bounds[0]?.kind === "literal" && bounds[0].value === undefined) this.#unexpected();
    this.expect("]");
    return { kind: "operation", at, operator: bounds.length === 1 ? "item" : "slice", parts: [object, ...bounds] };
  }

  #primary(): Expression {
    const token = this.#tag.tokens[this.#next] ?? this.#unexpected();
    const { type, value, at } = token;
    if (type === "operator") return this.#bracketed();
    this.#next += 1;
    if (type === "float") return { kind: "literal", at, value: Number(value) };
    if (type === "integer") {
      if (!Number.isSafeInteger(Number(value)))
        throw new SyntaxProblem({ message: "the number is too big", offset: at });
      return { kind: "literal", at, value: BigInt(value) };
    }
    if (type === "text") {
      const texts = [value];
      for (; this.#tag.tokens[this.#next]?.type === "text"; this.#next += 1)
        texts.push(this.#tag.tokens[this.#next]?.value ?? "");
      return { kind: "literal", at, value: texts.join("") };
    }
    const constant = CONSTANTS.get(value);
    if (constant !== undefined) return { kind: "literal", at, value: constant };
    return this.#isNext("(")
      ? { kind: "function", at, name: value, ...this.arguments() }
      : { kind: "name", at, name: value };
  }

  #bracketed(): Expression {
    const { value: bracket, at } = this.take("(", "[", "{") ?? this.#unexpected();
    if (bracket === "[") return { kind: "list", at, parts: this.#listed("]", () => this.expression()) };
    if (bracket === "(") {
      if (this.take(")") !== undefined) return { kind: "tuple", at, parts: [] };
      const inside = this.tuple(() => this.expression());
      this.expect(")");
      return inside;
    }
    const entry = () => {
      const key = this.expression();
      this.expect(":");
      return [key, this.expression()];
    };
    return { kind: "map", at, parts: this.#listed("}", entry).flat() };
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

  #deeper<T>(work: () => T): T {
    this.#depth += 1;
    if (this.#depth > DEEPEST_EXPRESSION)
      throw new SyntaxProblem({ message: "is nested too deeply", offset: this.#tag.at });
    const result = work();
    this.#depth -= 1;
    return result;
  }

  #unexpected(): never {
    const token = this.#tag.tokens[this.#next];
    throw new SyntaxProblem(
      token === undefined
        ? { message: `the tag ends too early; it is written ${this.#form}`, offset: this.#tag.at }
        : { message: `unexpected "${token.value}"; the tag is written ${this.#form}`, offset: token.at },
    );
  }
}
