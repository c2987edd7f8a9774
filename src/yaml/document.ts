import { Composer, type CST, type Document, Lexer, Parser, type YAMLError } from "yaml";
import type { YamlProblem } from "./problem.ts";
import type { Tree } from "./tree.ts";
import { type AliasAllowance, treeOf } from "./tree-builder.ts";

/**
 * The deepest nesting that is read: a configuration needs six levels, a manifest some twenty; the parser itself would run out of stack at
 * 800.
 */
const DEEPEST = 64;
/**
 * How many words, signs and line ends are read. A group of a configuration has some 180 of them with its comments, a manifest some 800; each costs
 * several microseconds and half a kilobyte.
 */
const MOST_LEXEMES = 100_000;
/** After so many errors a document is not read further: each costs more than what it is about. */
const MOST_ERRORS = 20;
/** How many values all aliases of a text may stand for together: no text that a person wrote has more. */
const MOST_ALIASED_VALUES = 50_000;

/** One document of a YAML text: its values with their places, or why there are none. */
export interface YamlDocument {
  /** Undefined when the document is not well-formed. */
  readonly tree: Tree | undefined;
  /** What is wrong with it. With a tree: keys, tags and aliases, which were left out of it. */
  readonly problems: readonly YamlProblem[];
  /** Where it begins, as an offset into the text. */
  readonly start: number;
}

/**
 * Reads a text as PyYAML's safe loader reads it (YAML 1.1), but for keys that appear twice in a map, which are problems. One document after
 * the other, read when it is asked for; none for a text of comments only. Never throws, whatever the text.
 */
export function* documentsIn(text: string): Generator<YamlDocument, void, undefined> {
  const tokens = tokensOf(text);
  if (!Array.isArray(tokens)) {
    yield { tree: undefined, problems: [tokens], start: 0 };
    return;
  }
  // Scalars stay text here ("failsafe"), and keys may appear twice: both are looked at, and aliases resolved, where the tree is built.
  const composer = new Composer({ version: "1.1", schema: "failsafe", uniqueKeys: false, logLevel: "silent" });
  const aliases: AliasAllowance = { most: MOST_ALIASED_VALUES, used: 0 };
  stopAtManyErrors(composer);
  try {
    for (const document of composer.compose(tokens)) yield documentOf(document, aliases);
  } catch (error) {
    if (!(error instanceof ManyErrors)) throw error;
    const problem = syntaxProblem(error.errors);
    yield { tree: undefined, problems: problem === undefined ? [] : [problem], start: problem?.offset ?? 0 };
  }
}

/** A document has so many errors that it is not read to its end. */
class ManyErrors extends Error {
  readonly errors: readonly YAMLError[];

  constructor(errors: readonly YAMLError[]) {
    super();
    this.errors = errors;
  }
}

/** The composer goes on after every error, and keeps each with a stack trace. Its way to report them is not part of its interface: a test holds it. */
function stopAtManyErrors(composer: object): void {
  const reporting = composer as { onError: (...args: readonly unknown[]) => void; errors: readonly YAMLError[] };
  const report = reporting.onError;
  reporting.onError = (...args) => {
    report(...args);
    if (reporting.errors.length > MOST_ERRORS) throw new ManyErrors(reporting.errors);
  };
}

function documentOf({ errors, contents, range: [start] }: Document.Parsed, aliases: AliasAllowance): YamlDocument {
  const syntax = syntaxProblem(errors);
  return syntax === undefined
    ? { ...treeOf(contents, aliases), start }
    : { tree: undefined, problems: [syntax], start };
}

/** The text's tokens, or that they are too many, or nested too deeply, to continue. */
function tokensOf(text: string): CST.Token[] | YamlProblem {
  const tokens: CST.Token[] = [];
  const parser = new Parser();
  let count = 0;
  let errors = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) {
      tokens.push(token);
      if (token.type === "error") errors += 1;
    }
    // The rest would change nothing of what is told.
    if (errors > MOST_ERRORS) break;
    count += 1;
    if (count > MOST_LEXEMES) {
      const message = `there are more than ${MOST_LEXEMES} words, signs and line ends`;
      return { kind: "too-long", path: [], offset: parser.offset, message };
    }
    if (parser.stack.length > DEEPEST) {
      const message = `lists and maps are nested more than ${DEEPEST} levels deep`;
      return { kind: "too-deep", path: [], offset: parser.offset, message };
    }
  }
  tokens.push(...parser.end());
  return tokens;
}

/** The first error says what is wrong; those after it are mostly its consequences. A tab outranks what it leads to. */
function syntaxProblem(errors: readonly YAMLError[]): YamlProblem | undefined {
  const error = errors.find(({ code }) => code === "TAB_AS_INDENT") ?? errors[0];
  if (error === undefined) return undefined;
  const [offset] = error.pos;
  if (error.code === "TAB_AS_INDENT") {
    return { kind: "tab", path: [], offset, message: "a tab is used as indentation", expected: "spaces" };
  }
  const [message, expected] = EXPLANATIONS[error.code] ?? [decapitalised(error.message)];
  return { kind: "syntax", path: [], offset, message, ...(expected !== undefined && { expected }) };
}

/** Where the parser's own message does not help somebody who does not know YAML's grammar: what is wrong, and what was expected. */
const EXPLANATIONS: Partial<Record<YAMLError["code"], readonly [message: string, expected?: string]>> = {
  BLOCK_AS_IMPLICIT_KEY: ["a second `key:` is where a value belongs", "one key a line, or the value in quotes"],
  MULTILINE_IMPLICIT_KEY: ["a key spans more than one line", "a key and its colon on one line"],
  BAD_INDENT: [
    "the indentation does not match that of the lines it belongs to",
    "the same number of spaces for all items of a map or list, and every bracket closed",
  ],
};

function decapitalised(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
