import type { Scalar } from "./scalars.ts";

/** Where a value is in a document: keys of maps and indices of lists. */
export type Path = readonly (string | number)[];

/** A document's values with their places, aliases and merges resolved. Offsets count in the text. */
export type Tree = MapTree | ListTree | ScalarTree;

interface Extent {
  readonly start: number;
  readonly end: number;
  /** How many values it holds, itself included, aliases counted as what they stand for. */
  readonly size: number;
}

export interface MapTree extends Extent {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, Entry>;
}

export interface Entry {
  readonly keyStart: number;
  readonly value: Tree;
}

interface ListTree extends Extent {
  readonly kind: "list";
  readonly items: readonly Tree[];
}

export interface ScalarTree extends Extent {
  readonly kind: "scalar";
  readonly scalar: Scalar;
  /** As written, without quotes. */
  readonly source: string;
}

/** The value at a path, or the nearest one above it that exists. */
export function nearestTo(
  tree: Tree,
  path: Path,
): { readonly tree: Tree; readonly found: boolean; readonly keyStart?: number } {
  let at: Tree = tree;
  let keyStart: number | undefined;
  for (const step of path) {
    const entry = at.kind === "map" ? at.entries.get(String(step)) : undefined;
    const next = at.kind === "list" && typeof step === "number" ? at.items[step] : entry?.value;
    if (next === undefined) return { tree: at, found: false, ...(keyStart !== undefined && { keyStart }) };
    keyStart = entry?.keyStart;
    at = next;
  }
  return { tree: at, found: true, ...(keyStart !== undefined && { keyStart }) };
}

/** Whether the file itself holds something at the path: null counts as nothing. */
export function isGiven(tree: Tree, path: Path): boolean {
  const nearest = nearestTo(tree, path);
  return nearest.found && !isNull(nearest.tree);
}

export function isNull(tree: Tree): boolean {
  return tree.kind === "scalar" && tree.scalar.type === "null";
}

/** An unquoted scalar that is not text to YAML 1.1, with what was written: for those who may want the text after all. */
export class PlainScalar {
  readonly value: boolean | number;
  readonly source: string;

  constructor(value: boolean | number, source: string) {
    this.value = value;
    this.source = source;
  }
}

/** The values alone: maps as objects, lists as arrays, texts, null, and {@link PlainScalar}s. A date counts as text. */
export function contentOf(tree: Tree): unknown {
  switch (tree.kind) {
    case "map":
      return Object.fromEntries([...tree.entries].map(([key, { value }]) => [key, contentOf(value)]));
    case "list":
      return tree.items.map(contentOf);
    case "scalar": {
      const { value } = tree.scalar;
      return typeof value === "boolean" || typeof value === "number" ? new PlainScalar(value, tree.source) : value;
    }
  }
}
