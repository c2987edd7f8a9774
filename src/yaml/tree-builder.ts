import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
  Scalar as YamlScalar,
} from "yaml";
import type { YamlProblem } from "./problem.ts";
import { isTooLongNumber, LONGEST_NUMBER, resolvePlain, type Scalar } from "./scalars.ts";
import type { Entry, MapTree, Path, Tree } from "./tree.ts";

const TAG = "tag:yaml.org,2002:";
const PLAIN_TAGS = ["null", "bool", "int", "float", "timestamp", "merge"].map((name) => TAG + name);
const COLLECTION_TAGS = ["map", "seq"].map((name) => TAG + name);

/** How many anchors a message lists. */
const MOST_NAMES = 10;

/** How many values the aliases of a text may stand for, and how many they do so far. */
export interface AliasAllowance {
  readonly most: number;
  used: number;
}

/** Too many aliased values: nothing of the document is looked at. */
class AliasBomb extends Error {
  readonly problem: YamlProblem;

  constructor(problem: YamlProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** Builds the tree of a document that was composed without resolving scalars. Its problems are those of keys, tags, aliases and merges. */
export function treeOf(
  root: Node | null,
  aliases: AliasAllowance,
): { readonly tree: Tree | undefined; readonly problems: readonly YamlProblem[] } {
  const builder: Builder = { anchors: new Map(), aliases, problems: [] };
  try {
    return { tree: build(root, [], builder), problems: builder.problems };
  } catch (error) {
    if (!(error instanceof AliasBomb)) throw error;
    return { tree: undefined, problems: [error.problem] };
  }
}

interface Builder {
  /** The last node of each anchor's name that is complete. */
  readonly anchors: Map<string, Tree>;
  readonly aliases: AliasAllowance;
  readonly problems: YamlProblem[];
}

function build(node: Node | null | undefined, path: Path, builder: Builder): Tree {
  if (isAlias(node)) return aliased(node, path, builder);
  const tree = buildOwn(node, path, builder);
  if ((isMap(node) || isSeq(node) || isScalar(node)) && node.anchor !== undefined)
    builder.anchors.set(node.anchor, tree);
  return tree;
}

function buildOwn(node: Node | null | undefined, path: Path, builder: Builder): Tree {
  const { start, end } = placeOf(node);
  if (isMap(node)) {
    checkTag(node, COLLECTION_TAGS, path, builder);
    return mapTree(node, path, builder);
  }
  if (isSeq(node)) {
    checkTag(node, COLLECTION_TAGS, path, builder);
    const items = node.items.map((item, index) => build(item as Node, [...path, index], builder));
    return { kind: "list", items, start, end, size: sizeOf(items) };
  }
  if (!isScalar(node)) return { kind: "scalar", scalar: resolvePlain(""), source: "", start, end, size: 1 };
  checkTag(node, PLAIN_TAGS, path, builder);
  const source = typeof node.value === "string" ? node.value : "";
  const scalar = scalarOf(node, source);
  if (scalar.type === "text" && isPlain(node) && isTooLongNumber(source)) {
    const message = `a number has more than ${LONGEST_NUMBER} characters`;
    builder.problems.push({ kind: "number", path, offset: start, message, expected: "a text in quotes, or a number" });
  }
  return { kind: "scalar", scalar, source, start, end, size: 1 + sizeOfText(source) };
}

/** Quoted and block scalars are text, and so is what `!!str` or `!` says is; the rest is read as PyYAML does. */
function scalarOf(node: YamlScalar, source: string): Scalar {
  return isPlain(node) ? resolvePlain(source) : { type: "text", value: source };
}

function isPlain(node: YamlScalar): boolean {
  const plain = node.type === YamlScalar.PLAIN || PLAIN_TAGS.includes(node.tag ?? "");
  return plain && node.tag !== `${TAG}str` && node.tag !== "!";
}

function checkTag(node: Node & { tag?: string }, known: readonly string[], path: Path, builder: Builder): void {
  const { tag } = node;
  if (tag === undefined || tag === "!" || tag === `${TAG}str` || known.includes(tag)) return;
  const name = tag.startsWith(TAG) ? `!!${tag.slice(TAG.length)}` : tag;
  builder.problems.push({
    kind: "tag",
    path,
    offset: placeOf(node).start,
    message: `the tag ${name} has no meaning here`,
  });
}

function aliased(node: Alias, path: Path, builder: Builder): Tree {
  const { start, end } = placeOf(node);
  const target = builder.anchors.get(node.source);
  if (target === undefined) {
    const suggestion = builder.anchors.size === 0 ? {} : { expected: `one of ${firstOf(builder.anchors)}` };
    const message = `the alias *${node.source} has no anchor &${node.source} before it`;
    builder.problems.push({ kind: "alias", path, offset: start, message, ...suggestion });
    return { kind: "scalar", scalar: resolvePlain(""), source: "", start, end, size: 1 };
  }
  const { aliases } = builder;
  aliases.used += target.size;
  if (aliases.used > aliases.most) {
    const message = `aliases turn this text into more than ${aliases.most} values`;
    throw new AliasBomb({ kind: "alias-bomb", path: [], offset: start, message });
  }
  return target;
}

function mapTree(node: YAMLMap, path: Path, builder: Builder): MapTree {
  const own = new Map<string, Entry>();
  const merged: MapTree[] = [];
  for (const pair of node.items as Pair<Node, Node | null>[]) {
    const key = keyOf(pair.key, path, builder);
    const keyStart = placeOf(pair.key).start;
    if (key === undefined || key === "__proto__") {
      builder.problems.push({
        kind: "key",
        path,
        offset: keyStart,
        message: key === undefined ? "a map or a list cannot be a key" : "__proto__ cannot be a key",
      });
      continue;
    }
    if (key === "<<" && isScalar(pair.key) && pair.key.type === YamlScalar.PLAIN) {
      merged.push(...mergeSources(pair.value, keyStart, path, builder));
      continue;
    }
    const value = build(pair.value, [...path, key], builder);
    if (own.has(key)) {
      builder.problems.push({
        kind: "duplicate-key",
        path: [...path, key],
        offset: keyStart,
        message: `the key ${key} appears twice in this map`,
        expected: "each key once",
      });
    }
    own.set(key, { keyStart, value });
  }
  const entries = new Map([...merged.reverse().flatMap((map) => [...map.entries]), ...own]);
  const keys = [...entries.keys()].reduce((size, key) => size + sizeOfText(key), 0);
  const size = keys + sizeOf([...entries.values()].map((entry) => entry.value));
  return { kind: "map", entries, ...placeOf(node), size };
}

/** What `<<` brings in: a map, or a list of maps, of which the first wins. */
function mergeSources(value: Node | null, offset: number, path: Path, builder: Builder): MapTree[] {
  const tree = build(value, path, builder);
  const sources = tree.kind === "list" ? tree.items : [tree];
  const maps = sources.filter((source) => source.kind === "map");
  if (maps.length < sources.length) {
    builder.problems.push({
      kind: "alias",
      path,
      offset,
      message: "<< merges something that is not a map",
      expected: "a map",
    });
  }
  return maps;
}

/** A key's text as written, whatever it is to YAML; undefined for a map or a list. */
function keyOf(key: Node | null, path: Path, builder: Builder): string | undefined {
  const tree = build(key, path, builder);
  return tree.kind === "scalar" ? tree.source : undefined;
}

function placeOf(node: Node | null | undefined): { start: number; end: number } {
  const [start = 0, end = 0] = node?.range ?? [];
  return { start, end };
}

/** A long text counts as several values: an alias of it costs more than one of a word. */
function sizeOfText(text: string): number {
  return Math.floor(text.length / 100);
}

/** Some of the anchors, in words. */
function firstOf(anchors: ReadonlyMap<string, Tree>): string {
  const names: string[] = [];
  for (const name of anchors.keys()) if (names.push(name) === MOST_NAMES) break;
  const more = anchors.size - names.length;
  return [...names, ...(more > 0 ? [`${more} more`] : [])].join(", ");
}

function sizeOf(children: readonly Tree[]): number {
  return children.reduce((size, child) => size + child.size, 1);
}
