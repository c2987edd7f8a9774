import type { z } from "zod";
import { nearestWord } from "../diagnostics/nearest-word.ts";
import { shown } from "../support/shown.ts";
import type { Path } from "../yaml/tree.ts";
import { nearestTo, type Tree } from "../yaml/tree.ts";
import { explain } from "./explain.ts";
import { expectedOf, fieldAt, fieldsOf, type Schema } from "./field.ts";
import { type Finding, pathText } from "./finding.ts";
import { SettingsFile } from "./schema.ts";

type Issue = z.core.$ZodIssue;

/** What the schema has to say about the file's value, in the words of the file's author. One finding a place. */
export function issueFindings(issues: readonly Issue[], value: unknown, tree: Tree): Finding[] {
  const findings = issues.flatMap((issue) => findingsOf(issue, value, tree));
  const misspelt = new Set(
    findings
      .filter(({ suggestion }) => suggestion !== undefined)
      .map(({ path, suggestion }) => pathText([...path.slice(0, -1), suggestion ?? ""])),
  );
  const places = new Set<string>();
  return findings.filter(({ code, path }) => {
    const place = pathText(path);
    // A key that is missing only because it is misspelt is the misspelling's suggestion already.
    if (places.has(place) || (code === "missing-key" && misspelt.has(place))) return false;
    places.add(place);
    return true;
  });
}

function findingsOf(issue: Issue, value: unknown, tree: Tree): Finding[] {
  const path = issue.path.map((step) => (typeof step === "symbol" ? String(step) : step));
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key, index) =>
      index < MOST_EXPLAINED ? unknownKey(path, key, tree) : noKey(path, key, tree),
    );
  if (issue.code === "invalid_key") return [wrongNodeLabel(path, tree)];
  const schema = fieldAt(SettingsFile, path);
  if (schema === undefined) return [];
  return [nearestTo(tree, path).found ? wrongValue(path, at(value, path), tree, schema) : missingKey(path, schema)];
}

/** Of so many unknown keys the file is no configuration, and what each was meant to be does not matter. */
const MOST_EXPLAINED = 200;

function noKey(path: Path, key: string, tree: Tree): Finding {
  const where = path.length === 0 ? "at the top level" : `in ${pathText(path)}`;
  return {
    code: "unknown-key",
    path: [...path, key],
    offset: keyOffset(tree, [...path, key]),
    message: `there is no key ${shown(key)} ${where}`,
    value: key,
  };
}

function unknownKey(path: Path, key: string, tree: Tree): Finding {
  const known = fieldsOf(fieldAt(SettingsFile, path) ?? SettingsFile).map(([name]) => name);
  const nearest = nearestWord(key, known);
  const home = nearest === undefined ? homeOf(key) : undefined;
  return {
    ...noKey(path, key, tree),
    ...(nearest === undefined ? { expected: `one of ${known.join(", ")}` } : { suggestion: nearest }),
    ...(home !== undefined && { suggestion: `${shown(key)} ${home}` }),
  };
}

/** Where a key that is in the wrong map would belong: `under groups[].parameters` for `max`. */
function homeOf(key: string, schema: Schema = SettingsFile, path = ""): string | undefined {
  for (const [name, field] of fieldsOf(schema)) {
    const here = path === "" ? name : `${path}.${name}`;
    if (name === key) return path === "" ? "at the top level" : `under ${path}`;
    const inner = name === "groups" ? fieldAt(field, [0]) : field;
    const found = inner && homeOf(key, inner, inner === field ? here : `${here}[]`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function wrongNodeLabel(path: Path, tree: Tree): Finding {
  const key = String(path.at(-1));
  return {
    code: "invalid-value",
    path,
    offset: keyOffset(tree, path),
    message: `${shown(key)} cannot be a node's label`,
    value: key,
    expected:
      "a Kubernetes label: an optional domain and slash, then at most 63 letters, digits, hyphens, underscores and dots",
  };
}

function wrongValue(path: Path, value: unknown, tree: Tree, schema: Schema): Finding {
  const node = nearestTo(tree, path).tree;
  const {
    code = "invalid-value",
    says,
    expected = expectedOf(schema),
    suggestion,
  } = explain(path, value, node, schema);
  const name = path.length === 0 ? "the file" : pathText(path);
  return {
    code: path.length === 0 ? "not-a-map" : code,
    path,
    message: `${name} ${says ?? `is ${kindOf(value, node)}`}`,
    ...(expected !== undefined && { expected }),
    ...(suggestion !== undefined && { suggestion }),
  };
}

function missingKey(path: Path, schema: Schema): Finding {
  const expected = expectedOf(schema);
  return {
    code: "missing-key",
    path,
    message: `${pathText(path)} is missing`,
    ...(expected !== undefined && { expected }),
  };
}

/** Short enough for a sentence: numbers and short texts themselves, else their kind. */
function kindOf(value: unknown, node: Tree): string {
  if (node.kind === "map") return node.entries.size === 0 ? "an empty map" : "a map";
  if (node.kind === "list") return listKind(node.items.length);
  if (value === null) return "empty";
  if (typeof value === "number" || typeof value === "boolean") return shown(node.source);
  if (value === "") return "an empty text";
  return node.source.length <= 60 ? JSON.stringify(node.source) : `a text of ${node.source.length} characters`;
}

/** Of a list that is nearly right it matters how long it is. */
function listKind(length: number): string {
  if (length === 0) return "an empty list";
  return length > 100 ? `a list of ${length} items` : "a list";
}

function keyOffset(tree: Tree, path: Path): number {
  const nearest = nearestTo(tree, path);
  return nearest.keyStart ?? nearest.tree.start;
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, step) => {
    if (typeof inner !== "object" || inner === null) return undefined;
    return Object.hasOwn(inner, step) ? (inner as Readonly<Record<string | number, unknown>>)[step] : undefined;
  }, value);
}
