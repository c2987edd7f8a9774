import { isObject, type JsonObject } from "../support/json.ts";
import type { Path } from "../yaml/tree.ts";
import { kubeObject, listAt, valueAt } from "./kube-object.ts";
import { readYaml, type YamlDocument } from "./yaml-text.ts";

/** One object that a template made. */
export interface Manifest {
  readonly object: JsonObject;
  /** Where a field of it is in the text that was made, or the nearest field above it. */
  readonly offsetOf: (path: Path) => number;
}

/** Something wrong with the text that a template made; the offset is in that text. */
export interface Fault {
  readonly message: string;
  readonly offset?: number;
  readonly name?: string;
}

export interface Manifests {
  readonly secret: Manifest;
  readonly job: Manifest;
}

/** Finds the one Secret and the one Job in a text: in a List, or as documents of their own, in any order. */
export function manifestsOf(text: string): Manifests | { readonly faults: readonly Fault[] } {
  const documents = readYaml(text);
  if ("faults" in documents) {
    const faults = documents.faults.map(({ message, offset }) => ({
      message: `what it makes is not valid YAML: ${message}`,
      offset,
    }));
    return { faults };
  }
  const found = documents.flatMap(objectsOf);
  const secrets = found.filter(isKind("Secret"));
  const jobs = found.filter(isKind("Job"));
  const others = found.filter(({ object }) => object.kind !== "Secret" && object.kind !== "Job").map(strayObject);
  const [secret] = secrets;
  const [job] = jobs;
  const all = [...others, ...exactlyOne("Secret", secrets), ...exactlyOne("Job", jobs)];
  return secret === undefined || job === undefined || all.length > 0 ? { faults: all } : { secret, job };
}

function objectsOf({ content, offsetOf }: YamlDocument): Manifest[] {
  if (content === undefined) return [];
  const isList = valueAt(content, ["kind"]) === "List";
  const contents = isList ? listAt(content, ["items"]) : [content];
  return contents.map((item, index) => {
    const object = kubeObject(item);
    return {
      object: isObject(object) ? object : {},
      offsetOf: (path) => offsetOf(isList ? ["items", index, ...path] : path),
    };
  });
}

function isKind(kind: string): (manifest: Manifest) => boolean {
  return ({ object }) => object.kind === kind;
}

function strayObject({ object, offsetOf }: Manifest): Fault {
  const kind = typeof object.kind === "string" ? `a ${object.kind}` : "something without a kind";
  return { message: `it makes ${kind}; a job template makes one Secret and one Job`, offset: offsetOf(["kind"]) };
}

function exactlyOne(kind: string, found: readonly Manifest[]): Fault[] {
  if (found.length === 1) return [];
  if (found.length === 0) return [{ message: `it makes no ${kind}; a job template makes one Secret and one Job` }];
  return found.slice(1).map(({ offsetOf }) => ({
    message: `it makes ${found.length} objects of kind ${kind}; a job template makes one Secret and one Job`,
    offset: offsetOf(["kind"]),
  }));
}
