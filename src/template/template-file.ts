import { Lines } from "../support/lines.ts";
import type { ReadFile } from "../support/read-file.ts";
import { documentsIn } from "../yaml/document.ts";
import { nearestTo, type ScalarTree, type Tree } from "../yaml/tree.ts";

const KEY = "job.yaml.template";

/**
 * Reads a template's file as people have it: the template alone, or the ConfigMap's manifest that holds it. Of a ConfigMap the template is
 * taken, moved down so that its lines keep the numbers that they have in the file.
 */
export function readingTemplateOrConfigMap(readFile: ReadFile): ReadFile {
  return async (path) => {
    const content = await readFile(path);
    const template = templateIn(new TextDecoder().decode(content));
    return template === undefined ? content : new TextEncoder().encode(template);
  };
}

function templateIn(text: string): string | undefined {
  const [document, second] = documentsIn(text);
  if (document?.tree === undefined || document.problems.length > 0 || second !== undefined) return undefined;
  const template = textAt(document.tree, ["data", KEY]);
  if (template === undefined || textAt(document.tree, ["kind"])?.source !== "ConfigMap") return undefined;
  // A block's text begins on the line below its "|".
  const isBlock = /^[|>]/.test(text.slice(template.start));
  const firstLine = new Lines(text).placeOf(template.start).line + (isBlock ? 1 : 0);
  return "\n".repeat(firstLine - 1) + template.source;
}

function textAt(tree: Tree, path: readonly string[]): ScalarTree | undefined {
  const nearest = nearestTo(tree, path);
  return nearest.found && nearest.tree.kind === "scalar" && nearest.tree.scalar.type === "text"
    ? nearest.tree
    : undefined;
}
