import {
  type Document,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Node,
  parseAllDocuments,
  type ScalarTag,
  visit,
  type YAMLError,
} from "yaml";
import { resolvePlain } from "../support/yaml-scalars.ts";

/** An unquoted scalar that YAML 1.1 does not take for text, with what was written. */
export class PlainScalar {
  readonly value: boolean | number | null;
  readonly source: string;

  constructor(value: boolean | number | null, source: string) {
    this.value = value;
    this.source = source;
  }
}

export interface YamlDocument {
  /** Maps, lists, texts and {@link PlainScalar}s; undefined for an empty document. */
  readonly content: unknown;
  /** The offset of what stands at a path, or of the nearest that is there above it. */
  offsetOf(path: readonly (string | number)[]): number;
}

/** Why a text is no YAML. The message may quote the text. */
export interface YamlFault {
  readonly message: string;
  readonly offset: number;
}

/** Reads a text as YAML 1.1 the way PyYAML's safe loader does, but for duplicate keys, which are faults. */
export function readYaml(text: string): { readonly documents: readonly YamlDocument[]; readonly faults: readonly YamlFault[] } {
  const documents = parseAllDocuments(text, {
    version: "1.1",
    schema: "failsafe",
    customTags: [...scalarTags(), "merge"],
    uniqueKeys: (a, b) => isScalar(a) && isScalar(b) && keyText(a.value) === keyText(b.value),
    prettyErrors: false,
    lineCounter: new LineCounter(),
    logLevel: "silent",
  });
  if (!Array.isArray(documents)) return { documents: [], faults: [] };
  const faults = documents.flatMap(({ errors, warnings }) => [...errors, ...warnings].map(faultOf));
  return faults.length > 0 ? { documents: [], faults } : contentsOf(documents);
}

function contentsOf(documents: readonly Document.Parsed[]): ReturnType<typeof readYaml> {
  const read: YamlDocument[] = [];
  for (const document of documents) {
    nameKeys(document);
    try {
      const content: unknown = document.toJS({ maxAliasCount: 100 });
      read.push({ content: document.contents === null ? undefined : content, offsetOf: (path) => offsetOf(document, path) });
    } catch (error) {
      // Too many aliases, or a merge of something that is no map.
      const message = error instanceof Error ? error.message : "cannot be read";
      return { documents: [], faults: [{ message, offset: document.range[0] }] };
    }
  }
  return { documents: read, faults: [] };
}

/** In JSON, which Kubernetes takes, a key is text: it keeps what was written. */
function nameKeys(document: Document.Parsed): void {
  visit(document, {
    Pair(_, { key }) {
      if (isScalar(key) && key.value instanceof PlainScalar) key.value = key.value.source;
    },
  });
}

function keyText(value: unknown): unknown {
  return value instanceof PlainScalar ? value.source : value;
}

/** One tag for each kind of scalar that is not text. */
function scalarTags(): ScalarTag[] {
  const tags = { null: "null", boolean: "bool", integer: "int", float: "float" } as const;
  return Object.entries(tags).map(([kind, name]) => ({
    tag: `tag:yaml.org,2002:${name}`,
    default: true,
    test: { test: (source: string) => resolvePlain(source).type === kind } as RegExp,
    resolve(source: string) {
      const { value } = resolvePlain(source);
      return typeof value === "string" ? value : new PlainScalar(value, source);
    },
  }));
}

function faultOf({ message, pos }: YAMLError | { message: string; pos: [number, number] }): YamlFault {
  return { message, offset: pos[0] };
}

function offsetOf(document: Document.Parsed, path: readonly (string | number)[]): number {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const above = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    const pair = isMap(above) ? above.items.find(({ key }) => isScalar(key) && key.value === path[depth - 1]) : undefined;
    const found = pair?.key ?? document.getIn(path.slice(0, depth), true);
    if (isNode(found) && found.range) return (found as Node & { range: [number, number, number] }).range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}
