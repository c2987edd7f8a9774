import { isDeepStrictEqual } from "node:util";
import type { JobObject, KubeObject, PodObject } from "../../objects.ts";
import type { Resource } from "../../resources.ts";
import type { Cause } from "../api-error.ts";
import { isRecord } from "../selectors.ts";
import { forbiddenField, invalidValue, required, tooLong, validateMetadata } from "./validate-metadata.ts";
import { validateJob, validateJobChange, validatePodChange, validatePodSpec } from "./validate-workload.ts";

const CONFIG_KEY = /^[-._a-zA-Z0-9]+$/;
const CONFIG_KEY_RULE =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
/** Bytes, decoded, of all keys of a Secret or ConfigMap together. */
const LARGEST_DATA = 1_048_576;

/** Everything that is wrong with an object that is about to be made; empty when it may be. */
export function validateNew(resource: Resource, object: KubeObject): readonly Cause[] {
  return [...validateMetadata(resource, object), ...validateContent(resource, object)];
}

/** Everything that is wrong with a change; empty when it may be made. */
export function validateChange(resource: Resource, object: KubeObject, previous: KubeObject): readonly Cause[] {
  return [
    ...immutable(object.metadata.uid, previous.metadata.uid, "metadata.uid"),
    ...validateMetadata(resource, object),
    ...validateFinalizersOfDeleted(object, previous),
    ...validateContentChange(resource, object, previous),
  ];
}

function validateContent(resource: Resource, object: KubeObject): readonly Cause[] {
  switch (resource.name) {
    case "secrets":
    case "configmaps":
      return validateData(object.data);
    case "jobs":
      return validateJob(object as JobObject);
    case "pods":
      return validatePodSpec((object as PodObject).spec, "spec");
    case "leases":
      return validateLease(object);
    case "events":
      return validateEvent(object);
    case "namespaces":
    case "nodes":
    case "serviceaccounts":
      return [];
  }
}

function validateContentChange(resource: Resource, object: KubeObject, previous: KubeObject): readonly Cause[] {
  switch (resource.name) {
    case "secrets":
      return [
        ...immutable(object.type, previous.type, "type"),
        ...validateImmutableData(object, previous),
        ...validateData(object.data),
      ];
    case "configmaps":
      return [...validateImmutableData(object, previous), ...validateData(object.data)];
    case "jobs":
      return validateJobChange(object as JobObject, previous as JobObject);
    case "pods":
      return validatePodChange(object as PodObject, previous as PodObject);
    default:
      return validateContent(resource, object);
  }
}

function validateData(data: unknown): readonly Cause[] {
  if (!isRecord(data)) return [];
  const size = Object.values(data).reduce<number>((sum, value) => sum + Buffer.byteLength(String(value), "base64"), 0);
  return [
    ...Object.keys(data)
      .filter((key) => !CONFIG_KEY.test(key))
      .map((key) => invalidValue(`data[${key}]`, key, CONFIG_KEY_RULE)),
    ...(size > LARGEST_DATA ? [tooLong("data", LARGEST_DATA)] : []),
  ];
}

function validateImmutableData(object: KubeObject, previous: KubeObject): readonly Cause[] {
  if (previous.immutable !== true) return [];
  const rule = "field is immutable when `immutable` is set";
  return [
    ...(object.immutable === true ? [] : [forbiddenField("immutable", rule)]),
    ...(isDeepStrictEqual(object.data ?? {}, previous.data ?? {}) ? [] : [forbiddenField("data", rule)]),
  ];
}

function validateLease({ spec }: KubeObject): readonly Cause[] {
  const seconds = isRecord(spec) ? spec.leaseDurationSeconds : undefined;
  if (typeof seconds !== "number" || seconds > 0) return [];
  return [invalidValue("spec.leaseDurationSeconds", seconds, "must be greater than 0")];
}

function validateEvent({ involvedObject, metadata }: KubeObject): readonly Cause[] {
  if (!isRecord(involvedObject)) return [required("involvedObject")];
  const namespace = typeof involvedObject.namespace === "string" ? involvedObject.namespace : "";
  const expected = namespace === "" ? "default" : namespace;
  if (metadata.namespace === expected) return [];
  return [invalidValue("involvedObject.namespace", namespace, "does not match event.namespace")];
}

function validateFinalizersOfDeleted({ metadata }: KubeObject, previous: KubeObject): readonly Cause[] {
  if (previous.metadata.deletionTimestamp === undefined) return [];
  const before = previous.metadata.finalizers ?? [];
  const added = (metadata.finalizers ?? []).filter((finalizer) => !before.includes(finalizer));
  if (added.length === 0) return [];
  const list = `[]string{${added.map((finalizer) => JSON.stringify(finalizer)).join(", ")}}`;
  return [
    forbiddenField(
      "metadata.finalizers",
      `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`,
    ),
  ];
}

function immutable(after: unknown, before: unknown, field: string): readonly Cause[] {
  return after === before ? [] : [invalidValue(field, String(after), "field is immutable")];
}
