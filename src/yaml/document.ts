import { Composer, type CST, type Document, Lexer, LineCounter, Parser, type YAMLError } from "yaml";
import type { Finding } from "../diagnostics/diagnostic.ts";
import type { Tree } from "./tree.ts";
import { treeOf } from "./tree-builder.ts";

/** A YAML text that was taken apart: its values with their places, or why there are none. */
export interface YamlDocument {
  /** Undefined when the text is not well-formed. */
  readonly tree: Tree | undefined;
  readonly findings: readonly Finding[];
  /** The line and column, from 1, of an offset into the text. */
  readonly placeAt: (offset: number) => { line: number; column: number };
}

/** The deepest nesting that is read; a configuration needs six levels. The parser itself would run out of stack at some 800. */
const DEEPEST = 64;

/** Takes a YAML 1.1 text apart. Never throws, whatever the text. */
export function parseYaml(text: string): YamlDocument {
  const lines = new LineCounter();
  const placeAt = (offset: number) => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const tokens = tokensOf(text, lines);
  if (!Array.isArray(tokens)) return { tree: undefined, findings: [tokens], placeAt };

  // Scalars stay text here ("failsafe"): how PyYAML reads them is in yaml-scalars.ts. Aliases are resolved, with a limit, in tree.ts.
  const composer = new Composer({ version: "1.1", schema: "failsafe", uniqueKeys: false, logLevel: "silent" });
  const [document, second] = [...composer.compose(tokens, true, text.length)] as (Document.Parsed | undefined)[];
  const findings: Finding[] = syntaxFindings(document?.errors ?? []);
  if (findings.length > 0) return { tree: undefined, findings, placeAt };
  if (second !== undefined) {
    const message = "a second document begins here";
    const finding: Finding = {
      code: "yaml-syntax",
      path: [],
      offset: second.range[0],
      message,
      expected: "one document",
    };
    return { tree: undefined, findings: [finding], placeAt };
  }
  const tree = treeOf(document?.contents ?? null, findings);
  return { tree, findings, placeAt };
}

/** The text's tokens, or that they are nested too deeply to go on. */
function tokensOf(text: string, lines: LineCounter): CST.Token[] | Finding {
  const tokens: CST.Token[] = [];
  const parser = new Parser();
  lines.addNewLine(0);
  for (const feed of text.matchAll(/\n/g)) lines.addNewLine(feed.index + 1);
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    if (parser.stack.length > DEEPEST) {
      const message = `lists and maps are nested more than ${DEEPEST} levels deep`;
      return { code: "yaml-too-deep", path: [], offset: parser.offset, message, expected: "at most six levels" };
    }
  }
  tokens.push(...parser.end());
  return tokens;
}

/** The first error says what is wrong; those after it are mostly its consequences. A tab outranks what it leads to. */
function syntaxFindings(errors: readonly YAMLError[]): Finding[] {
  const error = errors.find(({ code }) => code === "TAB_AS_INDENT") ?? errors[0];
  if (error === undefined) return [];
  const [offset] = error.pos;
  if (error.code === "TAB_AS_INDENT") {
    return [{ code: "yaml-tab", path: [], offset, message: "a tab stands in the indentation", expected: "spaces" }];
  }
  const explained = EXPLANATIONS[error.code];
  const message = explained?.[0] ?? decapitalised(error.message);
  return [
    { code: "yaml-syntax", path: [], offset, message, ...(explained?.[1] !== undefined && { expected: explained[1] }) },
  ];
}

/** Where the parser's own words do not help somebody who does not know YAML's grammar: what is wrong, and what was expected. */
const EXPLANATIONS: Partial<Record<YAMLError["code"], readonly [message: string, expected?: string]>> = {
  BLOCK_AS_IMPLICIT_KEY: ["a second `key:` stands where a value belongs", "one key a line, or the value in quotes"],
  MULTILINE_IMPLICIT_KEY: ["a key goes over more than one line", "a key and its colon on one line"],
  BAD_INDENT: [
    "the indentation is not that of the lines it belongs to",
    "the same number of spaces for all items of a map or list, and every bracket closed",
  ],
};

function decapitalised(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
