import { isObject, type JsonObject } from "../support/json.ts";
import { PlainScalar } from "../yaml/tree.ts";

/** Fields that are text in every object that a Pod, a Job or a Secret is made of. */
const TEXT_FIELDS = new Set(["name", "namespace", "value"]);
/** Fields whose values are all text. */
const TEXT_MAPS = new Set([
  "annotations",
  "data",
  "labels",
  "matchLabels",
  "nodeSelector",
  "stringData",
  "volumeAttributes",
]);
/** Fields that list text. */
const TEXT_LISTS = new Set(["args", "command", "values"]);

/**
 * What was read from YAML, as Kubernetes takes it. Where Kubernetes wants text (labels, annotations, a Secret's data, values of variables …),
 * an unquoted scalar that YAML 1.1 takes for a number or a boolean is what was written: the base64 of some client ids is all
 * digits, and a namespace can be called `on`. Elsewhere, YAML's word counts.
 */
export function kubeObject(content: unknown): unknown {
  return convert(content, undefined, false);
}

function convert(content: unknown, field: string | undefined, wantsText: boolean): unknown {
  if (content instanceof PlainScalar) {
    const { value, source } = content;
    // JSON has neither infinity nor "not a number".
    return wantsText || (typeof value === "number" && !Number.isFinite(value)) ? source : value;
  }
  if (Array.isArray(content)) {
    return content.map((item: unknown) => convert(item, undefined, field !== undefined && TEXT_LISTS.has(field)));
  }
  if (!isObject(content)) return content;
  const allText = field !== undefined && TEXT_MAPS.has(field);
  return Object.fromEntries(
    Object.entries(content).map(([key, value]) => [key, convert(value, key, allText || TEXT_FIELDS.has(key))]),
  );
}

/** What is at a path; undefined where a step of it is missing. */
export function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce((at: unknown, key) => {
    if (typeof key === "number") return Array.isArray(at) ? (at as unknown[])[key] : undefined;
    return isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }, value);
}

/** The map at a path; an empty one where there is none. */
export function objectAt(value: unknown, path: readonly (string | number)[]): JsonObject {
  const found = valueAt(value, path);
  return isObject(found) ? found : {};
}

/** The list at a path; an empty one where there is none. */
export function listAt(value: unknown, path: readonly (string | number)[]): readonly unknown[] {
  const found = valueAt(value, path);
  return Array.isArray(found) ? found : [];
}
