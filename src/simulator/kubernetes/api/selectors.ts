import type { KubeObject, Labels, NodeRequirement } from "../objects.ts";
import type { Resource } from "../resources.ts";
import { badRequest } from "./api-error.ts";

/** Whether an object is picked. */
export type Selector = (object: KubeObject) => boolean;

const IN = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/;
const COMPARE = /^([^\s=!]+)\s*(==|=|!=)\s*([^\s=!]*)$/;
const EXISTS = /^(!?)\s*([^\s=!()]+)$/;

/**
 * `labelSelector` of a list or watch: `a=b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a`, `!a`, joined by commas.
 *
 * @throws {ApiError} 400 when it is none of these.
 */
export function labelSelector(text: string | null): Selector {
  const requirements = text === null || text === "" ? [] : splitOutsideParentheses(text).map(labelRequirement);
  return ({ metadata }) => requirements.every((matches) => matches(metadata.labels ?? {}));
}

function labelRequirement(text: string): (labels: Labels) => boolean {
  const set = IN.exec(text);
  if (set !== null) {
    const [, key = "", operator, list = ""] = set;
    const values = list.split(",").map((value) => value.trim());
    return operator === "in"
      ? (labels) => has(labels, key) && values.includes(labels[key] ?? "")
      : (labels) => !has(labels, key) || !values.includes(labels[key] ?? "");
  }
  const comparison = COMPARE.exec(text);
  if (comparison !== null) {
    const [, key = "", operator, value] = comparison;
    return operator === "!=" ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const existence = EXISTS.exec(text);
  if (existence !== null) {
    const [, not, key = ""] = existence;
    return (labels) => has(labels, key) !== (not === "!");
  }
  throw badRequest(`unable to parse requirement: ${text}`);
}

/**
 * `fieldSelector`: `path=value` and `path!=value`, joined by commas.
 *
 * @throws {ApiError} 400 when a field cannot be selected by, or the text is no selector.
 */
export function fieldSelector(text: string | null, resource: Resource): Selector {
  const requirements = (text ?? "")
    .split(",")
    .filter((part) => part !== "")
    .map((part) => {
      const [, path = "", operator, value = ""] = /^([^=!]+)(==|=|!=)(.*)$/.exec(part) ?? [];
      if (operator === undefined) throw badRequest(`invalid selector: '${part}'; can't understand '${part}'`);
      const known = ["metadata.name", "metadata.namespace", ...resource.fields];
      if (!known.includes(path)) throw badRequest(unsupportedField(path, resource));
      return (object: KubeObject) => (fieldOf(object, path) === value) === (operator !== "!=");
    });
  return (object) => requirements.every((matches) => matches(object));
}

function unsupportedField(path: string, resource: Resource): string {
  return resource.fields.length > 0
    ? `field label "${path}" not supported for ${resource.kind}`
    : `field label not supported: ${path}`;
}

function fieldOf(object: KubeObject, path: string): string {
  // The one selectable field that is named unlike the object's own, and is 0 when it is absent.
  const [steps, absent] = path === "status.successful" ? [["status", "succeeded"], 0] : [path.split("."), ""];
  let value: unknown = object;
  for (const step of steps) value = isRecord(value) ? value[step] : undefined;
  value ??= absent;
  return typeof value === "string" || typeof value === "boolean" || typeof value === "number" ? String(value) : "";
}

/** A node's labels against a term of a pod's node affinity. */
export function matchesNodeRequirement({ key, operator, values = [] }: NodeRequirement, labels: Labels): boolean {
  const value = labels[key];
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return Number(value) > Number(values[0]);
    case "Lt":
      return Number(value) < Number(values[0]);
  }
}

function splitOutsideParentheses(text: string): string[] {
  return text.split(/,(?![^(]*\))/).map((part) => part.trim());
}

function has(labels: Labels, key: string): boolean {
  return Object.hasOwn(labels, key);
}

/** A JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
