import type { ProblemAt } from "../errors.ts";
import { enclosedBy, type Node } from "./ast.ts";
import { parse, type Root, type Token } from "./engine.ts";
import { nesting } from "./nesting.ts";
import type { Piece, TagPiece } from "./scan.ts";
import { checkTag } from "./tag.ts";

/** A template ready to be run: the engine's syntax tree, and the piece of the template that each of its printed or nested nodes came from. */
export interface Program {
  readonly root: Root;
  readonly pieceOf: ReadonlyMap<Node | Root, Piece>;
}

/** Joins the pieces into a program; all faults of syntax at once. */
export function compile(pieces: readonly Piece[]): Program | { readonly problems: readonly ProblemAt[] } {
  const tags = pieces.filter((piece) => piece.kind !== "text");
  const inTags = tags.flatMap(checkTag);
  // A tag that is not understood would only make its neighbours look wrong.
  const problems = inTags.length > 0 ? inTags : nesting(tags);
  if (problems.length > 0) return { problems };

  const root = parse(pieces.flatMap(tokensOf));
  const nodes = inWrittenOrder(root.body);
  const printed = pieces.filter((piece) => piece.kind !== "block" || opensNode(piece));
  if (nodes.length !== printed.length) throw new Error("the syntax tree does not fit the template's tags");
  return { root, pieceOf: new Map(nodes.map((node, index) => [node, printed[index] as Piece])) };
}

function tokensOf(piece: Piece): Token[] {
  switch (piece.kind) {
    case "text":
      return [{ type: "Text", value: piece.text }];
    case "variable":
      return [{ type: "OpenExpression", value: "<%" }, ...piece.tokens, { type: "CloseExpression", value: "%>" }];
    case "block":
      return [{ type: "OpenStatement", value: "{%" }, ...piece.tokens, { type: "CloseStatement", value: "%}" }];
  }
}

function inWrittenOrder(nodes: readonly Node[]): Node[] {
  return nodes.flatMap((node) => [node, ...inWrittenOrder(enclosedBy(node))]);
}

/** `else` and the `end…` tags belong to the node of another tag. */
function opensNode(piece: TagPiece): boolean {
  const name = piece.tokens[0]?.value ?? "";
  return name !== "else" && !name.startsWith("end");
}
