import { documentsIn } from "../yaml/document.ts";
import { nearestTo, type Path, plainValue, type ScalarTree } from "../yaml/tree.ts";

/** One document of what a template made. */
export interface YamlDocument {
  /** Maps, lists, texts and {@link PlainScalar}s. */
  readonly content: unknown;
  /** The offset of what stands at a path (of its key, in a map), or of the nearest that is there above it. */
  readonly offsetOf: (path: Path) => number;
}

/** An unquoted scalar that YAML 1.1 does not take for text, with what was written. */
export class PlainScalar {
  readonly value: boolean | number | null;
  readonly source: string;

  constructor(value: boolean | number | null, source: string) {
    this.value = value;
    this.source = source;
  }
}

/** Why a text is no YAML. The message may quote the text. */
export interface YamlFault {
  readonly message: string;
  readonly offset: number;
}

/** Reads all documents of a text, or what is wrong with them. */
export function readYaml(text: string): readonly YamlDocument[] | { readonly faults: readonly YamlFault[] } {
  const documents: YamlDocument[] = [];
  const faults: YamlFault[] = [];
  for (const { tree, problems } of documentsIn(text)) {
    faults.push(...problems.map(({ message, offset }) => ({ message, offset })));
    if (tree === undefined || problems.length > 0) continue;
    documents.push({
      content: plainValue(tree, scalarContent),
      offsetOf: (path) => {
        const nearest = nearestTo(tree, path);
        return nearest.keyStart ?? nearest.tree.start;
      },
    });
  }
  return faults.length > 0 ? { faults } : documents;
}

/** A date stays text: nothing that a runner is made of has another use for it. */
function scalarContent({ scalar: { value }, source }: ScalarTree): unknown {
  return typeof value === "string" ? value : new PlainScalar(value, source);
}
