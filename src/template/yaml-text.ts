import { documentsIn } from "../yaml/document.ts";
import { contentOf, nearestTo, type Path } from "../yaml/tree.ts";

/** One document of what a template made. */
export interface YamlDocument {
  /** As {@link contentOf} gives it. */
  readonly content: unknown;
  /** The offset of what is at a path (of its key, in a map), or of the nearest value above it. */
  readonly offsetOf: (path: Path) => number;
}

/** Why a text is not YAML. The message may quote the text. */
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
      content: contentOf(tree),
      offsetOf: (path) => {
        const nearest = nearestTo(tree, path);
        return nearest.keyStart ?? nearest.tree.start;
      },
    });
  }
  return faults.length > 0 ? { faults } : documents;
}
