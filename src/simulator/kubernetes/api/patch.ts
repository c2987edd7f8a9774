import { isDeepStrictEqual } from "node:util";
import { badRequest, patchDoesNotApply } from "./api-error.ts";
import { isRecord } from "./selectors.ts";

type Json = unknown;

/** RFC 7396: null removes, objects merge, everything else replaces. */
export function mergePatch(target: Json, patch: Json): Json {
  if (!isRecord(patch)) return patch;
  const result: Record<string, Json> = isRecord(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

/** By which field the elements of a list are told apart in a strategic merge; lists that are not named here are replaced whole. */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  containers: "name",
  initContainers: "name",
  env: "name",
  volumes: "name",
  imagePullSecrets: "name",
  volumeMounts: "mountPath",
  ports: "containerPort",
  ownerReferences: "uid",
  conditions: "type",
  taints: "key",
};

/**
 * Strategic merge patch, as far as kubectl's `apply`, `annotate`, `label`, `cordon` and `edit` use it: lists of {@link MERGE_KEYS} merge
 * by key, finalizers as a set, and the directives `$patch`, `$deleteFromPrimitiveList`, `$retainKeys` and `$setElementOrder` are understood.
 */
export function strategicMergePatch(target: Json, patch: Json): Json {
  if (!isRecord(patch)) return patch;
  if (patch.$patch === "replace") return withoutDirectives(patch);
  const result: Record<string, Json> = isRecord(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith("$deleteFromPrimitiveList/")) {
      const list = key.slice("$deleteFromPrimitiveList/".length);
      result[list] = asList(result[list]).filter((item) => !asList(value).includes(item));
    } else if (key === "$retainKeys") {
      const kept = new Set(asList(value));
      for (const other of Object.keys(result)) if (!kept.has(other)) delete result[other];
    } else if (key.startsWith("$")) {
      continue;
    } else if (value === null) {
      delete result[key];
    } else if (Array.isArray(value)) {
      result[key] = mergeLists(key, asList(result[key]), value);
    } else {
      result[key] = strategicMergePatch(result[key], value);
    }
  }
  return result;
}

function mergeLists(name: string, target: readonly Json[], patch: readonly Json[]): readonly Json[] {
  if (name === "finalizers") return [...patch, ...target.filter((item) => !patch.includes(item))];
  const mergeKey = MERGE_KEYS[name];
  if (mergeKey === undefined) return patch;
  let result = [...target];
  for (const item of patch) {
    if (!isRecord(item)) return patch;
    if (item.$patch === "replace") return patch.filter((other) => other !== item);
    const at = result.findIndex((other) => isRecord(other) && other[mergeKey] === item[mergeKey]);
    if (item.$patch === "delete") result = result.filter((_, index) => index !== at);
    else if (at === -1) result.push(withoutDirectives(item));
    else result[at] = strategicMergePatch(result[at], item);
  }
  return result;
}

function withoutDirectives(value: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith("$")));
}

function asList(value: Json): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

/**
 * RFC 6902, with the API server's ways (tried on 1.34.4): `replace` of a missing key adds it, `test` of a missing key against null holds.
 *
 * @throws {ApiError} 400 when it is no list; 422 when an operation does not apply or a test fails.
 */
export function jsonPatch(target: Json, patch: Json): Json {
  if (!Array.isArray(patch)) {
    throw badRequest(
      "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
    );
  }
  let document = structuredClone(target);
  for (const operation of patch as readonly Json[]) document = applyOperation(document, operation);
  return document;
}

function applyOperation(document: Json, operation: Json): Json {
  if (!isRecord(operation) || typeof operation.path !== "string") throw patchDoesNotApply();
  const path = pointer(operation.path);
  switch (operation.op) {
    case "test":
      if (!isDeepStrictEqual(read(document, path) ?? null, operation.value ?? null)) throw patchDoesNotApply();
      return document;
    case "add":
      return write(document, path, operation.value, "insert");
    case "replace":
      return write(document, path, operation.value, "overwrite");
    case "remove":
      return remove(document, path);
    case "copy":
    case "move": {
      if (typeof operation.from !== "string") throw patchDoesNotApply();
      const from = pointer(operation.from);
      const value = structuredClone(read(document, from));
      if (value === undefined) throw patchDoesNotApply();
      return write(operation.op === "move" ? remove(document, from) : document, path, value, "insert");
    }
    default:
      throw patchDoesNotApply();
  }
}

/** RFC 6901. */
function pointer(text: string): readonly string[] {
  if (text !== "" && !text.startsWith("/")) throw patchDoesNotApply();
  return text
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function read(document: Json, path: readonly string[]): Json {
  let value = document;
  for (const step of path) {
    if (Array.isArray(value)) value = (value as readonly Json[])[Number(step)];
    else value = isRecord(value) ? value[step] : undefined;
  }
  return value;
}

function write(document: Json, path: readonly string[], value: Json, how: "insert" | "overwrite"): Json {
  const last = path.at(-1);
  if (last === undefined) return value;
  const parent = read(document, path.slice(0, -1));
  if (Array.isArray(parent)) {
    const index = last === "-" ? parent.length : Number(last);
    if (!Number.isInteger(index) || index < 0 || index > parent.length) throw patchDoesNotApply();
    parent.splice(index, how === "insert" ? 0 : 1, value);
  } else if (isRecord(parent)) {
    (parent as Record<string, Json>)[last] = value;
  } else {
    throw patchDoesNotApply();
  }
  return document;
}

function remove(document: Json, path: readonly string[]): Json {
  const last = path.at(-1);
  const parent = read(document, path.slice(0, -1));
  if (last === undefined || read(document, path) === undefined) throw patchDoesNotApply();
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete (parent as Record<string, Json>)[last];
  return document;
}
