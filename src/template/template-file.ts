import { isMap, isScalar, LineCounter, parseDocument } from "yaml";
import type { ReadFile } from "../support/read-file.ts";

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
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, logLevel: "silent" });
  if (document.errors.length > 0 || document.get("kind") !== "ConfigMap") return undefined;
  const data: unknown = document.get("data", true);
  const template: unknown = isMap(data) ? data.get(KEY, true) : undefined;
  if (!isScalar(template) || typeof template.value !== "string") return undefined;
  // A block's text begins on the line below its "|".
  const isBlock = template.type === "BLOCK_LITERAL" || template.type === "BLOCK_FOLDED";
  const firstLine = lineCounter.linePos(template.range?.[0] ?? 0).line + (isBlock ? 1 : 0);
  return "\n".repeat(firstLine - 1) + template.value;
}
