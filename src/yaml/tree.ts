import type { Path } from "../diagnostics/diagnostic.ts";
import type { Scalar } from "./scalars.ts";

/** The document's values with their places, aliases and merges resolved. Offsets count in the text. */
export type Tree = MapTree | ListTree | ScalarTree;

interface Place {
  readonly start: number;
  readonly end: number;
  /** How many values it holds, itself included, aliases counted as what they stand for. */
  readonly size: number;
}

export interface MapTree extends Place {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, Entry>;
}

export interface Entry {
  readonly keyStart: number;
  readonly value: Tree;
}

interface ListTree extends Place {
  readonly kind: "list";
  readonly items: readonly Tree[];
}

export interface ScalarTree extends Place {
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
