import {
  type Document,
  isMap,
  isNode,
  isScalar,
  parseAllDocuments,
  visit,
  type YAMLError,
  type YAMLWarning,
} from "yaml";
import { PlainScalar, plainScalarTags } from "./plain-scalar.ts";

export interface YamlDocument {
  /** Maps, lists, texts and {@link PlainScalar}s; undefined for an empty document. */
  readonly content: unknown;
  /** The offset of what stands at a path, or of the nearest that is there above it. */
  readonly offsetOf: (path: Path) => number;
}

type Path = readonly (string | number)[];

/** Why a text is no YAML. The message may quote the text. */
export interface YamlFault {
  readonly message: string;
  readonly offset: number;
}

/** Reads a text as YAML 1.1 the way PyYAML's safe loader does, but for duplicate keys, which are faults. */
export function readYaml(text: string): readonly YamlDocument[] | { readonly faults: readonly YamlFault[] } {
  try {
    const documents = parseAllDocuments(text, {
      version: "1.1",
      schema: "failsafe",
      customTags: [...plainScalarTags(), "merge"],
      resolveKnownTags: false,
      uniqueKeys: (a, b) => isScalar(a) && isScalar(b) && keyText(a.value) === keyText(b.value),
      prettyErrors: false,
      logLevel: "silent",
    });
    if (!Array.isArray(documents)) return [];
    const faults = documents.flatMap(faultsOf);
    return faults.length > 0 ? { faults } : documents.map(contentOf);
  } catch (error) {
    // Nested too deeply, too many aliases, or a merge of something that is no map.
    return { faults: [{ message: error instanceof Error ? error.message : "cannot be read", offset: 0 }] };
  }
}

/** Faults that say nothing about what follows them. */
const INDEPENDENT = new Set(["DUPLICATE_KEY", "TAG_RESOLVE_FAILED"]);

function faultsOf(document: Document.Parsed): YamlFault[] {
  const reported: (YAMLError | YAMLWarning)[] = [...document.errors, ...document.warnings];
  const faultOf = ({ message, pos }: YAMLError | YAMLWarning) => ({ message, offset: pos[0] });
  // One wrong indentation makes many lines look wrong: the first is to blame.
  const first = reported.filter(({ code }) => !INDEPENDENT.has(code)).toSorted((a, b) => a.pos[0] - b.pos[0])[0];
  if (first !== undefined) return [faultOf(first)];
  return [...reported.map(faultOf), ...nameKeys(document)];
}

/** In JSON, which Kubernetes takes, a key is text: it keeps what was written. Gives the keys and aliases that mean nothing. */
function nameKeys(document: Document.Parsed): YamlFault[] {
  const faults: YamlFault[] = [];
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return;
      faults.push({ message: `no anchor "${alias.source}" stands before the alias`, offset: alias.range?.[0] ?? 0 });
    },
    Pair(_, { key }) {
      if (isScalar(key) && key.value instanceof PlainScalar) key.value = key.value.source;
      if (isScalar(key) || !isNode(key)) return;
      faults.push({ message: "a map or a list cannot be a key", offset: key.range?.[0] ?? 0 });
    },
  });
  return faults;
}

function keyText(value: unknown): unknown {
  return value instanceof PlainScalar ? value.source : value;
}

function contentOf(document: Document.Parsed): YamlDocument {
  const content: unknown = document.toJS({ maxAliasCount: 100 });
  return {
    content: document.contents === null ? undefined : content,
    offsetOf: (path) => offsetOf(document, path),
  };
}

function offsetOf(document: Document.Parsed, path: Path): number {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const above = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    const key = isMap(above)
      ? above.items.find(({ key }) => isScalar(key) && key.value === path[depth - 1])?.key
      : undefined;
    const found: unknown = key ?? document.getIn(path.slice(0, depth), true);
    if (isNode(found) && found.range) return found.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}
